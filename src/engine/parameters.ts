/**
 * The parameters that the kernel of each distribution is called with. Above this file numbers are doubles; here they
 * become the kernels' floats, once and for every engine.
 */
import type { DType } from "../dtype.js";
import type { Truncated, TruncatedWide } from "../kernel/truncated.js";
import type { Uniform } from "../kernel/uniform.js";
import { above, below, round } from "../math/float.js";
import { centralMass, exp, millsRatio, negativeLogTail, upperTail } from "../math/functions.js";

const f32 = Math.fround;

/**
 * The smallest and the largest value of the dtype strictly between two doubles; if there is none, `low` rounded, twice.
 * Calls of the library get there only if `low` is a value of the dtype: `checkFits` refuses other bounds.
 */
function inside(low: number, high: number, dtype: DType): { first: number; last: number } {
  const first = above(low, dtype);
  const last = below(high, dtype);
  if (first <= last) return { first, last };
  const only = round(low, dtype);
  return { first: only, last: only };
}

/**
 * Around 0 no value is farther out than `half` rounded to the dtype. If that is inside the interval, `first` and `last` are +-half,
 * by which the kernel sees that it need not clamp. An interval with no value but 0 is clamped, so
 * that its values are +0, not -0.
 */
export function uniformParameters(low: number, high: number, dtype: DType): Uniform {
  const { first, last } = inside(low, high, dtype);
  const middle = low / 2 + high / 2;
  const width = high / 2 - low / 2;
  if (dtype === "f64") return { middle, half: width, first, last };
  const half = below(width, "f32");
  return middle === 0 && last > 0 && round(half, dtype) <= last
    ? { middle, half, first: -half, last: half }
    : { middle: f32(middle), half, first, last };
}

/** `mean` and `std` are those before truncation; the bounds `low` and `high` are in units of std from the mean. */
export interface TruncatedNormal {
  readonly mean: number;
  readonly std: number;
  readonly low: number;
  readonly high: number;
}

/** Whether the bounds are symmetric and at most 2 std out: those have a kernel of their own, in single precision. */
export function isNarrow({ low, high }: TruncatedNormal, dtype: DType): boolean {
  return low === -high && high <= 2 && dtype !== "f64";
}

const MASS_2 = 0.9544997361036416; // erf(sqrt 2) = P(|Z| < 2)

export function truncatedParameters({ mean, std, low, high }: TruncatedNormal, dtype: DType): Truncated {
  const mass = high === 2 ? 0.9544997361036411 : 2 * centralMass(high); // at 2, which is usual, it is that number
  return {
    mean: f32(mean),
    std: f32(std),
    scale: f32(mass * 4.656612873077393e-10), // 2^-31
    rest: f32(MASS_2 - mass),
    ...inside(mean + std * low, mean + std * high, dtype),
  };
}

export function truncatedWideParameters({ mean, std, low, high }: TruncatedNormal, dtype: DType): TruncatedWide {
  const begin = signedMass(low);
  const end = signedMass(high);
  return {
    mean,
    std,
    middle: (begin + end) / 2,
    half: (end - begin) / 2,
    ...tails(low, high),
    ...inside(mean + std * low, mean + std * high, dtype),
  };
}

/** P(Z < z) - 1/2. */
function signedMass(z: number): number {
  if (z < -2) return upperTail(-z) - 0.5;
  return z > 2 ? 0.5 - upperTail(z) : centralMass(z);
}

function tails(low: number, high: number): Pick<TruncatedWide, "below" | "above" | "span" | "surplus"> {
  if (low >= 0) {
    const above = tailRatio(low, high);
    return { below: 0, above, span: (1 - above) / 2, surplus: negativeLogTail(low) };
  }
  if (high <= 0) {
    const below = tailRatio(-high, -low);
    return { below, above: 0, span: (1 - below) / 2, surplus: negativeLogTail(-high) };
  }
  const mass = signedMass(high) - signedMass(low);
  return { below: upperTail(-low), above: upperTail(high), span: mass / 2, surplus: 0 };
}

/** P(Z > outer) / P(Z > inner), for 0 <= inner < outer. */
function tailRatio(inner: number, outer: number): number {
  return (exp(-0.5 * (outer - inner) * (outer + inner)) * millsRatio(outer)) / millsRatio(inner);
}
