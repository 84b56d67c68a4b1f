/**
 * The product of a matrix and a transposed one, C = A B': the gradient of a weight. Every element is a sum over the depth, in
 * order; longer sums are made in slices.
 * Twin: assembly/transposed.ts.
 */
import type { Floats } from "./matmul.js";

const f32 = Math.fround;
const DEPTH = 256; // terms of a slice

/** Of the product: rows and columns of C, terms of each sum, and elements from row to row, of C and of both factors. */
export interface TransposedSize {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly strideC: number;
  readonly stride: number;
}

/** Computes C = A B', for A of rows x depth and B of columns x depth. What lies between the rows of C becomes 0. */
export function multiplyTransposed(c: Floats, a: Floats, b: Floats, size: TransposedSize): void {
  const { rows, columns, depth, strideC, stride } = size;
  const single = c instanceof Float32Array;
  c.fill(0, 0, rows * strideC);
  for (let first = 0; first < depth; first += DEPTH) {
    const last = Math.min(depth, first + DEPTH);
    for (let i = 0; i < rows; ++i) {
      for (let j = 0; j < columns; ++j) {
        let sum = 0;
        for (let k = first, x = i * stride + k, y = j * stride + k; k < last; ++k, ++x, ++y) {
          const term = (a[x] as number) * (b[y] as number);
          sum = single ? f32(sum + f32(term)) : sum + term;
        }
        const at = i * strideC + j;
        c[at] = (c[at] as number) + sum;
      }
    }
  }
}
