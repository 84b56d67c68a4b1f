/** What a law leads one to expect of a tensor's tally: the share of values below the edge of each bin, moments, zeros. */

import type { FileType } from "../checkpoint/safetensors.js";
import { negativeLogTail, upperTail } from "../math/functions.js";
import { meanOf, type Random, stdOf, supportOf } from "../moments.js";
import { type Scale, scaleOf } from "./pattern.js";

export interface Expectation {
  readonly distribution: Random;
  readonly scale: Scale;
  /** P(a value is in this bin or one before), by the scale's order; NaN where it depends on how ends are treated. */
  readonly below: Float64Array;
  readonly mean: number;
  readonly variance: number;
  /** P(a value is 0). */
  readonly zero: number;
  /** The least mean number of different values among n. */
  distinct(n: number): number;
}

const KEPT = 8; // each takes half a megabyte or more
const kept = new Map<string, Expectation>();

export function expectationOf(distribution: Random, type: FileType): Expectation {
  const key = `${type} ${JSON.stringify(distribution)}`;
  const made = kept.get(key) ?? make(distribution, type);
  kept.delete(key);
  kept.set(key, made);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value as string);
  return made;
}

function make(distribution: Random, type: FileType): Expectation {
  const scale = scaleOf(type);
  return scale.exact ? rounded(distribution, scale) : binned(distribution, scale, type);
}

const normalBelow = (z: number): number => (z < 0 ? upperTail(-z) : 1 - upperTail(z));
const normalBetween = (a: number, b: number): number => normalBelow(b) - normalBelow(a);

/** P(a value is below x). */
export function cdf(distribution: Random): (x: number) => number {
  switch (distribution.kind) {
    case "normal":
      return (x) => normalBelow((x - distribution.mean) / distribution.std);
    case "uniform":
      return (x) => clamp((x - distribution.low) / (distribution.high - distribution.low));
    case "truncated": {
      const { mean, std, low, high } = distribution;
      if (low > 0 || high < 0) return tailCdf(distribution);
      const mass = normalBetween(low, high);
      return (x) => clamp(normalBetween(low, (x - mean) / std) / mass);
    }
  }
}

/** Of a cut that does not reach the middle: by logarithms of tails. */
function tailCdf({ mean, std, low, high }: Extract<Random, { kind: "truncated" }>): (x: number) => number {
  const [near, far, sign] = low > 0 ? [low, high, 1] : [-high, -low, -1];
  const reference = negativeLogTail(near);
  const beyond = (z: number) => (z <= near ? 1 : z > 1e150 ? 0 : Math.exp(reference - negativeLogTail(z)));
  const least = Number.isFinite(far) ? beyond(far) : 0;
  return (x) => {
    const share = clamp((1 - beyond((sign * (x - mean)) / std)) / (1 - least));
    return sign > 0 ? share : 1 - share;
  };
}

const clamp = (p: number): number => Math.min(1, Math.max(0, p));
const at = (values: Float64Array, i: number): number => values[i] as number;

/** Values are the law's, rounded to the nearest of the type: the edge of a bin is halfway to the next value. */
function rounded(distribution: Random, scale: Scale): Expectation {
  const { low: values } = scale;
  const share = cdf(distribution);
  const [first, last] = supportOf(distribution);
  const count = values.length;
  const below = new Float64Array(count);
  const known = new Float64Array(count); // the same without gaps
  for (let i = 0; i < count; ++i) {
    const [value, next] = [at(values, i), i + 1 < count ? at(values, i + 1) : Number.POSITIVE_INFINITY];
    const p = next === Number.POSITIVE_INFINITY ? 1 : share((value + next) / 2);
    known[i] = value <= first ? 0 : next >= last ? 1 : p;
    below[i] = value <= first || next >= last ? Number.NaN : p;
  }
  const shares = known.map((p, i) => p - (i === 0 ? 0 : at(known, i - 1)));
  const sum = (of: (value: number) => number) =>
    shares.reduce((total, p, i) => (p === 0 ? total : total + p * of(at(values, i))), 0);
  const mean = sum((value) => value);
  const variance = sum((value) => (value - mean) * (value - mean));
  const zero = sum((value) => Number(value === 0));
  const distinct = (n: number) => {
    const seen = (p: number) => -Math.expm1(n * Math.log1p(-p));
    let total = seen(zero);
    for (let i = 0; i < count; ++i) if (at(values, i) !== 0 && at(shares, i) > 0) total += seen(at(shares, i));
    return total;
  };
  return { distribution: distribution, scale, below, mean, variance, zero, distinct };
}

/** Generators of good quality differ in how fine their values are; this is coarser than any: 2^20 values, all alike. */
const COARSEST = 2 ** -20;

/** Values of a type so fine that its rounding is not seen. */
function binned(distribution: Random, scale: Scale, type: FileType): Expectation {
  const share = cdf(distribution);
  const [mean, std] = [meanOf(distribution), stdOf(distribution)];
  // Two values are equal at least as often as the type's spacing around them, over the law's width, makes them.
  const spacing = Math.abs(mean) * (type === "F64" ? 2 ** -52 : 2 ** -23);
  const equal = COARSEST + spacing / std;
  return {
    distribution: distribution,
    scale,
    below: Float64Array.from(scale.high, share),
    mean,
    variance: std * std,
    zero: equal,
    distinct: (n) => Math.max(1, n - (n * n * equal) / 2),
  };
}
