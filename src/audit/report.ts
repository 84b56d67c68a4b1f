/** From tallies to a verdict: of each tensor, of tensors that are alike, and of the whole file. */
import { show } from "../check.js";
import type { FileType } from "../checkpoint/safetensors.js";
import { type Independent, isStructured, type Unsplit } from "../distribution.js";
import { isRandom, meanOf, rmsOf } from "../moments.js";
import { CHECKS, certain, checkRandom, type Finding, type Sample } from "./check.js";
import { expectationOf } from "./expectation.js";
import { scaleOf } from "./pattern.js";
import { isSymmetric, type Region } from "./region.js";
import { checkConstant, checkStructure } from "./structure.js";
import { emptyMoments, type Moments, merge } from "./tally.js";

/** At most this share of correct files fails, however many tensors they have. */
export const FALSE_ALARMS = 1e-4;

/** What was read of a tensor. */
export interface Observed {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: FileType;
  readonly regions: readonly Region[];
  /** One for each region. */
  readonly samples: readonly Sample[];
  /** Of its first values: "1" for those below 0; none where there are too few, or one is 0 or no number. */
  readonly signs: string | undefined;
}

export interface Statistics {
  readonly mean: number;
  readonly std: number;
  readonly min: number;
  readonly max: number;
  /** 3 for a normal law; none of equal values, and of whole numbers of 32 bits and more. */
  readonly kurtosis: number | null;
  readonly zeros: number;
  readonly nonFinite: number;
  readonly distinct: number;
  /** Values that `distinct` was counted among. */
  readonly among: number;
}

export type Verdict = "ok" | "fail" | "unknown";

export interface TensorReport {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: FileType;
  readonly verdict: Verdict;
  readonly expected: { readonly mean: number; readonly std: number } | null;
  readonly measured: Statistics;
  /** The largest deviation over the one that is still accepted; above 1 the tensor fails. */
  readonly excess: number;
  /** What failed, worst first. */
  readonly failures: readonly Finding[];
}

/** The number of checks that a model's random tensors go through, and so the t of `checkLaw` for each of them. */
export function strictness(regions: Iterable<Region>, more = 0): { readonly checks: number; readonly t: number } {
  let checks = more;
  for (const { distribution } of regions) if (isRandom(distribution)) checks += CHECKS.length;
  return { checks, t: Math.log((2 * Math.max(1, checks)) / FALSE_ALARMS) };
}

export function reportOf(observed: Observed, t: number): TensorReport {
  const { name, shape, type, regions, samples } = observed;
  const findings = regions.flatMap(({ distribution }, i) => {
    const found = judge(samples[i] as Sample, distribution, type, t);
    return regions.length === 1 ? found : found.map((each) => ({ ...each, sentence: `part ${i}: ${each.sentence}` }));
  });
  const measured = statisticsOf(samples, type);
  if (measured.nonFinite > 0) {
    findings.push(certain("finite", `NaN or infinite: ${measured.nonFinite} of ${sizeOf(samples)} values`));
  }
  const known = regions.every(({ distribution }) => distribution !== undefined);
  if (!known && shape.length > 1 && measured.min === measured.max && measured.std === 0 && sizeOf(samples) > 1) {
    findings.push(certain("constant", `a matrix of which every value is ${measured.min}`));
  }
  const failures = findings.filter(({ excess }) => excess > 1).sort((a, b) => b.excess - a.excess);
  return {
    ...{ name, shape, dtype: type },
    verdict: failures.length > 0 ? "fail" : known ? "ok" : "unknown",
    expected: known ? expectedOf(regions, samples) : null,
    measured,
    excess: findings.reduce((worst, { excess }) => Math.max(worst, excess), 0),
    failures,
  };
}

export const failing = (report: TensorReport, finding: Finding): TensorReport => ({
  ...report,
  verdict: "fail",
  excess: Math.max(report.excess, finding.excess),
  failures: [...report.failures, finding].sort((a, b) => b.excess - a.excess),
});

