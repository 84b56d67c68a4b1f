/**
 * What is counted in one pass over a tensor's values: moments, range, and how many values fall into each of 65,536 bins.
 * Tallies of pieces are always merged in the order of the pieces, so that the number of threads cannot change a digit.
 */
import { BITS, type FileType } from "../checkpoint/safetensors.js";
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
  /** Indexed by the pattern of a value, or by its first 16 bits. */
  readonly bins: Uint32Array;
}

export const emptyMoments = (): Moments => ({
  ...{ finite: 0, nonFinite: 0, infinite: 0, zeros: 0, sum: 0, squares: 0 },
  ...{ min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY },
});

/** Adds `part` to `total`. */
export function merge(total: Moments, part: Moments): void {
  for (const key of ["finite", "nonFinite", "infinite", "zeros", "sum", "squares"] as const) {
    total[key] += part[key];
  }
  total.min = Math.min(total.min, part.min);
  total.max = Math.max(total.max, part.max);
}

/** Values counted at a time. A run with values that are not finite is counted twice, so it is short. */
const RUN_VALUES = 16384;

/** Counts values, as they lie in a file, into bins and moments. */
export type Counter = (bytes: Uint8Array<ArrayBufferLike>, tally: Tally) => void;

/** The counter of a type. Its `bytes` must begin at a multiple of 8. */
export function counter(type: FileType): Counter {
  switch (type) {
    case "F32":
    case "C64": // real and imaginary parts, one by one
      return (bytes, tally) => {
        const { buffer, byteOffset, byteLength } = bytes;
        const values = new Float32Array(buffer, byteOffset, byteLength / 4);
        countFloats(values, new Uint32Array(buffer, byteOffset, byteLength / 4), tally);
      };
    case "F64":
      return (bytes, tally) => {
        const { buffer, byteOffset, byteLength } = bytes;
        const values = new Float64Array(buffer, byteOffset, byteLength / 8);
        countFloats(values, new Uint32Array(buffer, byteOffset, byteLength / 4), tally);
      };
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
          countPatterns(new Uint16Array(buffer, byteOffset, byteLength / 2), bins);
      }
      return (bytes, { bins }) => countPatterns(bytes, bins);
  }
}

function add(bins: Tally["bins"], pattern: number): void {
  bins[pattern] = (bins[pattern] as number) + 1;
}

function countPatterns(patterns: Uint8Array | Uint16Array, bins: Tally["bins"]): void {
  for (let i = 0; i < patterns.length; ++i) {
    const pattern = patterns[i] as number;
    bins[pattern] = (bins[pattern] as number) + 1;
  }
}

/** Three bytes hold four values of 6 bits, the first one in the lowest bits. */
function countSixes(bytes: Uint8Array, { bins }: Tally): void {
  for (let i = 0; i + 2 < bytes.length; i += 3) {
    const word = (bytes[i] as number) | ((bytes[i + 1] as number) << 8) | ((bytes[i + 2] as number) << 16);
    for (let shift = 0; shift < 24; shift += 6) add(bins, (word >> shift) & 63);
  }
}

/** @param heads the values as words of 32 bits, two for one of F64. The upper half of a value's last word is its bin. */
function countFloats(values: Float32Array | Float64Array, heads: Uint32Array, { bins, moments }: Tally): void {
  const wide = values instanceof Float64Array;
  for (let begin = 0; begin < values.length; begin += RUN_VALUES) {
    const run = values.subarray(begin, begin + RUN_VALUES);
    const zeros = zerosBinned(bins);
    let sums = countRun(run, wide ? heads.subarray(2 * begin) : heads.subarray(begin), wide ? 1 : 0, bins);
    if (!Number.isFinite(sums.sum)) {
      sums = sumsOf(Float64Array.from(run).filter(Number.isFinite));
      sums.infinite = run.filter((value) => Math.abs(value) === Number.POSITIVE_INFINITY).length;
    }
    if (zerosBinned(bins) !== zeros) sums.zeros = zerosOf(run);
    sums.nonFinite = run.length - sums.finite;
    merge(moments, sums);
  }
}

