/**
 * Sums of the rows of a matrix.
 * Twin: assembly/rows.ts.
 */
import type { Floats } from "./matmul.js";

/** to[i] = the sum of row i over its columns, in order, in double precision. The stride is in elements. */
export function sumRows(to: Floats, from: Floats, rows: number, columns: number, stride: number): void {
  for (let i = 0; i < rows; ++i) {
    let sum = 0;
    for (let j = i * stride; j < i * stride + columns; ++j) sum += from[j] as number;
    to[i] = sum;
  }
}