function judge(sample: Sample, distribution: Unsplit | undefined, type: FileType, t: number): Finding[] {
  if (distribution === undefined) return [];
  if (isRandom(distribution)) return checkRandom(sample, expectationOf(distribution, type), t);
  if (isStructured(distribution)) return checkStructure(sample.moments, distribution, type);
  return checkConstant(sample.moments, distribution as Extract<Independent, { kind: "constant" }>, type);
}

const sizeOf = (samples: readonly Sample[]): number =>
  samples.reduce((sum, { moments }) => sum + moments.finite + moments.nonFinite, 0);

function expectedOf(regions: readonly Region[], samples: readonly Sample[]): { mean: number; std: number } {
  let [count, sum, squares] = [0, 0, 0];
  regions.forEach(({ distribution }, i) => {
    const moments = (samples[i] as Sample).moments;
    const size = moments.finite + moments.nonFinite;
    const mean = meanOf(distribution as Unsplit);
    const std = rmsOf(distribution as Unsplit);
    count += size;
    sum += size * mean;
    squares += size * (std * std + mean * mean);
  });
  const mean = count === 0 ? 0 : sum / count;
  return { mean, std: count === 0 ? 0 : Math.sqrt(Math.max(0, squares / count - mean * mean)) };
}

export function statisticsOf(samples: readonly Sample[], type: FileType): Statistics {
  const all: Moments = emptyMoments();
  for (const { moments } of samples) merge(all, moments);
  const { finite: n, sum, squares, min, max, zeros, nonFinite } = all;
  const mean = n === 0 ? 0 : sum / n;
  const variance = n === 0 || min === max ? 0 : Math.max(0, squares / n - mean * mean);
  return {
    mean: min === max ? min : mean,
    std: Math.sqrt(variance),
    min: n === 0 ? 0 : min,
    max: n === 0 ? 0 : max,
    kurtosis: variance === 0 ? null : kurtosis(samples, type, mean),
    zeros,
    nonFinite,
    distinct: samples.reduce((sum, { distinct }) => sum + distinct, 0),
    among: samples.reduce((sum, { among }) => sum + among, 0),
  };
}

/** From the middles of the bins, which of f32 are 2^-8 of their values wide: off by less than 1e-5 of itself. */
function kurtosis(samples: readonly Sample[], type: FileType, mean: number): number | null {
  const { low, high } = scaleOf(type);
  let [count, squares, fourths] = [0, 0, 0];
  for (const { filled } of samples) {
    filled.ranks.forEach((rank, i) => {
      const here = filled.counts[i] as number;
      const off = ((low[rank] as number) + (high[rank] as number)) / 2 - mean;
      count += here;
      squares += here * off * off;
      fourths += here * off ** 4;
    });
  }
  return squares === 0 ? null : (count * fourths) / (squares * squares);
}

/** What is kept of a tensor to find others like it. */
export interface Trace {
  readonly name: string;
  /** Of its first values, where the law makes signs coins. */
  readonly signs: string | undefined;
  /** Equal for tensors that may be equal, value by value; none where equal values are no surprise. */
  readonly sums: string | undefined;
}

export function traceOf({ name, type, regions, samples, signs }: Observed, measured: Statistics): Trace {
  const drawn = regions.some(
    ({ distribution }) => distribution === undefined || isRandom(distribution) || distribution.kind === "orthogonal",
  );
  const coins = regions.every(({ distribution }) => distribution === undefined || isSymmetric(distribution));
  return {
    name,
    signs: coins ? signs : undefined,
    sums: drawn && measured.std > 0 ? JSON.stringify([type, sizeOf(samples), measured]) : undefined,
  };
}

/** Names of tensors for which `key` is the same, the first of them first. */
export function alike(traces: readonly Trace[], key: "signs" | "sums"): readonly (readonly string[])[] {
  const groups = new Map<string, string[]>();
  for (const trace of traces) {
    const value = trace[key];
    if (value === undefined) continue;
    const group = groups.get(value);
    if (group === undefined) groups.set(value, [trace.name]);
    else group.push(trace.name);
  }
  return [...groups.values()].filter((names) => names.length > 1);
}

export const equalTo = (name: string): Finding => certain("equal", `equal to ${show(name)}, value by value`);
export const drawnAs = (name: string): Finding =>
  certain("seed", `the signs of its first values are those of ${show(name)}: one draw for both`);
