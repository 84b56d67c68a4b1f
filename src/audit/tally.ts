/**
 * What is counted in one pass over a tensor's values: moments, range, and how many values fall into each of 65,536 bins.
 * Tallies of pieces are always merged in the order of the pieces, so that the number of threads cannot change a digit.
 */
import { BITS, type FileType } from "../checkpoint/safetensors.js";
import { type CountOperations, TWINS } from "../engine/counting.js";
import type { Sums } from "../kernel/counting.js";
import type { Scale } from "./pattern.js";

/** Number of values in this many bytes. A complex number is two values. */
export const valuesIn = (bytes: number, type: FileType): number => (8 * bytes) / bitsOf(type);
export const bitsOf = (type: FileType): number => (type === "C64" ? 32 : BITS[type]);

export const BINS = 65536;
/** Number of values, for types of more than 16 bits, among which different values are counted. */
export const SAMPLES = 8192;
/** Number of values whose signs show whether two tensors come from one draw. */
export const SIGNS = 64;

/** Sums over the finite values. */
export interface Moments {
  finite: number;
  /** NaN and infinities. */
  nonFinite: number;
  infinite: number;
  zeros: number;
  sum: number;
  squares: number;
  min: number;
  max: number;
}

export interface Tally {
  readonly moments: Moments;
  /** Two tables that add up, one after the other. Indexed by the pattern of a value, or by its first 16 bits. */
  readonly bins: Uint32Array;
}

/** How many values were counted in a bin. */
const inBin = (bins: Tally["bins"], pattern: number): number =>
  (bins[pattern] as number) + (bins[BINS + pattern] as number);

/** The number of values in each bin, of both tables. */
export function countsOf(bins: Tally["bins"]): Float64Array<ArrayBuffer> {
  const counts = new Float64Array(BINS);
  for (let pattern = 0; pattern < BINS; ++pattern) counts[pattern] = inBin(bins, pattern);
  return counts;
}

/**
 * Adds the second table to the first one, which then has the number of values in each bin. Most bins are empty: as doubles, two are
 * looked at at once.
 */
export function inFirstTable(bins: Tally["bins"]): Tally["bins"] {
  const pairs = new Float64Array(bins.buffer, bins.byteOffset, BINS);
  for (let pair = 0; pair < BINS / 2; ++pair) {
    if (pairs[BINS / 2 + pair] === 0) continue;
    bins[2 * pair] = inBin(bins, 2 * pair);
    bins[2 * pair + 1] = inBin(bins, 2 * pair + 1);
  }
  return bins.fill(0, BINS);
}

export const emptyMoments = (): Moments => ({
  ...{ finite: 0, nonFinite: 0, infinite: 0, zeros: 0, sum: 0, squares: 0 },
  ...{ min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY },
});

/** Adds `part` to `total`. */
export function merge(total: Moments, part: Moments): void {
  for (const key of ["finite", "nonFinite", "infinite", "zeros", "sum", "squares"] as const) total[key] += part[key];
  total.min = Math.min(total.min, part.min);
  total.max = Math.max(total.max, part.max);
}

/** Values counted at a time. A run with values that are not finite is counted twice, so it is short. */
const RUN_VALUES = 16384;

/** Counts values, as they lie in a file, into bins and moments. */
export type Counter = (bytes: Uint8Array<ArrayBufferLike>, tally: Tally) => void;

/**
 * The counter of a type. Its `bytes` must begin at a multiple of 8.
 *
 * @param counting what counts. Kernels need bytes and bins of their own memory.
 */
export function counter(type: FileType, counting: CountOperations = TWINS): Counter {
  switch (type) {
    case "F32":
    case "C64": // real and imaginary parts, one by one
      return ({ buffer, byteOffset, byteLength }, tally) =>
        countFloats(new Float32Array(buffer, byteOffset, byteLength / 4), tally, counting.count32);
    case "F64":
      return ({ buffer, byteOffset, byteLength }, tally) =>
        countFloats(new Float64Array(buffer, byteOffset, byteLength / 8), tally, counting.count64);
    case "I32":
    case "U32":
    case "I64":
    case "U64":
      return (bytes, tally) => countIntegers(integersOf(type, bytes), tally.moments);
    case "F4":
      return (bytes, { bins }) => {
        for (const byte of bytes) {
          add(bins, byte & 15);
          add(bins, byte >> 4);
        }
      };
    case "F6_E2M3":
    case "F6_E3M2":
      return countSixes;
    default:
      if (BITS[type] === 16) {
        return ({ buffer, byteOffset, byteLength }, { bins }) =>
          countHalves(new Uint16Array(buffer, byteOffset, byteLength / 2), bins, counting);
      }
      return (bytes, { bins }) => {
        for (const byte of bytes) add(bins, byte);
      };
  }
}

