/**
 * The first narrow waist: what to draw, as plain data. Everything above makes a distribution and draws no number;
 * everything below reads one and knows no scheme.
 */
import { checkCount, checkFinite, checkNotNegative, checkOneOf, wrongType, wrongValue } from "./check.js";

/** What to draw for a tensor: one distribution for all of it, or one for each of its parts. */
export type Distribution = Unsplit | Split;

/**
 * A tensor of parts that lie side by side along an axis: of its elements, the first parts[0].length belong to the first
 * part, the next parts[1].length to the second, and so on; after the last part it begins again.
 */
export interface Split {
  readonly kind: "split";
  readonly parts: readonly { readonly length: number; readonly distribution: Unsplit }[];
}

/** A distribution without parts. Numbers are doubles; they are rounded to the dtype once, where the kernel is called. */
export type Unsplit = Independent | Structured;

/** Distributions of independent elements: any element can be drawn alone. */
export type Independent =
  | { readonly kind: "constant"; readonly value: number }
  /** Between `low` and `high`, both excluded. */
  | { readonly kind: "uniform"; readonly low: number; readonly high: number }
  | { readonly kind: "normal"; readonly mean: number; readonly std: number }
  /** `mean` and `std` before truncation; `low` and `high` (excluded) in units of `std` from the mean. */
  | {
      readonly kind: "truncated";
      readonly mean: number;
      readonly std: number;
      readonly low: number;
      readonly high: number;
    };

/** Distributions of a whole tensor of that many `elements`. */
export type Structured = (Orthogonal | Diagonal | Sparse | Hadamard) & { readonly elements: number };

/**
 * `gain` times a matrix whose rows or columns, whichever are fewer, are orthonormal. Within a larger tensor of zeros it
 * begins at element `offset`, and its elements, row-major, lie `stride` apart.
 */
interface Orthogonal {
  readonly kind: "orthogonal";
  readonly rows: number;
  readonly columns: number;
  readonly gain: number;
  readonly offset: number;
  readonly stride: number;
}

/** `value` at offset + r repeat + k step, for r < repeats and k < count; zeros elsewhere. */
interface Diagonal {
  readonly kind: "diagonal";
  readonly value: number;
  readonly offset: number;
  readonly step: number;
  readonly count: number;
  readonly repeat: number;
  readonly repeats: number;
}

/** N(0, std^2), except for `zeros` zeros in each column, or in each row where `perRow`. */
interface Sparse {
  readonly kind: "sparse";
  readonly rows: number;
  readonly columns: number;
  readonly std: number;
  readonly zeros: number;
  readonly perRow: boolean;
}

/** The first rows and columns of Hadamard's matrix of that size, a power of 2, over the square root of the size. */
interface Hadamard {
  readonly kind: "hadamard";
  readonly columns: number;
  readonly size: number;
}

export const isStructured = (distribution: Unsplit): distribution is Structured => "elements" in distribution;

export function uniformDistribution(low: number, high: number): Unsplit {
  checkFinite("low", low);
  checkFinite("high", high);
  if (low > high) throw wrongValue("low", `at most high (${high})`, low);
  return low === high ? { kind: "constant", value: low } : { kind: "uniform", low, high };
}

export function normalDistribution(mean: number, std: number): Unsplit {
  checkFinite("mean", mean);
  const width = checkNotNegative("std", std);
  checkFinite("mean + 8 std", mean + 8 * width);
  checkFinite("mean - 8 std", mean - 8 * width);
  return width === 0 ? { kind: "constant", value: mean } : { kind: "normal", mean, std: width };
}

const FARTHEST = 1e100; // a bound this many std out still has a finite square

/** `low` and `high` in units of `std` from the mean. */
export function truncatedDistribution(mean: number, std: number, low: number, high: number): Unsplit {
  checkFinite("mean", mean);
  const width = checkNotNegative("std", std);
  if (!(low < high)) throw wrongValue("low", `less than high (${high})`, low);
  if (low > FARTHEST || high < -FARTHEST) {
    throw wrongValue("low, high", "bounds within 1e100 std of the mean", [low, high]);
  }
  return width === 0 ? { kind: "constant", value: mean } : { kind: "truncated", mean, std: width, low, high };
}

