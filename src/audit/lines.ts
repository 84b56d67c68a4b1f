/**
 * The norms of a matrix's rows or columns. Those of independent values differ; those of an orthogonal matrix, whose values
 * look as if they were drawn from a normal distribution, are all equal.
 */

import { BITS, type FileType } from "../checkpoint/safetensors.js";
import { upperTail } from "../math/functions.js";
import type { Random } from "../moments.js";
import { sizeOf } from "../shape.js";
import type { Finding } from "./found.js";
import { decodePattern } from "./pattern.js";
import { HALF_STEP } from "./rounding.js";
import { hasSpectrum } from "./tally.js";

/** The first rows of a matrix, or its first columns. */
export interface Lines {
  readonly by: "rows" | "columns";
  /** How many rows or columns. */
  readonly count: number;
  /** The number of values in each of them. */
  readonly length: number;
  /** The distance from a row to the next. */
  readonly stride: number;
}

const MOST_LINES = 64; // whose values are a small share of a large matrix
const LEAST_LENGTH = 3; // for which the density of chi-square has a bound

/**
 * The lines that would have equal norms if the tensor were an orthogonal matrix: along its first axis, its last, or both.
 */
export function linesOf(shape: readonly number[], type: FileType, distribution: Random): readonly Lines[] {
  const elements = sizeOf(shape);
  if (shape.length < 2 || elements === 0 || !hasSpectrum(type) || parentOf(distribution) === undefined) return [];
  const [rows, columns] = [shape[0] as number, shape.at(-1) as number];
  const byRows = { by: "rows", count: Math.min(rows, MOST_LINES), length: elements / rows } as const;
  const byColumns = { by: "columns", count: Math.min(columns, MOST_LINES), length: elements / columns } as const;
  return [
    ...(useful(rows, byRows) ? [{ ...byRows, stride: elements / rows }] : []),
    ...(useful(columns, byColumns) && !(shape.length === 2 && rows === columns)
      ? [{ ...byColumns, stride: columns }]
      : []),
  ];
}

/** There can be no more orthogonal lines than one of them has elements. */
const useful = (all: number, { length }: Pick<Lines, "length">): boolean =>
  all >= 2 && all <= length && length >= LEAST_LENGTH;

/** Adds the squares of values to the sums of the lines that they belong to. @param start index of the first value. */
export function addSquares(
  bytes: Uint8Array<ArrayBuffer>,
  type: FileType,
  start: number,
  { by, count, stride }: Lines,
  sums: Float64Array,
): void {
  const values = valuesOf(bytes, type);
  const { length } = values.stored;
  const width = by === "rows" ? stride : count; // of a row, what counts
  const rows = by === "rows" ? count : Number.POSITIVE_INFINITY;
  let row = Math.floor(start / stride);
  for (let at = row * stride - start; row < rows && at < length; ++row, at += stride) {
    const [begin, end] = [Math.max(at, 0), Math.min(at + width, length)];
    if (by === "rows") sums[row] = withSquares(sums[row] as number, values, begin, end);
    else addEach(sums, begin - at, values, begin, end);
  }
}

/** Values as they are stored: numbers, or patterns whose numbers are in the table. */
interface StoredValues {
  readonly stored: Float64Array | Float32Array | Uint16Array | Uint8Array;
  readonly table: Float64Array | undefined;
}

/** The sum and the squares of values [begin, end). */
function withSquares(sum: number, { stored, table }: StoredValues, begin: number, end: number): number {
  let total = sum;
  for (let i = begin; i < end; ++i) {
    const x = table === undefined ? (stored[i] as number) : (table[stored[i] as number] as number);
    total += x * x;
  }
  return total;
}

/** Adds the square of each of the values [begin, end) to a sum of its own, from one on. */
function addEach(sums: Float64Array, first: number, { stored, table }: StoredValues, begin: number, end: number): void {
  for (let i = begin, line = first; i < end; ++i, ++line) {
    const x = table === undefined ? (stored[i] as number) : (table[stored[i] as number] as number);
    sums[line] = (sums[line] as number) + x * x;
  }
}

const decoded = new Map<FileType, Float64Array>();

function valuesOf({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>, type: FileType): StoredValues {
  if (type === "F64") return { stored: new Float64Array(buffer, byteOffset, byteLength / 8), table: undefined };
  if (BITS[type] >= 32) return { stored: new Float32Array(buffer, byteOffset, byteLength / 4), table: undefined };
  const table =
    decoded.get(type) ?? Float64Array.from({ length: 2 ** BITS[type] }, (_, pattern) => decodePattern(pattern, type));
  decoded.set(type, table);
  const stored =
    BITS[type] === 16
      ? new Uint16Array(buffer, byteOffset, byteLength / 2)
      : new Uint8Array(buffer, byteOffset, byteLength);
  return { stored, table };
}

/** The normal distribution around 0 that values were drawn from, and the share of it that was left out. */
function parentOf(distribution: Random): { readonly std: number; readonly outside: number } | undefined {
  if (distribution.kind === "uniform" || distribution.mean !== 0) return undefined;
  const { kind, std } = distribution;
  return { std, outside: kind === "normal" ? 0 : upperTail(-distribution.low) + upperTail(distribution.high) };
}

/**
 * Whether the norms are less different than independent values make them. The squared norms over the variance are
 * independent, chi-square with `length` degrees, whose density is at most 1 / sqrt(4 pi (length - 2)) (its mode, by
 * Stirling's lower bound of the gamma function). So all of `count` lie within a range r with a probability of at most
 * count (r density)^(count - 1). Values that are truncated are normal values, given that none lies outside.
 *
 * @param squares the sum of squares of each line.
 * @param t as for `checkRandom`.
 */
export function checkLines(
  squares: Float64Array,
  { by, count, length }: Lines,
  distribution: Random,
  type: FileType,
  t: number,
): Finding[] {
  const parent = parentOf(distribution);
  const [least, most] = [Math.min(...squares), Math.max(...squares)];
  if (parent === undefined || !Number.isFinite(most)) return [];
  const { std, outside } = parent;
  const range = (most - least + 2 * roundingOf(most, length, type)) / (std * std);
  const share = Math.min(1, range / Math.sqrt(4 * Math.PI * (length - 2)));
  const unlikely = -(count - 1) * Math.log(share) - Math.log(count) + count * length * Math.log1p(-outside);
  const sentence = `the norms of its ${by} are all alike, as those of an orthogonal matrix`;
  return [{ check: "norms", excess: Math.max(0, unlikely / t), sentence }];
}

/** By how much rounding the values may have changed the sum of squares of a line. */
function roundingOf(squares: number, length: number, type: FileType): number {
  const [relative, smallest] = HALF_STEP[type] ?? [2 ** -2, 2 ** -2];
  const norm = Math.sqrt(squares);
  const moved = (relative * norm + smallest * Math.sqrt(length)) / (1 - relative); // by the triangle inequality
  return 2 * norm * moved + moved * moved;
}
