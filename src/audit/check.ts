/**
 * Whether a tensor's tally is plausible for its distribution. Every bound is an inequality that holds for any
 * number of values, never a limit theorem: a tensor drawn from its distribution fails a check with a probability of at most
 * 2 exp(-t).
 */

import { digits } from "../math/digits.js";
import { negativeLogTail } from "../math/functions.js";
import { meanOf, subGaussianOf, supportOf } from "../moments.js";
import { movedByRounding, unlikelinessOfBall } from "./ball.js";
import type { Expectation } from "./expectation.js";
import type { Finding } from "./found.js";
import type { Filled, Moments } from "./tally.js";

/** A finding that chance cannot explain. Its excess is finite, so that JSON can hold it. */
export const certain = (check: string, sentence: string): Finding => ({ check, excess: Number.MAX_VALUE, sentence });

/** The merged tallies of one region of a tensor. */
export interface RegionSummary {
  readonly moments: Moments;
  readonly filled: Filled;
  /** Number of different values among the first `among` values. */
  readonly distinct: number;
  readonly among: number;
}

/** The checks that a region of a random distribution goes through. */
export const CHECKS = ["mean", "std", "shape", "range", "tails", "zeros", "distinct"] as const;

/** @param t the natural logarithm of 2 times the number of checks over the accepted rate of false alarms. */
export function checkRandom(summary: RegionSummary, expected: Expectation, t: number): Finding[] {
  const { finite: n } = summary.moments;
  if (n === 0) return [];
  const checks = [checkMean, checkStd, checkShape, checkRange, checkTails, checkZeros, checkDistinct]; // as in CHECKS
  return checks.map((check) => check(summary, expected, t));
}

const short = (x: number): string => digits(x, 4);

/** The tail bound of sums of sub-Gaussian values. Truncated normal ones count by the variance of their parent. */
function checkMean({ moments }: RegionSummary, { distribution, mean, variance }: Expectation, t: number): Finding {
  const { finite: n, sum } = moments;
  const most = Math.sqrt((2 * Math.max(subGaussianOf(distribution) ** 2, variance) * t) / n);
  const off = sum / n - mean;
  return { check: "mean", excess: Math.abs(off) / most, sentence: `mean ${short(sum / n)}, expected ${short(mean)}` };
}

/**
 * For normal distributions, Laurent and Massart 2000, lemma 1; for others, Bernstein's inequality. Few values that are too
 * close to the mean are judged by the ball that holds them.
 */
function checkStd({ moments }: RegionSummary, expected: Expectation, t: number): Finding {
  const { distribution, mean, variance } = expected;
  const { finite: n, sum, squares } = moments;
  const measured = Math.max(0, squares / n - 2 * mean * (sum / n) + mean * mean);
  const off = measured / variance - 1;
  const most =
    distribution.kind === "normal"
      ? 2 * Math.sqrt(t / n) + (off > 0 ? (2 * t) / n : 0)
      : bernstein(distribution, n, t) * (subGaussianOf(distribution) ** 2 / variance);
  const [got, std] = [Math.sqrt(measured), Math.sqrt(variance)];
  const unlikely = off < 0 ? tooClose(n, squares, Math.sqrt(n) * got, expected) : undefined;
  const excess = unlikely === undefined ? Math.abs(off) / most : Math.max(0, unlikely / t);
  return { check: "std", excess, sentence: `std ${short(got)}, ${short(got / std)} times the expected ${short(std)}` };
}

/** How unlikely it is that n values lie so close to their mean. @param distance of the values from it, as a vector. */
function tooClose(n: number, squares: number, distance: number, { distribution, type, variance }: Expectation) {
  const moved = movedByRounding(n, Math.sqrt(squares), Math.sqrt(variance), type);
  return moved === undefined ? undefined : unlikelinessOfBall(n, distance + moved, distribution);
}

const FARTHEST = 9; // std: no value is farther out, among as many as fit on a disk

/** In units of the squared sub-Gaussian parameter, in which squares of values have a variance of at most 2, as for normals. */
function bernstein(distribution: Expectation["distribution"], n: number, t: number): number {
  const [mean, [low, high]] = [meanOf(distribution), supportOf(distribution)];
  const farthest = Math.min(FARTHEST, Math.max(mean - low, high - mean) / subGaussianOf(distribution));
  return Math.sqrt((4 * t) / n) + (farthest * farthest * t) / (3 * n);
}