/** Two values at a time, and one comparison for both ends of the range: twice as fast as the plain loop (measured). */
function countRun(values: Float32Array | Float64Array, heads: Uint32Array, wide: 0 | 1, bins: Tally["bins"]): Moments {
  const even = values.length & ~1;
  let [sum, squares, sum2, squares2] = [0, 0, 0, 0];
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let inside = -1; // a value whose square is at most this lies between min and max
  for (let i = 0; i < even; i += 2) {
    const a = values[i] as number;
    const b = values[i + 1] as number;
    const aa = a * a;
    const bb = b * b;
    sum += a;
    squares += aa;
    sum2 += b;
    squares2 += bb;
    if (aa > inside || bb > inside) {
      min = Math.min(min, a, b);
      max = Math.max(max, a, b);
      inside = min < 0 && max > 0 ? Math.min(min * min, max * max) : -1;
    }
    const p = (heads[(i << wide) + wide] as number) >>> 16;
    bins[p] = (bins[p] as number) + 1;
    const q = (heads[((i + 1) << wide) + wide] as number) >>> 16;
    bins[q] = (bins[q] as number) + 1;
  }
  const counted = {
    finite: even,
    nonFinite: 0,
    infinite: 0,
    zeros: 0,
    sum: sum + sum2,
    squares: squares + squares2,
    min,
    max,
  };
  if (even < values.length) {
    const last = heads[(even << wide) + wide] as number;
    add(bins, last >>> 16);
    merge(counted, sumsOf(values.subarray(even)));
  }
  return counted;
}

/** Zeros, and numbers so small that their first 16 bits are those of a zero. */
const zerosBinned = (bins: Tally["bins"]): number => (bins[0] as number) + (bins[0x8000] as number);

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

/** Leaves out NaN and infinities, which have no rank. */
export function filledOf(bins: ArrayLike<number>, { order }: Scale): Filled {
  const ranks = new Uint32Array(order.length);
  const counts = new Float64Array(order.length);
  let used = 0;
  for (let rank = 0; rank < order.length; ++rank) {
    const count = bins[order[rank] as number] as number;
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
    const filled = filledOf(bins, scale);
    bins.fill(0, 0, 256);
    return filled;
  }
  const counts = new Map<number, number>(); // by rank
  for (const { buffer, byteOffset, byteLength } of runs) {
    const patterns = new Uint16Array(buffer, byteOffset, byteLength / 2);
    for (let i = halves - 1; i < patterns.length; i += halves) {
      const pattern = patterns[i] as number;
      const rank = scale.rank[pattern] as number;
      const count = bins[pattern] as number;
      if (count > 0 && rank >= 0) counts.set(rank, count);
      bins[pattern] = 0;
    }
  }
  const ranks = Uint32Array.from(counts.keys()).sort();
  return { ranks, counts: Float64Array.from(ranks, (rank) => counts.get(rank) as number) };
}

export function mergeFilled(parts: readonly Filled[], { order }: Scale): Filled {
  if (parts.length === 1) return parts[0] as Filled;
  const dense = new Float64Array(order.length);
  for (const { ranks, counts } of parts) {
    for (let i = 0; i < ranks.length; ++i) {
      const rank = ranks[i] as number;
      dense[rank] = (dense[rank] as number) + (counts[i] as number);
    }
  }
  const ranks = Uint32Array.from(dense.keys()).filter((rank) => dense[rank] !== 0);
  return { ranks, counts: Float64Array.from(ranks, (rank) => dense[rank] as number) };
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
  infinities.reduce((sum, pattern) => sum + (bins[pattern] as number), 0);

/** Whether each bin of the type is one value, so that its values are known by their patterns alone. */
export const isPatterned = (type: FileType): boolean => BITS[type] <= 16;
