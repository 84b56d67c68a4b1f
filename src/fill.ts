/**
 * The narrow waist: what to draw, as plain data. Everything above makes a Fill and draws no number; everything below
 * reads one and knows no scheme.
 */
import { checkFinite, checkNotNegative, wrongValue } from "./check.js";
import { type DType, FORMATS } from "./dtype.js";
import { truncatedStd } from "./truncation.js";

/** What to draw for a tensor: one law for all of it, or one for each of its parts. */
export type Fill = Law | Split;

/**
 * A tensor of parts that lie side by side along an axis: of its elements, the first parts[0].length are the first part's,
 * the next parts[1].length the second's, and so on, and after the last part in turn again.
 */
export interface Split {
  readonly law: "split";
  readonly parts: readonly { readonly length: number; readonly law: Law }[];
}

/** Numbers are doubles; they are rounded to the dtype once, where the kernel is called. */
export type Law =
  | { readonly law: "constant"; readonly value: number }
  /** Between `low` and `high`, both excluded. */
  | { readonly law: "uniform"; readonly low: number; readonly high: number }
  | { readonly law: "normal"; readonly mean: number; readonly std: number }
  /** `std` is that of the law before it is cut; `low` and `high` are in units of it, from the mean. */
  | {
      readonly law: "truncated";
      readonly mean: number;
      readonly std: number;
      readonly low: number;
      readonly high: number;
    };

export function uniformFill(low: number, high: number): Law {
  checkFinite("low", low);
  checkFinite("high", high);
  if (low > high) throw wrongValue("low", `at most high (${high})`, low);
  return low === high ? { law: "constant", value: low } : { law: "uniform", low, high };
}

export function normalFill(mean: number, std: number): Law {
  checkFinite("mean", mean);
  const width = checkNotNegative("std", std);
  checkFinite("mean + 8 std", mean + 8 * width);
  checkFinite("mean - 8 std", mean - 8 * width);
  return width === 0 ? { law: "constant", value: mean } : { law: "normal", mean, std: width };
}

const FARTHEST = 1e100; // a cut this many std out still has a finite square

/** `low` and `high` in units of `std` from the mean. */
export function truncatedFill(mean: number, std: number, low: number, high: number): Law {
  checkFinite("mean", mean);
  const width = checkNotNegative("std", std);
  if (!(low < high)) throw wrongValue("low", `less than high (${high})`, low);
  if (low > FARTHEST || high < -FARTHEST)
    throw wrongValue("low, high", "a cut within 1e100 std of the mean", [low, high]);
  return width === 0 ? { law: "constant", value: mean } : { law: "truncated", mean, std: width, low, high };
}

/** The laws of a tensor's parts. */
export const lawsOf = (fill: Fill): readonly Law[] =>
  fill.law === "split" ? fill.parts.map(({ law }) => law) : [fill];

/** Whether any value needs words, and so a key. */
export const draws = (fill: Fill): boolean => lawsOf(fill).some(({ law }) => law !== "constant");

/** The law's own standard deviation. */
export function stdOf(fill: Law): number {
  switch (fill.law) {
    case "constant":
      return 0;
    case "uniform":
      return (fill.high - fill.low) / Math.sqrt(12);
    case "normal":
      return fill.std;
    case "truncated":
      return fill.std * truncatedStd(fill.low, fill.high);
  }
}

/** How far from 0 values lie: where a normal law has no end, 8 std from its mean, which no value of f32 passes. */
function reach(fill: Law): number {
  switch (fill.law) {
    case "constant":
      return Math.abs(fill.value);
    case "uniform":
      return Math.max(-fill.low, fill.high);
    case "normal":
      return Math.abs(fill.mean) + 8 * fill.std;
    case "truncated": {
      const low = fill.mean + fill.std * Math.max(fill.low, Math.min(-9, fill.high));
      const high = fill.mean + fill.std * Math.min(fill.high, Math.max(9, fill.low));
      return Math.max(-low, high);
    }
  }
}

/** That the dtype has numbers as large as the law's. */
export function checkReach(fill: Fill, dtype: DType): void {
  for (const law of lawsOf(fill)) {
    const most = reach(law);
    if (most > FORMATS[dtype].largest) {
      throw wrongValue("dtype", `one that reaches ${most}, as this ${law.law} law does`, dtype);
    }
  }
}
