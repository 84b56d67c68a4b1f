/**
 * Finds values in a weight's place that no training made, such as the Fourier basis of a convolution. The values tell, not the
 * names: rows that mirror themselves, few distinct values, sines whose squares add up to 1.
 */
import type { DType } from "../../dtype.js";
import { floatOfBrain, floatOfHalf } from "../../format/convert.js";
import { sizeOf } from "../../shape.js";
import { payloadBytes } from "./payload.js";

/** The most bytes of a tensor that are looked at. */
const LOOKED_BYTES = 0x4000;

/** How many bytes are looked at: whole rows, unless one is longer. */
export function lookedBytes(dtype: DType, dims: readonly number[], row: number): number {
  const all = payloadBytes(dtype, dims);
  const rowBytes = (all / Math.max(1, sizeOf(dims))) * row;
  return Math.min(all, Math.max(1, Math.floor(LOOKED_BYTES / Math.max(1, rowBytes))) * rowBytes, LOOKED_BYTES);
}

/** The numbers of little-endian bytes. */
export function floatsOf(dtype: DType, bytes: Uint8Array): ArrayLike<number> {
  const { buffer } = Uint8Array.from(bytes);
  if (dtype === "f32") return new Float32Array(buffer, 0, bytes.length >> 2);
  if (dtype === "f64") return new Float64Array(buffer, 0, bytes.length >> 3);
  return Array.from(new Uint16Array(buffer, 0, bytes.length >> 1), dtype === "bf16" ? floatOfBrain : floatOfHalf);
}

const LEAST_VALUES = 16; // fewer say nothing by how many of them differ
const LEAST_ROW = 5;
const MOST_ROW = 8192;
const MOST_DISTINCT = 3;
const MOSTLY = 0.9; // share of the rows
const CLOSE = 1e-3; // of the largest value of a row; a basis may be rounded to f16

/**
 * What shows that values are fixed, in words; undefined if nothing does.
 *
 * @param row how many values belong together: the positions of a kernel, or a row of a matrix.
 */
export function fixedBecause(values: ArrayLike<number>, row: number): string | undefined {
  const { length } = values;
  const { distinct, zeros, negative, finite, first } = countsOf(values);
  if (!finite) return "it has infinite values or NaN, as a mask";
  if (distinct === 1) return length < LEAST_VALUES || first === 0 ? undefined : `all its values are ${first}`; // 0: a last layer may begin so
  if (distinct <= MOST_DISTINCT && length >= LEAST_VALUES) return `it has only ${distinct} different values`;
  if (length >= LEAST_VALUES && negative === 0 && zeros > length / 2)
    return "most of its values are 0 and none is negative, as in a bank of filters";
  const rows = row < LEAST_ROW || row > MOST_ROW ? 0 : Math.floor(length / row);
  if (rows === 0) return undefined;
  let [mirrored, waves, counted] = [0, 0, 0];
  for (let i = 0; i < rows; ++i) {
    const begin = i * row;
    const most = largest(values, begin, row);
    if (most === 0) continue;
    counted += 1;
    if (isMirrored(values, begin, row, most * CLOSE)) mirrored += 1;
    if (isWave(values, begin, row)) waves += 1;
  }
  if (counted === 0) return undefined;
  if (mirrored >= MOSTLY * counted)
    return "its rows mirror themselves, as those of a Fourier basis or a smoothing filter";
  if (rows > 1 && waves >= MOSTLY * counted) return "its rows are sines and cosines of positions";
  return undefined;
}

function countsOf(values: ArrayLike<number>) {
  const distinct = new Set<number>();
  let [zeros, negative, finite] = [0, 0, true];
  for (let i = 0; i < values.length; ++i) {
    const value = values[i] as number;
    if (distinct.size <= MOST_DISTINCT) distinct.add(value + 0);
    if (value === 0) zeros += 1;
    else if (value < 0) negative += 1;
    if (!Number.isFinite(value)) finite = false;
  }
  return { distinct: distinct.size, zeros, negative, finite, first: values[0] as number };
}

function largest(values: ArrayLike<number>, begin: number, row: number): number {
  let most = 0;
  for (let i = begin; i < begin + row; ++i) most = Math.max(most, Math.abs(values[i] as number));
  return most;
}

/** Whether a row read backwards is itself or its negative: from its last value, or with its first one left out. */
function isMirrored(values: ArrayLike<number>, begin: number, row: number, close: number): boolean {
  return [0, 1].some((skipped) => [1, -1].some((sign) => mirrors(values, begin + skipped, row - skipped, sign, close)));
}

function mirrors(values: ArrayLike<number>, begin: number, count: number, sign: number, close: number): boolean {
  for (let i = 0; i < count >> 1; ++i) {
    const [low, high] = [values[begin + i] as number, values[begin + count - 1 - i] as number];
    if (!(Math.abs(low - sign * high) <= close)) return false;
  }
  return true;
}

/** Whether a row has as many sines as cosines of the same angles, so that its squares add up to half its length. */
function isWave(values: ArrayLike<number>, begin: number, row: number): boolean {
  let squares = 0;
  for (let i = begin; i < begin + row; ++i) squares += (values[i] as number) * (values[i] as number);
  return Math.abs(squares - row / 2) <= CLOSE * row;
}
