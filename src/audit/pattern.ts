/** What bit patterns of up to 16 bits stand for, and the bins in which the values of a type are counted. */
import { BITS, type FileType } from "../checkpoint/safetensors.js";
import { valueOfPattern as decodeHalf } from "../math/float.js";

interface MiniFloat {
  readonly exponent: number;
  readonly mantissa: number;
  readonly bias: number;
  /** What patterns of the highest exponent are: numbers except for one NaN, as in IEEE 754, or all numbers. */
  readonly top: "one NaN" | "IEEE" | "numbers";
  /** Whether the pattern of -0 is NaN, and the only one. */
  readonly unsignedZero?: true;
}

// Micikevicius et al., "FP8 formats for deep learning", 2022; OCP microscaling formats 1.0, 2023, sections 5.3.1 to 5.3.3.
const MINIFLOATS: Readonly<Partial<Record<FileType, MiniFloat>>> = {
  F8_E4M3: { exponent: 4, mantissa: 3, bias: 7, top: "one NaN" },
  F8_E5M2: { exponent: 5, mantissa: 2, bias: 15, top: "IEEE" },
  F8_E4M3FNUZ: { exponent: 4, mantissa: 3, bias: 8, top: "numbers", unsignedZero: true },
  F8_E5M2FNUZ: { exponent: 5, mantissa: 2, bias: 16, top: "numbers", unsignedZero: true },
  F6_E2M3: { exponent: 2, mantissa: 3, bias: 1, top: "numbers" },
  F6_E3M2: { exponent: 3, mantissa: 2, bias: 3, top: "numbers" },
  F4: { exponent: 2, mantissa: 1, bias: 1, top: "numbers" },
};

function decodeMini(pattern: number, format: MiniFloat): number {
  const { exponent: bits, mantissa: digits, bias, top, unsignedZero } = format;
  const sign = pattern >> (bits + digits) === 0 ? 1 : -1;
  const exponent = (pattern >> digits) & ((1 << bits) - 1);
  const fraction = pattern & ((1 << digits) - 1);
  const highest = exponent === (1 << bits) - 1;
  if (unsignedZero && sign < 0 && exponent === 0 && fraction === 0) return Number.NaN;
  if (highest && top === "IEEE") return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (highest && top === "one NaN" && fraction === (1 << digits) - 1) return Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** (1 - bias - digits);
  return sign * (fraction + (1 << digits)) * 2 ** (exponent - bias - digits);
}

/** The number that a pattern of a type of at most 16 bits stands for. */
export function decodePattern(pattern: number, type: FileType): number {
  const format = MINIFLOATS[type];
  if (format !== undefined) return decodeMini(pattern, format);
  switch (type) {
    case "F16":
    case "BF16": {
      const half = type === "F16" ? "f16" : "bf16";
      const finite = type === "F16" ? 0x7c00 : 0x7f80;
      if ((pattern & finite) !== finite) return decodeHalf(pattern, half);
      return pattern === finite
        ? Number.POSITIVE_INFINITY
        : pattern === finite + 0x8000
          ? Number.NEGATIVE_INFINITY
          : Number.NaN;
    }
    case "F8_E8M0":
      return pattern === 255 ? Number.NaN : 2 ** (pattern - 127);
    case "I8":
      return (pattern << 24) >> 24;
    case "I16":
      return (pattern << 16) >> 16;
    default:
      return pattern; // U8, BOOL, U16
  }
}

/** The bins of a type, in ascending order of their values. NaN and infinities have none. */
export interface Scale {
  /** The pattern of each bin, in ascending order of values; -0 comes before +0. */
  readonly order: Uint16Array;
  /** For each pattern its place in the order; -1 for NaN and infinities. */
  readonly rank: Int32Array;
  /** The patterns that stand for infinities, of types whose bins are single values. */
  readonly infinities: readonly number[];
  /** The value of each bin, or its lower end. */
  readonly low: Float64Array;
  /** The upper end of each bin; its value, if a bin is one value. */
  readonly high: Float64Array;
  /** Whether a bin is one value. */
  readonly exact: boolean;
}

const scales = new Map<FileType, Scale>();

/** Types of more than 16 bits are binned by their first 16: F32 like bf16, rounded toward 0; F64 more coarsely. */
export function scaleOf(type: FileType): Scale {
  const known = scales.get(type);
  if (known !== undefined) return known;
  const scale = BITS[type] <= 16 ? exactScale(type) : binnedScale(type === "F64");
  scales.set(type, scale);
  return scale;
}

function exactScale(type: FileType): Scale {
  const count = 2 ** BITS[type];
  const values = Float64Array.from({ length: count }, (_, pattern) => decodePattern(pattern, type));
  const finite = [...values.keys()].filter((pattern) => Number.isFinite(values[pattern]));
  const sorted = finite.sort((a, b) => at(values, a) - at(values, b) || Number(Object.is(at(values, a), 0)) - 0.5);
  const low = Float64Array.from(sorted, (pattern) => at(values, pattern));
  const infinities = [...values.keys()].filter((pattern) => Math.abs(at(values, pattern)) === Number.POSITIVE_INFINITY);
  const order = Uint16Array.from(sorted);
  return { order, rank: ranksOf(order), infinities, low, high: low, exact: true };
}

/** A bin of positive values goes from its pattern up to the next one; bins of negative values mirror them. */
function binnedScale(wide: boolean): Scale {
  const ends = wide ? doubleEnds() : floatEnds();
  const top = ends.length - 1;
  const order = new Uint16Array(2 * top);
  const low = new Float64Array(2 * top);
  const high = new Float64Array(2 * top);
  for (let i = 0; i < top; ++i) {
    const mirrored = top - 1 - i;
    order[top + i] = i;
    order[mirrored] = i + 0x8000;
    low[mirrored] = -at(ends, i + 1);
    high[mirrored] = -at(ends, i);
  }
  low.set(ends.subarray(0, top), top);
  high.set(ends.subarray(1), top);
  return { order, rank: ranksOf(order), infinities: [], low, high, exact: false };
}

/** Where the bins of values from 0 on begin, and the last one ends. */
function floatEnds(): Float64Array {
  const patterns = Uint32Array.from({ length: 0x7f81 }, (_, i) => i << 16);
  return withLargest(new Float64Array(new Float32Array(patterns.buffer)));
}

function doubleEnds(): Float64Array {
  const words = Uint32Array.from({ length: 2 * 0x7ff1 }, (_, i) => i & 1 && (i >> 1) << 16);
  return withLargest(new Float64Array(words.buffer));
}

/** The largest number in place of infinity. */
function withLargest(ends: Float64Array): Float64Array {
  ends[ends.length - 1] = Number.MAX_VALUE;
  return ends;
}

function ranksOf(order: Uint16Array): Int32Array {
  const rank = new Int32Array(65536).fill(-1);
  for (let i = 0; i < order.length; ++i) rank[order[i] as number] = i;
  return rank;
}

const at = (values: Float64Array, i: number): number => values[i] as number;
