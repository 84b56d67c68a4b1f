/**
 * The kernels' edge: what a law's kernel is called with. Above this line numbers are doubles; here, once and for every
 * engine, they become the kernels' floats.
 */
import { above, below } from "./float.js";
import type { Truncated, TruncatedWide } from "./kernel/truncated.js";
import type { Uniform } from "./kernel/uniform.js";
import { centralMass, exp, millsRatio, negativeLogTail, upperTail } from "./math.js";

const f32 = Math.fround;

/** The outermost floats strictly between two doubles. Where there is none, `low` rounded stands for both. */
function inside(low: number, high: number): { first: number; last: number } {
  const first = above(low);
  const last = below(high);
  return first <= last ? { first, last } : { first: f32(low), last: f32(low) };
}

export function uniformEdge(low: number, high: number): Uniform {
  const { first, last } = inside(low, high);
  return { middle: f32(low / 2 + high / 2), half: below(high / 2 - low / 2), first, last };
}

/** The mean and std are in the value's units, the cuts in std from the mean. */
export interface Cut {
  readonly mean: number;
  readonly std: number;
  readonly low: number;
  readonly high: number;
}

/** Cuts at equal distances of at most 2 std have a kernel of their own. */
export function isNear({ low, high }: Cut): boolean {
  return low === -high && high <= 2;
}

const MASS_2 = 0.9544997361036416; // erf(sqrt 2) = P(|Z| < 2)

export function truncatedEdge({ mean, std, low, high }: Cut): Truncated {
  const mass = 2 * centralMass(high);
  return {
    mean: f32(mean),
    std: f32(std),
    scale: f32(mass * 4.656612873077393e-10), // 2^-31
    rest: f32(MASS_2 - mass),
    ...inside(mean + std * low, mean + std * high),
  };
}

export function truncatedWideEdge({ mean, std, low, high }: Cut): TruncatedWide {
  const begin = signedMass(low);
  const end = signedMass(high);
  return {
    mean,
    std,
    middle: (begin + end) / 2,
    slope: ((end - begin) / 2) * 4.656612873077393e-10, // 2^-31
    ...tails(low, high),
    ...inside(mean + std * low, mean + std * high),
  };
}

/** P(Z < z) - 1/2. */
function signedMass(z: number): number {
  if (z < -2) return upperTail(-z) - 0.5;
  return z > 2 ? 0.5 - upperTail(z) : centralMass(z);
}

function tails(low: number, high: number): Pick<TruncatedWide, "below" | "above" | "step" | "surplus"> {
  if (low >= 0) {
    const above = tailRatio(low, high);
    return { below: 0, above, step: (1 - above) * 2.3283064365386963e-10, surplus: negativeLogTail(low) }; // 2^-32
  }
  if (high <= 0) {
    const below = tailRatio(-high, -low);
    return { below, above: 0, step: (1 - below) * 2.3283064365386963e-10, surplus: negativeLogTail(-high) };
  }
  const mass = signedMass(high) - signedMass(low);
  return { below: upperTail(-low), above: upperTail(high), step: mass * 2.3283064365386963e-10, surplus: 0 };
}

/** P(Z > far) / P(Z > near), for 0 <= near < far. */
function tailRatio(near: number, far: number): number {
  return (exp(-0.5 * (far - near) * (far + near)) * millsRatio(far)) / millsRatio(near);
}
