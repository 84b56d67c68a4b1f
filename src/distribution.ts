/**
 * The first waist: what to draw, as plain data. Everything above this file makes a distribution and draws no number;
 * everything below it reads one and knows no scheme.
 */
import { checkFinite, checkNotNegative, wrongValue } from "./check.js";

/**
 * What to draw for a tensor: one distribution for all of it, or one for each of its parts. Plain data: `resolve` makes
 * it from a shape and a scheme, and `init` and `fill` accept it in place of a scheme.
 */
export type Distribution = Unsplit | Split;

/**
 * A tensor packed from several parts along one axis. In the flat tensor, the first `parts[0].length` elements belong to
 * the first part, the next `parts[1].length` to the second, and so on. After the last part the pattern repeats.
 */
export interface Split {
  readonly kind: "split";
  /** The parts, in the order in which they lie in memory. */
  readonly parts: readonly {
    /** How many consecutive elements of the flat tensor belong to this part before the next part begins. */
    readonly length: number;
    /** What the elements of this part are drawn from. */
    readonly distribution: Unsplit;
  }[];
}

/** A distribution without parts. Its numbers are doubles, which are rounded once, where the kernel is called. */
export type Unsplit = Independent | Structured;

/** A distribution of independent elements: any element can be drawn alone. */
export type Independent =
  | {
      /** Every element is `value`. */
      readonly kind: "constant";
      readonly value: number;
    }
  | {
      /** Uniform between `low` and `high`, both excluded. */
      readonly kind: "uniform";
      readonly low: number;
      readonly high: number;
    }
  | {
      /** N(mean, std^2). */
      readonly kind: "normal";
      readonly mean: number;
      readonly std: number;
    }
  | {
      /** N(mean, std^2), truncated strictly between mean + std * low and mean + std * high. */
      readonly kind: "truncated";
      /** Before truncation. */
      readonly mean: number;
      /** Before truncation. */
      readonly std: number;
      /** Lower bound, in `std` from the mean. */
      readonly low: number;
      /** Upper bound, in `std` from the mean. */
      readonly high: number;
    };

/** A distribution of a whole tensor. Drawing a slice of it can cost as much as drawing all of it. */
export type Structured = (Orthogonal | Diagonal | Sparse | Hadamard) & {
  /** Elements of the tensor; the drawn shape must have as many. */
  readonly elements: number;
};

/**
 * `gain` times a matrix whose rows or columns, whichever are fewer, are orthonormal. The matrix may lie inside a larger
 * tensor of zeros: its elements, row-major, begin at element `offset` and are `stride` elements apart.
 */
interface Orthogonal {
  readonly kind: "orthogonal";
  readonly rows: number;
  readonly columns: number;
  /** Length of each of the orthogonal rows or columns. */
  readonly gain: number;
  /** Index in the tensor of the matrix's first element. */
  readonly offset: number;
  /** Distance in the tensor between neighbouring elements of the matrix. */
  readonly stride: number;
}

/** `value` at elements offset + r * repeat + k * step, for 0 <= r < repeats and 0 <= k < count; zeros elsewhere. */
interface Diagonal {
  readonly kind: "diagonal";
  readonly value: number;
  /** Index in the tensor of the first diagonal's first element. */
  readonly offset: number;
  /** Distance between the elements of one diagonal. */
  readonly step: number;
  /** Elements of one diagonal. */
  readonly count: number;
  /** Distance between the first elements of two diagonals. */
  readonly repeat: number;
  /** How many diagonals there are. */
  readonly repeats: number;
}

/** N(0, std^2), except that each column (each row if `perRow`) holds exactly `zeros` zeros, at random positions. */
interface Sparse {
  readonly kind: "sparse";
  readonly rows: number;
  readonly columns: number;
  /** Standard deviation of the elements that are not zeros. */
  readonly std: number;
  /** Zeros in each column (row). */
  readonly zeros: number;
  /** Whether zeros are counted in each row instead of each column. */
  readonly perRow: boolean;
}

/**
 * The first `columns` columns of Sylvester's Hadamard matrix of order `size` (a power of 2), divided by sqrt(size),
 * with as many of its rows as the tensor has.
 */
interface Hadamard {
  readonly kind: "hadamard";
  readonly columns: number;
  /** Order of the Hadamard matrix. */
  readonly size: number;
}

/** Parts of a split at most. */
export const MAX_PARTS = 0x100000; // 2^20
const MAX_MATRICES = 0x20000; // structured parts at most: each takes 2^36 elements of the stream, which has 2^53

/** @throws RangeError if a split with structured parts has more parts than the stream has room for. */
export function checkMatrices(name: string, parts: Split["parts"]): void {
  if (parts.length <= MAX_MATRICES || !parts.some(({ distribution }) => isStructured(distribution))) return;
  throw wrongValue(name, `at most ${MAX_MATRICES} matrices`, parts.length);
}

/** A text that only equal distributions have. */
export const textOf = (distribution: Unsplit): string =>
  JSON.stringify(distribution, (_, value) => (Object.is(value, -0) ? "-0" : value));

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

const FARTHEST_BOUND = 1e100; // in std from the mean; its square is still finite

/** Whether two bounds, in std from the mean, leave values that can be drawn. */
export const areBounds = (low: number, high: number): boolean =>
  low < high && low <= FARTHEST_BOUND && high >= -FARTHEST_BOUND;

/** @param low in std from the mean, as is `high`. */
export function truncatedDistribution(mean: number, std: number, low: number, high: number): Unsplit {
  checkFinite("mean", mean);
  const width = checkNotNegative("std", std);
  if (!(low < high)) throw wrongValue("low", `less than high (${high})`, low);
  if (!areBounds(low, high)) throw wrongValue("low, high", "bounds within 1e100 std of the mean", [low, high]);
  return width === 0 ? { kind: "constant", value: mean } : { kind: "truncated", mean, std: width, low, high };
}

/** The distribution of each part; of a tensor without parts, its one distribution. */
export const partsOf = (distribution: Distribution): readonly Unsplit[] =>
  distribution.kind === "split" ? distribution.parts.map((part) => part.distribution) : [distribution];

const WITHOUT_RANDOMNESS: readonly Unsplit["kind"][] = ["constant", "diagonal", "hadamard"];

/** Whether any value is random, so that drawing needs a key. */
export const needsKey = (distribution: Distribution): boolean =>
  partsOf(distribution).some(({ kind }) => !WITHOUT_RANDOMNESS.includes(kind));

/** Whether drawing a slice costs as much as drawing the whole tensor. */
export const isWhole = (distribution: Distribution): boolean =>
  distribution.kind === "split"
    ? partsOf(distribution).some(isStructured)
    : distribution.kind === "orthogonal" || distribution.kind === "sparse";