function add(bins: Tally["bins"], pattern: number): void {
  bins[pattern] = (bins[pattern] as number) + 1;
}

function countHalves(patterns: Uint16Array, bins: Tally["bins"], { count16 }: CountOperations): void {
  const even = patterns.length & ~1;
  count16(patterns.subarray(0, even), bins);
  if (even < patterns.length) add(bins, patterns[even] as number);
}

/** Three bytes hold four values of 6 bits, the first one in the lowest bits. */
function countSixes(bytes: Uint8Array, { bins }: Tally): void {
  for (let i = 0; i + 2 < bytes.length; i += 3) {
    const word = (bytes[i] as number) | ((bytes[i + 1] as number) << 8) | ((bytes[i + 2] as number) << 16);
    for (let shift = 0; shift < 24; shift += 6) add(bins, (word >> shift) & 63);
  }
}

function countFloats<F extends Float32Array | Float64Array>(
  values: F,
  tally: Tally,
  count: (values: F, bins: Tally["bins"]) => Sums,
): void {
  for (let begin = 0; begin < values.length; begin += RUN_VALUES) {
    merge(tally.moments, countRun(values.subarray(begin, begin + RUN_VALUES) as F, tally.bins, count));
  }
}

function countRun<F extends Float32Array | Float64Array>(
  run: F,
  bins: Tally["bins"],
  count: (values: F, bins: Tally["bins"]) => Sums,
): Moments {
  const zeros = zerosBinned(bins);
  const even = run.length & ~1;
  const { sum, squares, least: min, greatest: max } = count(run.subarray(0, even) as F, bins);
  let sums: Moments = { ...emptyMoments(), finite: even, sum, squares, min, max };
  if (even < run.length) {
    add(bins, lastHalf(run));
    merge(sums, sumsOf(run.subarray(even)));
  }
  if (!Number.isFinite(sums.sum)) {
    sums = sumsOf(Float64Array.from(run).filter(Number.isFinite));
    sums.infinite = run.filter((value) => Math.abs(value) === Number.POSITIVE_INFINITY).length;
  }
  if (zerosBinned(bins) !== zeros) sums.zeros = zerosOf(run);
  sums.nonFinite = run.length - sums.finite;
  return sums;
}

/** The first 16 bits of the last value, which are the last ones in memory. */
const lastHalf = ({ buffer, byteOffset, byteLength }: Float32Array | Float64Array): number =>
  new Uint16Array(buffer, byteOffset + byteLength - 2, 1)[0] as number;

/** Zeros, and numbers so small that their first 16 bits are those of a zero. */
const zerosBinned = (bins: Tally["bins"]): number => inBin(bins, 0) + inBin(bins, 0x8000);

function zerosOf(values: Float32Array | Float64Array): number {
  let zeros = 0;
  for (let i = 0; i < values.length; ++i) if (values[i] === 0) zeros += 1;
  return zeros;
}

function sumsOf(values: Float32Array | Float64Array): Moments {
  const moments = { ...emptyMoments(), finite: values.length };
  for (const value of values) {
    moments.sum += value;
    moments.squares += value * value;
    moments.min = Math.min(moments.min, value);
    moments.max = Math.max(moments.max, value);
  }
  return moments;
}

type Integers = Int32Array | Uint32Array | BigInt64Array | BigUint64Array;

function integersOf(type: "I32" | "U32" | "I64" | "U64", bytes: Uint8Array<ArrayBufferLike>): Integers {
  const kind = { I32: Int32Array, U32: Uint32Array, I64: BigInt64Array, U64: BigUint64Array }[type];
  return new kind(bytes.buffer as ArrayBuffer, bytes.byteOffset, (8 * bytes.byteLength) / BITS[type]);
}

