/**
 * The neighbours of a number among the finite values of a dtype, as doubles, so that bounds given as doubles are kept
 * exactly; and rounding to a dtype.
 */
import { type DType, FORMATS } from "../dtype.js";

const double = new Float64Array(1);
const half = new Int32Array(double.buffer); // low, high: every JavaScript engine runs little-endian

/** 2^e, e a whole number from -1074 to 1023. */
function power(e: number): number {
  if (e < -1022) return power(e + 52) * 2.220446049250313e-16; // 2^-52
  half[0] = 0;
  half[1] = (e + 1023) << 20;
  return double[0] as number;
}

/** The exponent of the binade that x is in, among the dtype's normal numbers. */
function exponent(x: number, dtype: DType): number {
  double[0] = x;
  return Math.max(FORMATS[dtype].least, (((half[1] as number) >>> 20) & 0x7ff) - 1023);
}

/** The smallest value of the dtype that is greater than x; never -0. */
export function above(x: number, dtype: DType): number {
  if (x < 0) return -under(-x, dtype) + 0;
  const unit = power(exponent(x, dtype) - FORMATS[dtype].digits);
  return (Math.floor(x / unit) + 1) * unit;
}

/** The largest value of the dtype that is less than x; never -0. */
export function below(x: number, dtype: DType): number {
  return -above(-x, dtype) + 0;
}

/** The largest value less than x, x > 0. */
function under(x: number, dtype: DType): number {
  const { digits, least } = FORMATS[dtype];
  const e = exponent(x, dtype);
  const binade = power(e);
  const unit = power(e - digits);
  if (x === binade && e > least) return x - unit / 2;
  return (Math.ceil(x / unit) - 1) * unit;
}

/** x as the dtype has it: by way of f32, where the dtype is of 16 bits. */
export function round(x: number, dtype: DType): number {
  if (dtype === "f64") return x;
  const float = Math.fround(x);
  if (dtype === "f32") return float;
  const unit = power(exponent(float, dtype) - FORMATS[dtype].digits);
  return (float / unit + 6755399441055744 - 6755399441055744) * unit; // 1.5 * 2^52: rounds to even
}

/** The number that 16 bits of f16 or bf16 stand for. */
export function decode(pattern: number, dtype: "f16" | "bf16"): number {
  const { digits, least } = FORMATS[dtype];
  const exponent = (pattern & 0x7fff) >> digits;
  const fraction = pattern & ((1 << digits) - 1);
  const size =
    exponent === 0
      ? fraction * power(least - digits)
      : (fraction + (1 << digits)) * power(exponent - 1 + least - digits);
  return pattern & 0x8000 ? -size : size;
}
