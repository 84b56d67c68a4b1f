/** From the summary of a tensor to a verdict on it. */

import type { FileType } from "../checkpoint/safetensors.js";
import { type Computed, isOfDraw } from "../computed/computed.js";
import { type Independent, isStructured, type Unsplit } from "../distribution.js";
import { isRandom, meanOf, rmsOf } from "../moments.js";
import { certain, checkRandom, type RegionSummary } from "./check.js";
import { expectationOf } from "./expectation.js";
import type { Finding, Note, Statistics, TensorReport } from "./found.js";
import { checkOfDraw } from "./image.js";
import { checkLines, type Lines } from "./lines.js";
import { scaleOf } from "./pattern.js";
import type { Region } from "./region.js";
import { checkConstant, checkStructure } from "./structure.js";
import { emptyMoments, type Moments, merge } from "./tally.js";

/** The largest share of correct files that fail, however many tensors they have. */
export const FALSE_ALARMS = 1e-4;

/** What was read of a tensor. */
export interface TensorSummary {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: FileType;
  readonly regions: readonly Region[];
  /** One for each region. */
  readonly summaries: readonly RegionSummary[];
  /** The sums of squares of rows or columns. */
  readonly lines: readonly { readonly lines: Lines; readonly squares: Float64Array }[];
  /** The name of the tensor that it should be a copy of. */
  readonly copyOf: string | undefined;
  /** How its values should be computed. */
  readonly computed: Computed | undefined;
  /** The sign bits of the first values; undefined if there are too few, if one is 0, or if nearly all are alike. */
  readonly signs: string | undefined;
}

/** @returns the number of checks, and the t of `checkRandom` that follows from it. */
export const strictness = (checks: number): { readonly checks: number; readonly t: number } => ({
  checks,
  t: Math.log((2 * Math.max(1, checks)) / FALSE_ALARMS),
});

export function reportOf(summary: TensorSummary, t: number): TensorReport {
  const { name, shape, type, regions, summaries } = summary;
  const findings = regions.flatMap(({ distribution }, i) => {
    const found = findingsOf(summaries[i] as RegionSummary, distribution, type, t);
    return regions.length === 1 ? found : found.map((each) => ({ ...each, sentence: `part ${i}: ${each.sentence}` }));
  });
  const { distribution } = regions[0] as Region;
  if (isRandom(distribution)) {
    for (const { lines, squares } of summary.lines) findings.push(...checkLines(squares, lines, distribution, type, t));
  }
  if (summary.computed !== undefined) findings.push(...computedFindings(summary, summary.computed, t));
  const measured = statisticsOf(summaries, type);
  const drawn = regions.every(({ distribution }) => distribution !== undefined);
  const known = drawn || summary.copyOf !== undefined || summary.computed !== undefined;
  const infinite = summaries.reduce((sum, { moments }) => sum + moments.infinite, 0);
  if (measured.nonFinite > (known ? 0 : infinite)) {
    findings.push(certain("finite", `NaN or infinite: ${measured.nonFinite} of ${countOf(summaries)} values`));
  }
  const failures = findings.filter(({ excess }) => excess > 1).sort((a, b) => b.excess - a.excess);
  return {
    ...{ name, shape, dtype: type },
    verdict: failures.length > 0 ? "fail" : known ? "ok" : "unknown",
    expected: drawn ? expectedOf(regions, summaries) : null,
    measured,
    excess: findings.reduce((worst, { excess }) => Math.max(worst, excess), 0),
    failures,
    notes: known ? [] : notesOf(shape, measured, infinite, countOf(summaries)),
  };
}

/** The notes on a tensor about which nothing is known. */
function notesOf(
  shape: readonly number[],
  { min, max, std, nonFinite }: Statistics,
  infinite: number,
  size: number,
): Note[] {
  const constant = shape.length > 1 && size > 1 && nonFinite === 0 && min === max && std === 0;
  return [
    ...(infinite > 0 ? [{ check: "finite", sentence: `infinite: ${infinite} of ${size} values` }] : []), // as in masks
    ...(constant ? [{ check: "constant", sentence: `every value of this matrix is ${min}` }] : []),
  ];
}

