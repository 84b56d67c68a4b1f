/** Products of matrices of floats, by the kernels of whole matrices: the same bits on either engine. */
import { Arena, memoryOf } from "../arena.js";
import { matmul } from "../kernel/matmul.js";
import type { EngineName } from "./engine.js";
import { kernelsOn } from "./simd.js";

/** A matrix of floats, row-major, or column-major where `transposed`. */
export interface Operand {
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
  readonly transposed?: boolean;
}

export interface Products {
  /** Zeros that products can be made of: as many rows and columns as asked for, and room for the kernels' tiles. */
  matrix(rows: number, columns: number): Float32Array;
  /** So many floats, in the same memory. */
  floats(length: number): Float32Array;
  /** c = a b. Rows of b and c are `columnsOf(columns)` floats apart. */
  multiply(c: Float32Array, a: Operand, b: Float32Array, columns: number): void;
}

/** Sums over more than this are made in turn: the order is the same everywhere, and a slab of b stays in the cache. */
const DEPTH = 256;
const TILE = 64; // rows that are turned at a time

/** Kernels write whole vectors. */
export const columnsOf = (columns: number): number => Math.ceil(columns / 8) * 8;
const rowsOf = (rows: number): number => Math.ceil(rows / 4) * 4;

/** Bytes that a matrix takes. */
export const bytesOfMatrix = (rows: number, columns: number): number => 4 * rowsOf(rows) * columnsOf(columns) + 64;
/** Bytes that products take besides their matrices. */
export const BYTES_BESIDES = 4 * DEPTH * TILE + 65536;

/** @param bytes of all matrices together, as `bytesOfMatrix` counts them. */
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
      const part = Math.min(DEPTH, depth - k);
      if (!transposed) step(c, 0, values, k, b, k * width, rows, width, part, depth);
      else {
        // Read down its columns a matrix is slow: turned in tiles that stay in the cache it is nearly as fast (measured).
        for (let i = 0; i < rows; i += TILE) {
          const count = Math.min(TILE, rows - i);
          for (let y = 0; y < part; ++y) {
            const from = (k + y) * rows + i;
            for (let x = 0; x < count; ++x) turned[x * part + y] = values[from + x] as number;
          }
          step(c, i * width, turned, 0, b, k * width, count, width, part, part);
        }
      }
    }
  }

  /** c += a b, of parts that begin at these elements. */
  function step(
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
