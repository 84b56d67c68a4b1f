/** Products of matrices of floats, by the kernels of orthogonal matrices: the same bits on either engine. */
import { Arena, memoryOf } from "../arena.js";
import { matmul } from "../kernel/matmul.js";
import type { EngineName } from "./engine.js";
import { kernelsOn } from "./simd.js";

/** A matrix of floats, row-major; column-major if `transposed`. */
export interface Operand {
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
  readonly transposed?: boolean;
}

export interface Products {
  /** Memory of zeros for a matrix that is multiplied or written by `multiply`, with room for the kernels' tiles. */
  matrix(rows: number, columns: number): Float32Array;
  /** `length` floats in the same memory, for the values of an operand. */
  floats(length: number): Float32Array;
  /** c = a b. The rows of b and of c are `columnsOf(columns)` floats apart. */
  multiply(c: Float32Array, a: Operand, b: Float32Array, columns: number): void;
}

/** Longer sums are made in slices of this length: the order is the same everywhere, and a slice of b stays in the cache. */
const DEPTH = 256;
const TILE = 64; // rows of a transposed operand that are turned at a time

/** Floats from row to row: kernels write whole vectors. */
export const columnsOf = (columns: number): number => Math.ceil(columns / 8) * 8;
const rowsOf = (rows: number): number => Math.ceil(rows / 4) * 4;

/** Bytes that a matrix takes. */
export const bytesOfMatrix = (rows: number, columns: number): number => 4 * rowsOf(rows) * columnsOf(columns) + 64;
/** Bytes that products take besides their matrices. */
export const BYTES_BESIDES = 4 * DEPTH * TILE + 65536;

/** @param bytes of all matrices and floats together; `bytesOfMatrix` counts those of one matrix. */
export function products(engine: EngineName, bytes: number): Products {
  const arena = new Arena(bytes + BYTES_BESIDES);
  const turned = arena.allocate(DEPTH * TILE);
  const matrix = (rows: number, columns: number) => arena.allocate(rowsOf(rows) * columnsOf(columns));
  const floats = (length: number) => arena.allocate(length);
  const memory = memoryOf(arena.buffer);
  const kernels = engine === "simd" && memory !== undefined ? kernelsOn(memory) : undefined;

  function multiply(c: Float32Array, a: Operand, b: Float32Array, columns: number): void {
    const width = columnsOf(columns);
    const { values, rows, columns: depth, transposed = false } = a;
    c.fill(0);
    for (let k = 0; k < depth; k += DEPTH) {
      const terms = Math.min(DEPTH, depth - k);
      if (!transposed) addProduct(c, 0, values, k, b, k * width, rows, width, terms, depth);
      else {
        // Reading a matrix down its columns is slow. Turned in tiles that stay in the cache it is nearly as fast as one that
        // is not transposed (measured).
        for (let i = 0; i < rows; i += TILE) {
          const count = Math.min(TILE, rows - i);
          for (let y = 0; y < terms; ++y) {
            const from = (k + y) * rows + i;
            for (let x = 0; x < count; ++x) turned[x * terms + y] = values[from + x] as number;
          }
          addProduct(c, i * width, turned, 0, b, k * width, count, width, terms, terms);
        }
      }
    }
  }

  /** c += a b, for matrices that begin at these elements of their arrays. */
  function addProduct(
    ...[c, atC, a, atA, b, atB, rows, columns, depth, rowsA]: [
      ...[Float32Array, number, Float32Array, number, Float32Array, number],
      ...[number, number, number, number],
    ]
  ): void {
    if (kernels === undefined) {
      const strides = { strideC: columns, rowsA, depthA: 1, strideB: columns, subtract: false };
      matmul({ c, a, b, atC, atA, atB, rows, columns, depth, ...strides });
      return;
    }
    kernels.matmul32(
      ...([c.byteOffset + 4 * atC, a.byteOffset + 4 * atA, b.byteOffset + 4 * atB, rowsOf(rows)] as const),
      ...([columns, depth, 4 * columns, 4 * rowsA, 4, 4 * columns, 0] as const),
    );
  }

  return { matrix, floats, multiply };
}
