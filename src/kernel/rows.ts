/**
 * Rows of a matrix: summed, turned into columns.
 * Twin: assembly/rows.ts.
 *
 * Strides are elements from row to row.
 */
import type { Floats } from "./matmul.js";

/** to[i] = the sum of row i over its columns, in order, in double precision. */
export function sumRows(to: Floats, from: Floats, rows: number, columns: number, stride: number): void {
  for (let i = 0; i < rows; ++i) {
    let sum = 0;
    for (let j = i * stride; j < i * stride + columns; ++j) sum += from[j] as number;
    to[i] = sum;
  }
}

/** A block of a matrix, and where it goes. */
export interface TurnedRows {
  readonly to: Floats;
  readonly from: Floats;
  /** Where the block begins. */
  readonly atFrom: number;
  /** Rows of the block, which become columns. */
  readonly rows: number;
  readonly columns: number;
  readonly strideTo: number;
  readonly strideFrom: number;
}

/** to[x, y] = from[y, x] */
export function turnRows({ to, from, atFrom, rows, columns, strideTo, strideFrom }: TurnedRows): void {
  for (let y = 0; y < rows; ++y) {
    const at = atFrom + y * strideFrom;
    for (let x = 0; x < columns; ++x) to[x * strideTo + y] = from[at + x] as number;
  }
}
