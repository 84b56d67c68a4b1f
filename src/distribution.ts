/**
 * The narrow waist: what to draw, as plain data. Everything above makes a Fill and draws no number; everything below
 * reads one and knows no scheme.
 */
import { checkFinite, checkNotNegative, wrongValue } from "./check.js";
import { type DType, FORMATS } from "./dtype.js";
import { truncatedStd } from "./math/truncation.js";

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
export type Law = Pointwise | Structured;

/** Laws under which elements are independent: any of them is drawn alone. */
export type Pointwise =
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

/** Laws of a whole tensor, of so many `elements`. */
export type Structured = (Orthogonal | Diagonal | Sparse | Hadamard) & { readonly elements: number };

/**
 * `gain` times a matrix whose rows or columns, whichever are fewer, are orthonormal. In a larger tensor of zeros it begins
 * at `offset`, and its elements, row-major, lie `stride` apart.
 */
interface Orthogonal {
  readonly law: "orthogonal";
  readonly rows: number;
  readonly columns: number;
  readonly gain: number;
  readonly offset: number;
  readonly stride: number;
}

/** `value` at offset + r repeat + k step, for r < repeats and k < count; zeros elsewhere. */
interface Diagonal {
  readonly law: "diagonal";
  readonly value: number;
  readonly offset: number;
  readonly step: number;
  readonly count: number;
  readonly repeat: number;
  readonly repeats: number;
}

/** N(0, std^2), but so many `zeros` in each column; in each row, where `across`. */
interface Sparse {
  readonly law: "sparse";
  readonly rows: number;
  readonly columns: number;
  readonly std: number;
  readonly zeros: number;
  readonly across: boolean;
}

/** The first rows and columns of Hadamard's matrix of that size, a power of 2, over the size's square root. */
interface Hadamard {
  readonly law: "hadamard";
  readonly columns: number;
  readonly size: number;
}

export const isStructured = (law: Law): law is Structured => "elements" in law;

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

const FIXED: readonly Law["law"][] = ["constant", "diagonal", "hadamard"];

/** Whether any value needs words, and so a key. */
export const needsKey = (fill: Fill): boolean => lawsOf(fill).some(({ law }) => !FIXED.includes(law));

/** The law's own standard deviation. */
export function stdOf(fill: Pointwise): number {
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

/** The same; of a structured law, the root mean square of the whole. */
export function spreadOf(fill: Law): number {
  switch (fill.law) {
    case "orthogonal":
      return Math.abs(fill.gain) * Math.sqrt(Math.min(fill.rows, fill.columns) / fill.elements);
    case "diagonal":
      return Math.abs(fill.value) * Math.sqrt((fill.count * fill.repeats) / fill.elements);
    case "sparse":
      return fill.std * Math.sqrt(1 - fill.zeros / (fill.across ? fill.columns : fill.rows));
    case "hadamard":
      return 1 / Math.sqrt(fill.size);
    default:
      return stdOf(fill);
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
    case "orthogonal":
      return Math.abs(fill.gain);
    case "diagonal":
      return Math.abs(fill.value);
    case "sparse":
      return 8 * fill.std;
    case "hadamard":
      return 1;
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
