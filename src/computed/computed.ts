/**
 * Values that are computed: from their places in the tensor, from draws, or from another tensor. Plain data, beside
 * `Distribution`. Only tensors of whole models have them: `init` and `fill` draw distributions alone.
 */
import { type Distribution, isStructured, isWhole, partsOf } from "../distribution.js";

/** What the values of a model's tensor are: drawn from a distribution, or computed. */
export type ModelDistribution = Distribution | Computed;

/** How values are computed. Its numbers are doubles, and a value is rounded once, to the tensor's element type. */
export type Computed = Placed | OfDraw | Repeated | Scaled | Norms;

/** Values that are functions of one draw each. */
export type OfDraw = LogUniform | LogOfUniform;

/** Values that follow from their places in the tensor alone. */
export type Placed = Sinusoidal | Arange | LogArange | Powers | RelativePosition;

/**
 * Sines and cosines of position times frequency, for a table of `positions` rows and `width` columns. Frequency j is
 * base^-(j / span).
 */
interface Sinusoidal {
  readonly kind: "sinusoidal";
  readonly positions: number;
  readonly width: number;
  readonly base: number;
  /** The j at which the frequency is 1 / base. */
  readonly span: number;
  /** Whether columns are sine and cosine of one frequency in turn, or first all sines and then all cosines. */
  readonly interleaved: boolean;
}

/** Element i of a run along one axis, which has `length` elements that lie `inner` apart, stands for start + i * step. */
interface AlongAxis {
  readonly start: number;
  readonly step: number;
  readonly length: number;
  readonly inner: number;
}

/** start + i * step. */
interface Arange extends AlongAxis {
  readonly kind: "arange";
}

/** ln(start + i * step). */
interface LogArange extends AlongAxis {
  readonly kind: "logArange";
}

/** base^(start + i * step). */
interface Powers extends AlongAxis {
  readonly kind: "powers";
  readonly base: number;
}

/**
 * The number of the offset between two places of a window: for rows and columns (y, x) and (v, u) of places i and j,
 * (y - v + height - 1) * (2 width - 1) + x - u + width - 1.
 */
interface RelativePosition {
  readonly kind: "relativePosition";
  readonly height: number;
  readonly width: number;
}

/** e^t, with t uniform between ln(low) and ln(high); values below `floor` become `floor`. */
interface LogUniform {
  readonly kind: "logUniform";
  readonly low: number;
  readonly high: number;
  /** 0 for none. */
  readonly floor: number;
  /** Whether the number is stored whose softplus is that value. */
  readonly softplus: boolean;
}

/** The natural logarithm of a value that is uniform between `low` and `high`. */
interface LogOfUniform {
  readonly kind: "logOfUniform";
  readonly low: number;
  readonly high: number;
}

/** Runs of `length` elements of a smaller tensor, each of them `times` times in a row. */
interface Repeated {
  readonly kind: "repeated";
  readonly of: Distribution;
  readonly length: number;
  readonly times: number;
  /** Elements of the smaller tensor. */
  readonly elements: number;
}

/** Another tensor's values, as they are stored, times `scale`. */
interface Scaled {
  readonly kind: "scaled";
  /** The name of the other tensor, which chooses the stream. */
  readonly source: string;
  readonly of: Sourced;
  readonly scale: number;
}

/** The Euclidean norms of another tensor's slices along one axis, which has `length` elements that lie `inner` apart. */
interface Norms {
  readonly kind: "norms";
  /** The name of the other tensor, which chooses the stream. */
  readonly source: string;
  readonly of: Sourced;
  /** Elements of the other tensor. */
  readonly elements: number;
  readonly length: number;
  readonly inner: number;
}

/** What a tensor can be whose values another tensor is computed from. */
export type Sourced = Distribution | Placed | OfDraw | Repeated;

const PLACED: readonly string[] = [
  "sinusoidal",
  "arange",
  "logArange",
  "powers",
  "relativePosition",
] satisfies Placed["kind"][];
const KINDS: readonly string[] = [
  ...PLACED,
  ...(["logUniform", "logOfUniform", "repeated", "scaled", "norms"] satisfies Computed["kind"][]),
];

export const isComputed = (distribution: ModelDistribution): distribution is Computed =>
  KINDS.includes(distribution.kind);

export const isPlaced = (distribution: ModelDistribution): distribution is Placed => PLACED.includes(distribution.kind);

export const isOfDraw = (distribution: ModelDistribution): distribution is OfDraw =>
  distribution.kind === "logUniform" || distribution.kind === "logOfUniform";

/** Whether the values are made from those of another tensor. */
export const isDerived = (distribution: ModelDistribution): distribution is Scaled | Norms => "source" in distribution;

/** How many elements any slice of a tensor draws, of those of which a slice costs the whole; else 0. @param size of the tensor. */
export const elementsOfWhole = (distribution: ModelDistribution, size: number): number =>
  distribution.kind === "norms" ? distribution.elements : costsWhole(distribution) ? size : 0;

/** Whether a slice costs as much as the whole tensor. */
export function costsWhole(distribution: ModelDistribution): boolean {
  if (!isComputed(distribution)) return isWhole(distribution);
  switch (distribution.kind) {
    case "norms":
      return true;
    case "scaled":
      return costsWhole(distribution.of);
    case "repeated":
      return isWhole(distribution.of) || partsOf(distribution.of).some(isStructured);
    default:
      return false;
  }
}