function countIntegers(integers: Integers, moments: Moments): void {
  const values = new Float64Array(integers.length);
  for (let i = 0; i < integers.length; ++i) values[i] = Number(integers[i]);
  const sums = sumsOf(values);
  sums.zeros = zerosOf(values);
  merge(moments, sums);
}

/** The bins that are not empty: their ranks in the scale's order, ascending, and how many values each has. */
export interface Filled {
  readonly ranks: Uint32Array<ArrayBuffer>;
  readonly counts: Float64Array<ArrayBuffer>;
}

/** Memory that `filledOf` uses again: new memory for every piece takes longer than looking at all bins. */
let found: Filled | undefined;

/** Leaves out NaN and infinities, which have no rank. @param counted the number of values in each bin. */
export function filledOf(counted: ArrayLike<number>, { order }: Scale): Filled {
  found ??= { ranks: new Uint32Array(BINS), counts: new Float64Array(BINS) };
  const { ranks, counts } = found;
  let used = 0;
  for (let rank = 0; rank < order.length; ++rank) {
    const count = counted[order[rank] as number] as number;
    if (count === 0) continue;
    ranks[used] = rank;
    counts[used++] = count;
  }
  return { ranks: ranks.slice(0, used), counts: counts.slice(0, used) };
}

/**
 * Like `filledOf`, but also empties the bins. If there are many bins, it looks only at those of the values in `runs`.
 *
 * @param runs all values that were counted, at even offsets.
 */
export function takeFilled(bins: Uint32Array, runs: readonly Uint8Array[], type: FileType, scale: Scale): Filled {
  const halves = bitsOf(type) / 16; // of a value; the last one is its bin
  if (halves < 1) {
    const filled = filledOf(bins, scale); // such bins are all in the first table
    bins.fill(0, 0, 256);
    return filled;
  }
  const counts = new Map<number, number>(); // by rank
  for (const { buffer, byteOffset, byteLength } of runs) {
    const patterns = new Uint16Array(buffer, byteOffset, byteLength / 2);
    for (let i = halves - 1; i < patterns.length; i += halves) {
      const pattern = patterns[i] as number;
      const rank = scale.rank[pattern] as number;
      const count = inBin(bins, pattern);
      if (count > 0 && rank >= 0) counts.set(rank, count);
      bins[pattern] = 0;
      bins[BINS + pattern] = 0;
    }
  }
  const ranks = Uint32Array.from(counts.keys()).sort();
  return { ranks, counts: Float64Array.from(ranks, (rank) => counts.get(rank) as number) };
}

export function mergeFilled(parts: readonly Filled[], scale: Scale): Filled {
  if (parts.length === 1) return parts[0] as Filled;
  const counted = new Float64Array(BINS);
  for (const { ranks, counts } of parts) {
    for (let i = 0; i < ranks.length; ++i) {
      const pattern = scale.order[ranks[i] as number] as number;
      counted[pattern] = (counted[pattern] as number) + (counts[i] as number);
    }
  }
  return filledOf(counted, scale);
}

/**
 * The moments of values that are known by their patterns alone.
 *
 * @param total their number, NaN and infinities included.
 * @param infinite how many of them are infinite.
 */
export function momentsOf({ ranks, counts }: Filled, total: number, { low }: Scale, infinite = 0): Moments {
  const moments = emptyMoments();
  for (let i = 0; i < ranks.length; ++i) {
    const count = counts[i] as number;
    const value = low[ranks[i] as number] as number;
    moments.finite += count;
    moments.sum += count * value;
    moments.squares += count * value * value;
    if (value === 0) moments.zeros += count;
    moments.min = Math.min(moments.min, value);
    moments.max = Math.max(moments.max, value);
  }
  moments.nonFinite = total - moments.finite;
  moments.infinite = infinite;
  return moments;
}

/** How many values are infinite, of a type whose bins are single values. */
export const infiniteIn = (bins: Tally["bins"], { infinities }: Scale): number =>
  infinities.reduce((sum, pattern) => sum + inBin(bins, pattern), 0);

/** Whether each bin of the type is one value, so that its values are known by their patterns alone. */
export const isPatterned = (type: FileType): boolean => BITS[type] <= 16;

/** Whether values of the type are real numbers of whole bytes. */
export const hasSpectrum = (type: FileType): boolean =>
  BITS[type] % 8 === 0 && type !== "C64" && !/^[UIB]\d|BOOL/.test(type);