/** The distributions of a tensor's parts; the distribution itself where there is one part. */
export const partsOf = (distribution: Distribution): readonly Unsplit[] =>
  distribution.kind === "split" ? distribution.parts.map((part) => part.distribution) : [distribution];

const FIXED: readonly Unsplit["kind"][] = ["constant", "diagonal", "hadamard"];

/** Whether any value is random, so that a key is needed. */
export const needsKey = (distribution: Distribution): boolean =>
  partsOf(distribution).some(({ kind }) => !FIXED.includes(kind));

/** Whether drawing a slice costs as much as drawing the whole tensor. */
export const isWhole = (distribution: Distribution): boolean => partsOf(distribution).some(isStructured);

type Numbers = Readonly<Record<string, number>>;

/** The numbers of each kind, and what they must be for a tensor of that many elements. */
const KINDS: Readonly<
  Record<Unsplit["kind"], readonly [counts: string, finite: string, holds?: (d: Numbers) => boolean]>
> = {
  constant: ["", "value"],
  uniform: ["", "low high", (d) => d.low! < d.high!],
  normal: ["", "mean std", (d) => d.std! >= 0],
  truncated: ["", "mean std", (d) => d.std! >= 0 && d.low! < d.high! && d.low! < FARTHEST && d.high! > -FARTHEST],
  orthogonal: [
    "rows columns offset stride elements",
    "gain",
    (d) => d.rows! * d.columns! > 0 && d.offset! + (d.rows! * d.columns! - 1) * d.stride! < d.elements!,
  ],
  diagonal: [
    "offset step count repeat repeats elements",
    "value",
    (d) => d.step! > 0 && d.offset! + (d.repeats! - 1) * d.repeat! + (d.count! - 1) * d.step! < d.elements!,
  ],
  sparse: ["rows columns zeros elements", "std", (d) => d.std! >= 0 && d.rows! * d.columns! === d.elements],
  hadamard: ["columns size elements", "", (d) => (d.size! & (d.size! - 1)) === 0 && d.columns! > 0],
};

/**
 * A distribution from anywhere, for a tensor of that many elements.
 *
 * @throws TypeError, RangeError naming what is wrong, before anything is drawn.
 */
export function checkDistribution(given: unknown, elements: number): Distribution {
  const { kind, parts, ...rest } = given as { kind?: unknown; parts?: unknown };
  if (kind !== "split") return checkUnsplit(given as Unsplit, elements);
  if (!Array.isArray(parts) || parts.length === 0) throw wrongType("distribution.parts", "a list of parts", parts);
  const period = parts.reduce((sum, part) => sum + checkCount("distribution.parts.length", part?.length), 0);
  if (period > 0 ? elements % period !== 0 : elements > 0) {
    throw wrongValue("distribution.parts", `lengths whose sum divides ${elements}, the tensor's elements`, period);
  }
  for (const { length, distribution } of parts) checkUnsplit(distribution, (elements / period) * length || 0);
  return { ...rest, kind, parts };
}

function checkUnsplit(given: Unsplit, elements: number): Unsplit {
  const name = checkOneOf("distribution.kind", given?.kind, [...Object.keys(KINDS), "split"] as "constant"[]);
  const [counts, finite, holds = () => true] = KINDS[name];
  const numbers = given as unknown as Numbers;
  for (const key of counts.split(" ")) if (key !== "") checkCount(`distribution.${key}`, numbers[key]);
  for (const key of finite.split(" ")) if (key !== "") checkFinite(`distribution.${key}`, numbers[key]);
  if (!holds(numbers)) throw wrongValue("distribution", `a ${name} that fits itself, as resolve() makes it`, given);
  if (isStructured(given) && given.elements !== elements) {
    throw wrongValue("distribution.elements", `${elements}, as in the shape`, given.elements);
  }
  return given;
}
