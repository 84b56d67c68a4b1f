/** What a distribution predicts of a tally: the share of values below each edge of a bin, moments, zeros. */
import type { FileType } from "../checkpoint/safetensors.js";
import { negativeLogTail, upperTail } from "../math/functions.js";
import { meanOf, type Random, stdOf, supportOf } from "../moments.js";
import { type Scale, scaleOf } from "./pattern.js";

export interface Expectation {
  readonly distribution: Random;
  readonly type: FileType;
  readonly scale: Scale;
  /** P(a value lies in the bin of this rank or an earlier one). NaN if it depends on how the bounds are rounded. */
  below(rank: number): number;
  readonly mean: number;
  readonly variance: number;
  /** P(a value is 0). */
  readonly zero: number;
  /** A lower bound of the mean number of different values among n. */
  distinct(n: number): number;
}

const MOST_KEPT = 32; // each takes half a megabyte or more
const kept = new Map<string, Expectation>();

export function expectationOf(distribution: Random, type: FileType): Expectation {
  const key = `${type} ${JSON.stringify(distribution)}`;
  const expectation = kept.get(key) ?? compute(distribution, type);
  kept.delete(key); // and inserted again, so that the first key is the one not used for the longest time
  kept.set(key, expectation);
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value as string);
  return expectation;
}

function compute(distribution: Random, type: FileType): Expectation {
  const scale = scaleOf(type);
  if (!scale.exact) return binned(distribution, scale, type);
  const expectation = rounded(distribution, scale, type);
  return { ...expectation, distinct: remembered(expectation.distinct) }; // a sum over all 65,536 values
}

const MOST_REMEMBERED = 1024;

function remembered(f: (n: number) => number): (n: number) => number {
  const known = new Map<number, number>();
  return (n) => {
    const value = known.get(n) ?? f(n);
    if (known.size < MOST_REMEMBERED) known.set(n, value);
    return value;
  };
}

const normalBelow = (z: number): number => (z < 0 ? upperTail(-z) : 1 - upperTail(z));
const normalBetween = (a: number, b: number): number => normalBelow(b) - normalBelow(a);

/** The distribution function: P(a value is below x). */
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

/** For bounds on one side of the mean: by logarithms of tails, which keep their digits far out. */
function tailCdf({ mean, std, low, high }: Extract<Random, { kind: "truncated" }>): (x: number) => number {
  const [inner, outer, sign] = low > 0 ? [low, high, 1] : [-high, -low, -1];
  const reference = negativeLogTail(inner);
  const beyond = (z: number) => (z <= inner ? 1 : z > 1e150 ? 0 : Math.exp(reference - negativeLogTail(z)));
  const least = Number.isFinite(outer) ? beyond(outer) : 0;
  return (x) => {
    const share = clamp((1 - beyond((sign * (x - mean)) / std)) / (1 - least));
    return sign > 0 ? share : 1 - share;
  };
}

const clamp = (p: number): number => Math.min(1, Math.max(0, p));
const at = (values: Float64Array, i: number): number => values[i] as number;

/** For types whose bins are single values: a draw is rounded to the nearest, so a bin ends halfway to the next value. */
function rounded(distribution: Random, scale: Scale, type: FileType): Expectation {
  const { low: values } = scale;
  const share = cdf(distribution);
  const [first, last] = supportOf(distribution);
  const count = values.length;
  const below = new Float64Array(count);
  const filledIn = new Float64Array(count); // `below` without NaN
  for (let i = 0; i < count; ++i) {
    const [value, next] = [at(values, i), i + 1 < count ? at(values, i + 1) : Number.POSITIVE_INFINITY];
    const p = next === Number.POSITIVE_INFINITY ? 1 : share((value + next) / 2);
    filledIn[i] = value <= first ? 0 : next >= last ? 1 : p;
    below[i] = value <= first || next >= last ? Number.NaN : p;
  }
  const shares = filledIn.map((p, i) => p - (i === 0 ? 0 : at(filledIn, i - 1)));
  const meanOver = (f: (value: number) => number) =>
    shares.reduce((total, p, i) => (p === 0 ? total : total + p * f(at(values, i))), 0);
  const mean = meanOver((value) => value);
  const variance = meanOver((value) => (value - mean) * (value - mean));
  const zero = meanOver((value) => Number(value === 0));
  const distinct = (n: number) => {
    const seen = (p: number) => -Math.expm1(n * Math.log1p(-p));
    let total = seen(zero);
    for (let i = 0; i < count; ++i) if (at(values, i) !== 0 && at(shares, i) > 0) total += seen(at(shares, i));
    return total;
  };
  return { distribution, type, scale, below: (rank) => at(below, rank), mean, variance, zero, distinct };
}

/** The share below the upper end of each bin, which is computed when it is asked for: of most bins it never is. */
function sharesBelow({ high }: Scale, share: (x: number) => number): (rank: number) => number {
  const known = new Float64Array(high.length).fill(-1);
  return (rank) => {
    if (at(known, rank) < 0) known[rank] = share(at(high, rank));
    return at(known, rank);
  };
}

/** P(two values are equal) is at most this for any good generator: as if there were 2^20 values, equally likely. */
const COARSEST = 2 ** -20;

/** For types whose rounding is too fine to show in the bins. */
function binned(distribution: Random, scale: Scale, type: FileType): Expectation {
  const share = cdf(distribution);
  const [mean, std] = [meanOf(distribution), stdOf(distribution)];
  // Rounding makes values equal as well: with a probability of about the type's spacing at the mean over the std.
  const spacing = Math.abs(mean) * (type === "F64" ? 2 ** -52 : 2 ** -23);
  const equal = COARSEST + spacing / std;
  return {
    distribution,
    type,
    scale,
    below: sharesBelow(scale, share),
    mean,
    variance: std * std,
    zero: equal,
    distinct: (n) => Math.max(1, n - (n * n * equal) / 2),
  };
}
