/** Moments and bounds of distributions: mean, standard deviation, support, largest magnitude. */
import { wrongValue } from "./check.js";
import { type Distribution, type Independent, isStructured, partsOf, type Unsplit } from "./distribution.js";
import { type DType, FORMATS } from "./dtype.js";
import { above, below, round } from "./math/float.js";
import { truncatedMoments, truncatedStd } from "./math/truncation.js";

/** Mean of an element after truncation; 0 for a structured distribution. */
export function meanOf(distribution: Unsplit): number {
  switch (distribution.kind) {
    case "constant":
      return distribution.value;
    case "uniform":
      return (distribution.low + distribution.high) / 2;
    case "normal":
      return distribution.mean;
    case "truncated": {
      const { mean, std, low, high } = distribution;
      return low === -high ? mean : mean + std * truncatedMoments(low, high).mean;
    }
    default:
      return 0;
  }
}

/** Standard deviation of an element after truncation. */
export function stdOf(distribution: Independent): number {
  switch (distribution.kind) {
    case "constant":
      return 0;
    case "uniform":
      return (distribution.high - distribution.low) / Math.sqrt(12);
    case "normal":
      return distribution.std;
    case "truncated":
      return distribution.std * truncatedStd(distribution.low, distribution.high);
  }
}

/** Standard deviation of an element, or for a structured distribution the root mean square over the whole tensor. */
export function rmsOf(distribution: Unsplit): number {
  switch (distribution.kind) {
    case "orthogonal": {
      const { gain, rows, columns, elements } = distribution;
      return Math.abs(gain) * Math.sqrt(Math.min(rows, columns) / elements);
    }
    case "diagonal": {
      const { value, count, repeats, elements } = distribution;
      return Math.abs(value) * Math.sqrt((count * repeats) / elements);
    }
    case "sparse": {
      const { std, zeros, perRow, columns, rows } = distribution;
      return std * Math.sqrt(1 - zeros / (perRow ? columns : rows));
    }
    case "hadamard":
      return 1 / Math.sqrt(distribution.size);
    default:
      return stdOf(distribution);
  }
}

/** A distribution of independent random elements. */
export type Random = Exclude<Independent, { kind: "constant" }>;

export const isRandom = (distribution: Unsplit | undefined): distribution is Random =>
  distribution !== undefined && !isStructured(distribution) && distribution.kind !== "constant";

/** The interval that all values lie in, both ends excluded. */
export function supportOf(distribution: Random): readonly [low: number, high: number] {
  switch (distribution.kind) {
    case "normal":
      return [-Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    case "uniform":
      return [distribution.low, distribution.high];
    case "truncated": {
      const { mean, std, low, high } = distribution;
      return [mean + std * low, mean + std * high];
    }
  }
}

/** The sub-Gaussian parameter: the std of a normal distribution whose tails dominate those of this one. */
export const subGaussianOf = (distribution: Random): number =>
  distribution.kind === "uniform" ? stdOf(distribution) : distribution.std;

/**
 * A value that no draw of a normal distribution truncated below at `bound` exceeds; both in std from the mean. The tail
 * beyond it has less than 2^-54 of the probability, and a draw has at most 53 random bits.
 */
const farthestDraw = (bound: number): number => Math.sqrt(81 + Math.max(bound, 0) * Math.max(bound, 0));

/** Largest magnitude of a value. Normals are unbounded; 8 std lies beyond the farthest f32 draw (6.66 std). */
export function largestMagnitude(distribution: Unsplit): number {
  switch (distribution.kind) {
    case "constant":
      return Math.abs(distribution.value);
    case "uniform":
      return Math.max(-distribution.low, distribution.high);
    case "normal":
      return Math.abs(distribution.mean) + 8 * distribution.std;
    case "truncated": {
      const { mean, std, low, high } = distribution;
      return Math.max(
        -mean - std * Math.max(low, -farthestDraw(-high)),
        mean + std * Math.min(high, farthestDraw(low)),
      );
    }
    case "orthogonal":
      return Math.abs(distribution.gain);
    case "diagonal":
      return Math.abs(distribution.value);
    case "sparse":
      return 8 * distribution.std;
    case "hadamard":
      return 1;
  }
}

/**
 * @throws RangeError naming the dtype, if it does not hold the largest values that a distribution draws, or has no value from
 * a distribution's lower bound, included, to its upper one, excluded.
 */
export function checkFits(distribution: Distribution, dtype: DType): void {
  for (const part of partsOf(distribution)) {
    const largest = largestMagnitude(part);
    if (largest > FORMATS[dtype].largest) {
      throw wrongValue(
        "dtype",
        `one that holds values up to ${largest}, which this ${part.kind} distribution reaches`,
        dtype,
      );
    }
    if (!isEmpty(part, dtype)) continue;
    const [low, high] = supportOf(part as Random);
    if (round(low, dtype) !== low) throw wrongValue("dtype", `one that has a value between ${low} and ${high}`, dtype);
  }
}

/** Whether no value of a dtype lies strictly between a distribution's bounds. Then the lower bound, rounded, is drawn. */
export function isEmpty(distribution: Unsplit, dtype: DType): boolean {
  if (!isRandom(distribution) || distribution.kind === "normal") return false;
  const [low, high] = supportOf(distribution);
  return above(low, dtype) > below(high, dtype);
}

/**
 * The typical magnitude of a distribution's values, if a dtype rounds it to 0. Typical is one std from the mean: if that
 * rounds to 0, then so do more than half of the values, 57.7% of a uniform distribution around 0, 68.3% of a normal one. Of
 * a structured distribution it is the magnitude of the elements that are not 0.
 */
export function lostTo0(distribution: Unsplit, dtype: DType): number | undefined {
  const tiny = above(0, dtype); // the smallest value above 0; half of it, and less, rounds to 0
  const largest = largestMagnitude(distribution);
  // Random values reach at most 9 times the typical one, so most distributions need no quadrature.
  if (isRandom(distribution) && largest > 16 * tiny) return undefined;
  const typical = typicalMagnitude(distribution, largest);
  return typical === 0 || typical > tiny / 2 ? undefined : typical;
}

function typicalMagnitude(distribution: Unsplit, largest: number): number {
  const { kind } = distribution;
  if (kind === "orthogonal") return largest / Math.sqrt(Math.max(distribution.rows, distribution.columns));
  if (kind === "sparse") return distribution.std;
  return isRandom(distribution) ? Math.abs(meanOf(distribution)) + stdOf(distribution) : largest;
}
