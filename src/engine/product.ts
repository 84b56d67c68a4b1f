/** Products of matrices of floats, by the kernels of orthogonal matrices: the same bits on either engine. */
import { Arena, memoryOf } from "../arena.js";
import { type Floats, matmul, type Product } from "../kernel/matmul.js";
import type { EngineName } from "./engine.js";
import { kernelsOn } from "./simd.js";

/** A matrix of floats, row-major; column-major if `transposed`. */
export interface Operand<F extends Floats = Float32Array> {
  readonly values: F;
  readonly rows: number;
  readonly columns: number;
  readonly transposed?: boolean;
  /** Floats from row to row as they are stored. Default: the rows are adjacent. */
  readonly stride?: number;
}

export interface Products<F extends Floats = Float32Array> {
  /** Memory of zeros for a matrix that is multiplied or written by `multiply`, with room for the kernels' tiles. */
  matrix(rows: number, columns: number): F;
  /** `length` floats in the same memory, for the values of an operand. */
  floats(length: number): F;
  /** c = a b. The rows of b and of c are `columnsOf(columns)` floats apart. */
  multiply(c: F, a: Operand<F>, b: F, columns: number): void;
  /** c += a b. @param first what is done with the first slice of each sum, instead of adding it. */
  accumulate(c: F, a: Operand<F>, b: F, columns: number, first?: (product: AddedProduct) => void): void;
  /** Scratch of 16,384 floats. */
  readonly turned: F;
  /** @internal The memory, if the kernels multiply. */
  readonly memory: WebAssembly.Memory | undefined;
}

/** c += a b, for matrices that begin at these elements of their arrays. */
export type AddedProduct = Omit<Product, "subtract">;

/** Longer sums are made in slices of this length: the order is the same everywhere, and a slice of b stays in the cache. */
const DEPTH = 256;
const TILE = 64; // rows of a transposed operand that are turned at a time
const IN_CACHE = 512 * 512; // floats of an operand that the second-level cache holds

/** Floats from row to row: kernels write whole vectors. */
export const columnsOf = (columns: number): number => Math.ceil(columns / 8) * 8;
export const rowsOf = (rows: number): number => Math.ceil(rows / 4) * 4;

/** Bytes that a matrix of f32 takes. */
export const bytesOfMatrix = (rows: number, columns: number): number => 4 * rowsOf(rows) * columnsOf(columns) + 64;
/** Bytes that products of f32 take besides their matrices. */
export const BYTES_BESIDES = 4 * DEPTH * TILE + 65536;

/** @param bytes of all matrices and floats together; `bytesOfMatrix` counts those of one matrix. */
export function products(engine: EngineName, bytes: number): Products;
/** @param bytes as if they were f32. */
export function products(engine: EngineName, bytes: number, dtype: "f64"): Products<Float64Array>;
export function products(engine: EngineName, bytes: number, dtype: "f32" | "f64" = "f32"): Products<Floats> {
  const size = dtype === "f32" ? 4 : 8;
  const arena = new Arena((size / 4) * (bytes + BYTES_BESIDES));
  const floats = (length: number): Floats => arena.allocate(length, dtype);
  const turned = floats(DEPTH * TILE);
  const matrix = (rows: number, columns: number) => floats(rowsOf(rows) * columnsOf(columns));
  const memory = memoryOf(arena.buffer);
  const kernels = engine === "simd" && memory !== undefined ? kernelsOn(memory) : undefined;
  const kernel = dtype === "f32" ? kernels?.matmul32 : kernels?.matmul64;

  function multiply(c: Floats, a: Operand<Floats>, b: Floats, columns: number): void {
    c.fill(0);
    accumulate(c, a, b, columns);
  }

  function accumulate(c: Floats, a: Operand<Floats>, b: Floats, columns: number, first = add): void {
    const width = columnsOf(columns);
    const { values, rows, columns: depth, transposed = false } = a;
    const { stride = transposed ? rows : depth } = a;
    for (let k = 0; k < depth; k += DEPTH) {
      const terms = Math.min(DEPTH, depth - k);
      const multiplySlice = k === 0 ? first : add;
      const second = { b, atB: k * width, strideB: width, columns: width, depth: terms, strideC: width, depthA: 1 };
      if (!transposed) multiplySlice({ ...second, c, atC: 0, a: values, atA: k, rows, rowsA: stride });
      else if (stride * depth <= IN_CACHE && rows % 4 === 0) {
        multiplySlice({ ...second, c, atC: 0, a: values, atA: k * stride, rows, rowsA: 1, depthA: stride });
      } else {
        // Reading a large matrix down its columns is slow. Turned in tiles that stay in the cache it is nearly as fast as one
        // that is not transposed; while the whole matrix stays there, turning it takes longer than that saves (measured).
        for (let i = 0; i < rows; i += TILE) {
          const count = Math.min(TILE, rows - i);
          turned.fill(0, count * terms, rowsOf(count) * terms); // rows that kernels multiply as well
          for (let y = 0; y < terms; ++y) {
            const from = (k + y) * stride + i;
            for (let x = 0; x < count; ++x) turned[x * terms + y] = values[from + x] as number;
          }
          multiplySlice({ ...second, c, atC: i * width, a: turned, atA: 0, rows: count, rowsA: terms });
        }
      }
    }
  }

  function add(product: AddedProduct): void {
    const { c, a, b, atC, atA, atB, rows, columns, depth, strideC, rowsA, depthA, strideB } = product;
    if (kernel === undefined) {
      matmul({ ...product, subtract: false });
      return;
    }
    kernel(
      ...([c.byteOffset + size * atC, a.byteOffset + size * atA, b.byteOffset + size * atB, rowsOf(rows)] as const),
      ...([columns, depth, size * strideC, size * rowsA, size * depthA, size * strideB, 0] as const),
    );
  }

  return { matrix, floats, multiply, accumulate, turned, memory: kernels === undefined ? undefined : memory };
}
