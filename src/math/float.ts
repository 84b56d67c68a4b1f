/**
 * The neighbours of a number among a dtype's finite values, computed in doubles so that bounds given as doubles are
 * kept exactly; and rounding to a dtype. Subnormal doubles, which a thread can be told to take for 0, are found by their bits.
 */
import { type DType, FORMATS } from "../dtype.js";

const double = new Float64Array(1);
const half = new Int32Array(double.buffer); // low, high
const bits = new BigInt64Array(double.buffer);

/** 2^e for a whole number e from -1022 to 1023. */
function power(e: number): number {
  half[0] = 0;
  half[1] = (e + 1023) << 20;
  return double[0] as number;
}

/** The exponent of x; that of the dtype's smallest normal number if x is smaller. */
function exponent(x: number, dtype: DType): number {
  double[0] = x;
  return Math.max(FORMATS[dtype].minExponent, (((half[1] as number) >>> 20) & 0x7ff) - 1023);
}

/** The bits of a double as a whole number in the order of doubles, 0 for both zeros; and back, to +0. */
const order = (pattern: bigint): bigint => (pattern < 0n ? -0x8000000000000000n - pattern : pattern);

/** The double that is `by` doubles above x. */
function step(x: number, by: bigint): number {
  double[0] = x;
  bits[0] = order(order(bits[0] as bigint) + by);
  return double[0] as number;
}

/** The smallest value of the dtype that is greater than x; never -0. */
export const above = (x: number, dtype: DType): number => (dtype === "f64" ? step(x, 1n) : next(x, dtype));

/** The largest value of the dtype that is less than x; never -0. */
export const below = (x: number, dtype: DType): number => (dtype === "f64" ? step(x, -1n) : -next(-x, dtype) + 0);

/** `above` for a dtype whose values are all normal doubles, or 0. */
function next(x: number, dtype: DType): number {
  if (x < 0) return -before(-x, dtype) + 0;
  const ulp = power(exponent(x, dtype) - FORMATS[dtype].fractionBits);
  return (Math.floor(x / ulp) + 1) * ulp;
}

/** `below` for x > 0, for such a dtype. */
function before(x: number, dtype: DType): number {
  const { fractionBits, minExponent } = FORMATS[dtype];
  const e = exponent(x, dtype);
  const binade = power(e);
  const ulp = power(e - fractionBits);
  if (x === binade && e > minExponent) return x - ulp / 2; // values below a power of 2 are twice as dense
  return (Math.ceil(x / ulp) - 1) * ulp;
}

/** x rounded to the dtype, ties to even; for 16-bit dtypes it is rounded to f32 first, as drawn values are. */
export function round(x: number, dtype: DType): number {
  if (dtype === "f64") return x;
  const float = Math.fround(x);
  if (dtype === "f32") return float;
  const ulp = power(exponent(float, dtype) - FORMATS[dtype].fractionBits);
  return (float / ulp + 6755399441055744 - 6755399441055744) * ulp; // adding 1.5 * 2^52 rounds to a whole number
}

/** The value of a 16-bit pattern of f16 or bf16. */
export function valueOfPattern(pattern: number, dtype: "f16" | "bf16"): number {
  const { fractionBits, minExponent } = FORMATS[dtype];
  const exponent = (pattern & 0x7fff) >> fractionBits;
  const fraction = pattern & ((1 << fractionBits) - 1);
  const size =
    exponent === 0
      ? fraction * power(minExponent - fractionBits)
      : (fraction + (1 << fractionBits)) * power(exponent - 1 + minExponent - fractionBits);
  return pattern & 0x8000 ? -size : size;
}