/** The empirical distribution function at the edges of bins: Dvoretzky, Kiefer and Wolfowitz 1956; Massart 1990. */
function checkShape({ moments, filled }: RegionSummary, { scale, below }: Expectation, t: number): Finding {
  const { finite: n } = moments;
  let [count, worst, where] = [0, 0, 0];
  for (let i = 0; i < filled.ranks.length; ++i) {
    const rank = filled.ranks[i] as number;
    const before = rank === 0 ? Number.NaN : Math.abs(count / n - below(rank - 1));
    if (before > worst) [worst, where] = [before, scale.low[rank] as number];
    count += filled.counts[i] as number;
    const after = Math.abs(count / n - below(rank));
    if (after > worst) [worst, where] = [after, scale.high[rank] as number];
  }
  const most = Math.sqrt(t / (2 * n));
  const sentence = `the share of values below ${short(where)} is off by ${short(100 * worst)}%`;
  return { check: "shape", excess: worst / most, sentence };
}

/** Bounded distributions: no value lies outside. Normal ones: no value lies farther out than is plausible among n. */
function checkRange({ moments }: RegionSummary, { distribution, scale }: Expectation, t: number): Finding {
  const { finite: n, min, max } = moments;
  if (distribution.kind === "normal") {
    const z = Math.max(max - distribution.mean, distribution.mean - min) / distribution.std;
    const most = t + Math.log(n);
    const sentence = `a value is ${short(z)} std from the mean`;
    return { check: "range", excess: z <= 0 ? 0 : negativeLogTail(Math.min(z, 1e100)) / most, sentence };
  }
  const [low, high] = supportOf(distribution);
  // Other libraries may draw the bounds themselves, and round them outwards.
  const room = scale.exact ? spacing(scale, Math.max(-low, high)) : 2 ** -22 * Math.max(Math.abs(low), Math.abs(high));
  const beyond = Math.max(max - high, low - min);
  const sentence = `values from ${short(min)} to ${short(max)}, expected between ${short(low)} and ${short(high)}`;
  return { check: "range", excess: beyond > room ? 1 + beyond / (high - low) : 0, sentence };
}

/** The distance from a bound to the next value of the type beyond it. */
const spacing = ({ low }: Expectation["scale"], bound: number): number =>
  (low.find((x) => x >= bound) ?? bound) - bound;

/** Detects clipped tails: fails if the extremes of n values are nearer the middle than n independent draws plausibly give. */
function checkTails({ moments, filled }: RegionSummary, { below }: Expectation, t: number): Finding {
  const { finite: n } = moments;
  const [first, last] = [filled.ranks[0] as number, filled.ranks.at(-1) as number];
  const under = first === 0 ? 0 : below(first - 1);
  const over = 1 - below(last);
  const missing = Math.max(under || 0, over || 0); // P(none of n values is there) = (1 - missing)^n
  const sentence = `no value beyond ${short(moments.min)} and ${short(moments.max)}, where ${short(100 * missing)}% are expected`;
  return { check: "tails", excess: (-n * Math.log1p(-Math.min(missing, 1 - 1e-16))) / t, sentence };
}

/** The number of exact zeros, which is binomial (Bernstein's inequality). */
function checkZeros({ moments }: RegionSummary, { zero }: Expectation, t: number): Finding {
  const { finite: n, zeros: count } = moments;
  const most = n * zero + Math.sqrt(2 * n * zero * t) + t;
  const sentence = `${short((100 * count) / n)}% exact zeros, expected ${short(100 * zero)}%`;
  return { check: "zeros", excess: count / most, sentence };
}

/** The number of different values. Changing one of n values changes it by at most 1 (McDiarmid 1989). */
function checkDistinct({ distinct: got, among }: RegionSummary, expected: Expectation, t: number): Finding {
  const mean = expected.distinct(among);
  const least = mean - Math.sqrt((among * t) / 2);
  const sentence = `${got} different values among ${among}, expected ${short(mean)}`;
  return { check: "distinct", excess: least <= 1 ? 0 : Math.max(0, mean - got) / (mean - least), sentence };
}
