/**
 * Whether a tensor's tally is one that its law makes. Every bound is an inequality that holds for any number of values,
 * none a limit theorem: a tensor drawn from its law fails one of them with a probability of at most 2 exp(-t).
 */
import { digits } from "../math/digits.js";
import { negativeLogTail } from "../math/functions.js";
import { meanOf, subGaussianOf, supportOf } from "../moments.js";
import type { Expectation } from "./expectation.js";
import type { Filled, Moments } from "./tally.js";

/** Which check, in how many words it failed, and how far: the deviation over the one that is still accepted. */
export interface Finding {
  readonly check: string;
  readonly excess: number;
  readonly sentence: string;
}

/** A finding that leaves no doubt; finite, so that JSON has it. */
export const certain = (check: string, sentence: string): Finding => ({ check, excess: Number.MAX_VALUE, sentence });

export interface Sample {
  readonly moments: Moments;
  readonly filled: Filled;
  /** Different values, among so many. */
  readonly distinct: number;
  readonly among: number;
}

/** Checks that a tensor of a random law goes through. */
export const CHECKS = ["mean", "std", "shape", "range", "tails", "zeros", "distinct"] as const;

/**
 * @param t the logarithm of twice the number of checks over the accepted rate of false alarms.
 */
export function checkRandom(sample: Sample, expected: Expectation, t: number): Finding[] {
  const { finite: n } = sample.moments;
  if (n === 0) return [];
  const all = [mean, std, shape, range, tails, zeros, distinct]; // as CHECKS has them
  return all.map((check) => check(sample, expected, t));
}

const short = (x: number): string => digits(x, 4);

/** Sums of values that are sub-Gaussian: normal, uniform, and cut normal laws by their parent's variance. */
function mean({ moments }: Sample, { distribution, mean, variance }: Expectation, t: number): Finding {
  const { finite: n, sum } = moments;
  const most = Math.sqrt((2 * Math.max(subGaussianOf(distribution) ** 2, variance) * t) / n);
  const off = sum / n - mean;
  return { check: "mean", excess: Math.abs(off) / most, sentence: `mean ${short(sum / n)}, expected ${short(mean)}` };
}

/** Of a normal law by Laurent and Massart 2000, lemma 1; of others by Bernstein's inequality. */
function std({ moments }: Sample, { distribution, mean, variance }: Expectation, t: number): Finding {
  const { finite: n, sum, squares } = moments;
  const about = Math.max(0, squares / n - 2 * mean * (sum / n) + mean * mean);
  const off = about / variance - 1;
  const most =
    distribution.kind === "normal"
      ? 2 * Math.sqrt(t / n) + (off > 0 ? (2 * t) / n : 0)
      : bernstein(distribution, n, t) * (subGaussianOf(distribution) ** 2 / variance);
  const [got, expected] = [Math.sqrt(about), Math.sqrt(variance)];
  const times = `${short(got / expected)} times the expected ${short(expected)}`;
  return { check: "std", excess: Math.abs(off) / most, sentence: `std ${short(got)}, ${times}` };
}

const FARTHEST = 9; // std: none of any number of values that fits on a disk is farther out

/** In units of the squared proxy, of which squares have a variance of at most 2, as those of a normal law. */
function bernstein(distribution: Expectation["distribution"], n: number, t: number): number {
  const [mean, [low, high]] = [meanOf(distribution), supportOf(distribution)];
  const farthest = Math.min(FARTHEST, Math.max(mean - low, high - mean) / subGaussianOf(distribution));
  return Math.sqrt((4 * t) / n) + (farthest * farthest * t) / (3 * n);
}

/** The empirical distribution function, at the edges of bins (Dvoretzky, Kiefer and Wolfowitz; Massart 1990). */
function shape({ moments, filled }: Sample, { scale, below }: Expectation, t: number): Finding {
  const { finite: n } = moments;
  let [count, worst, where] = [0, 0, 0];
  filled.ranks.forEach((rank, i) => {
    const before = rank === 0 ? Number.NaN : Math.abs(count / n - (below[rank - 1] as number));
    if (before > worst) [worst, where] = [before, scale.low[rank] as number];
    count += filled.counts[i] as number;
    const after = Math.abs(count / n - (below[rank] as number));
    if (after > worst) [worst, where] = [after, scale.high[rank] as number];
  });
  const most = Math.sqrt(t / (2 * n));
  const sentence = `the share of values below ${short(where)} is ${short(100 * worst)}% off`;
  return { check: "shape", excess: worst / most, sentence };
}

/** No value beyond the ends of the law; of a normal one, none so far out that it is not to be expected among n. */
function range({ moments }: Sample, { distribution, scale }: Expectation, t: number): Finding {
  const { finite: n, min, max } = moments;
  if (distribution.kind === "normal") {
    const z = Math.max(max - distribution.mean, distribution.mean - min) / distribution.std;
    const most = t + Math.log(n);
    const sentence = `a value ${short(z)} std from the mean`;
    return { check: "range", excess: z <= 0 ? 0 : negativeLogTail(Math.min(z, 1e100)) / most, sentence };
  }
  const [low, high] = supportOf(distribution);
  // Others draw ends too, and round them outwards.
  const room = scale.exact ? spacing(scale, Math.max(-low, high)) : 2 ** -22 * Math.max(Math.abs(low), Math.abs(high));
  const beyond = Math.max(max - high, low - min);
  const sentence = `values from ${short(min)} to ${short(max)}, expected between ${short(low)} and ${short(high)}`;
  return { check: "range", excess: beyond > room ? 1 + beyond / (high - low) : 0, sentence };
}

/** From an end to the next value of the type beyond it. */
const spacing = ({ low }: Expectation["scale"], end: number): number => (low.find((x) => x >= end) ?? end) - end;

/** That the farthest of n values is not nearer than n independent ones leave room for: tails that were cut off. */
function tails({ moments, filled }: Sample, { below }: Expectation, t: number): Finding {
  const { finite: n } = moments;
  const [first, last] = [filled.ranks[0] as number, filled.ranks.at(-1) as number];
  const under = first === 0 ? 0 : (below[first - 1] as number);
  const over = 1 - (below[last] as number);
  const missing = Math.max(under || 0, over || 0); // P(none of n beyond) = (1 - missing)^n
  const sentence = `no value beyond ${short(moments.min)} and ${short(moments.max)}, where ${short(100 * missing)}% are expected`;
  return { check: "tails", excess: (-n * Math.log1p(-Math.min(missing, 1 - 1e-16))) / t, sentence };
}

/** Exact zeros, of which a count is binomial (Bernstein). */
function zeros({ moments }: Sample, { zero }: Expectation, t: number): Finding {
  const { finite: n, zeros: count } = moments;
  const most = n * zero + Math.sqrt(2 * n * zero * t) + t;
  const sentence = `${short((100 * count) / n)}% exact zeros, expected ${short(100 * zero)}%`;
  return { check: "zeros", excess: count / most, sentence };
}

/** Different values: changing one of n changes their number by at most 1 (McDiarmid 1989). */
function distinct({ distinct: got, among }: Sample, expected: Expectation, t: number): Finding {
  const mean = expected.distinct(among);
  const least = mean - Math.sqrt((among * t) / 2);
  const sentence = `${got} different values among ${among}, expected ${short(mean)}`;
  return { check: "distinct", excess: least <= 1 ? 0 : Math.max(0, mean - got) / (mean - least), sentence };
}