/** The report with one more failure. */
export const failing = (report: TensorReport, finding: Finding): TensorReport => ({
  ...report,
  verdict: "fail",
  excess: Math.max(report.excess, finding.excess),
  failures: [...report.failures, finding].sort((a, b) => b.excess - a.excess),
});

function findingsOf(summary: RegionSummary, distribution: Unsplit | undefined, type: FileType, t: number): Finding[] {
  if (distribution === undefined) return [];
  if (isRandom(distribution)) return checkRandom(summary, expectationOf(distribution, type), t);
  if (isStructured(distribution)) return checkStructure(summary.moments, distribution, type);
  return checkConstant(summary.moments, distribution as Extract<Independent, { kind: "constant" }>, type);
}

/** What the tally shows of values that are functions of draws. All else that is computed is read again, and compared. */
function computedFindings({ summaries, type }: TensorSummary, computed: Computed, t: number): Finding[] {
  const summary = summaries[0] as RegionSummary;
  if (isOfDraw(computed)) return checkOfDraw(summary, computed, type, t);
  if (computed.kind !== "repeated" || computed.of.kind === "split") return [];
  const found = findingsOf(oneOf(summary, computed.times), computed.of, type, t);
  return found.filter(({ check }) => check !== "distinct"); // the sample that was counted has no run twice
}

/** The tally of the smaller tensor whose values a tensor has `times` times each. */
function oneOf({ moments, filled, ...rest }: RegionSummary, times: number): RegionSummary {
  const { min, max, ...sums } = moments;
  const parts = Object.fromEntries(Object.entries(sums).map(([key, sum]) => [key, sum / times]));
  const counts = filled.counts.map((count) => count / times);
  return { ...rest, moments: { ...parts, min, max } as Moments, filled: { ...filled, counts } };
}

const countOf = (summaries: readonly RegionSummary[]): number =>
  summaries.reduce((sum, { moments }) => sum + moments.finite + moments.nonFinite, 0);

function expectedOf(regions: readonly Region[], summaries: readonly RegionSummary[]): { mean: number; std: number } {
  let [count, sum, squares] = [0, 0, 0];
  regions.forEach(({ distribution }, i) => {
    const moments = (summaries[i] as RegionSummary).moments;
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

export function statisticsOf(summaries: readonly RegionSummary[], type: FileType): Statistics {
  const all: Moments = emptyMoments();
  for (const { moments } of summaries) merge(all, moments);
  const { finite: n, sum, squares, min, max, zeros, nonFinite } = all;
  const mean = n === 0 ? 0 : sum / n;
  const variance = n === 0 || min === max ? 0 : Math.max(0, squares / n - mean * mean);
  return {
    mean: min === max ? min : mean,
    std: Math.sqrt(variance),
    min: n === 0 ? 0 : min,
    max: n === 0 ? 0 : max,
    kurtosis: variance === 0 ? null : kurtosis(summaries, type, mean),
    zeros,
    nonFinite,
    distinct: summaries.reduce((sum, { distinct }) => sum + distinct, 0),
    among: summaries.reduce((sum, { among }) => sum + among, 0),
  };
}

/** From the middles of bins. Those of F32 are 2^-8 of their values wide, so the relative error is below 1e-5. */
function kurtosis(summaries: readonly RegionSummary[], type: FileType, mean: number): number | null {
  const { low, high } = scaleOf(type);
  let [count, squares, fourths] = [0, 0, 0];
  for (const { filled } of summaries) {
    const { ranks, counts } = filled;
    for (let i = 0; i < ranks.length; ++i) {
      const [rank, here] = [ranks[i] as number, counts[i] as number];
      const off = ((low[rank] as number) + (high[rank] as number)) / 2 - mean;
      count += here;
      const square = off * off;
      squares += here * square;
      fourths += here * square * square;
    }
  }
  return squares === 0 ? null : (count * fourths) / (squares * squares);
}
