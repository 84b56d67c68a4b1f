/** Mean, standard deviation, range and largest magnitude of distributions. */
import { wrongValue } from "./check.js";
import { type Distribution, type Independent, isStructured, partsOf, type Unsplit } from "./distribution.js";
import { type DType, FORMATS } from "./dtype.js";
import { truncatedMoments, truncatedStd } from "./math/truncation.js";

/** The mean of an element; 0 for a structured distribution. */
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

/** The standard deviation of the values, after truncation. */
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

/** The standard deviation, or for a structured distribution the root mean square over the whole tensor. */
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

/** A distribution whose elements are independent and differ. */
export type Random = Exclude<Independent, { kind: "constant" }>;

export const isRandom = (distribution: Unsplit | undefined): distribution is Random =>
  distribution !== undefined && !isStructured(distribution) && distribution.kind !== "constant";

/** The open interval that values lie in. */
export function supportOf(distribution: Random): readonly [low: number, high: number] {
  switch (distribution.kind) {
    case "normal":
      return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    case "uniform":
      return [distribution.low, distribution.high];
    case "truncated": {
      const { mean, std, low, high } = distribution;
      return [mean + std * low, mean + std * high];
    }
  }
}

/** The sub-Gaussian parameter: the std of a normal distribution whose tails dominate this one's. */
export const subGaussianOf = (distribution: Random): number =>
  distribution.kind === "uniform" ? stdOf(distribution) : distribution.std;

/** Largest magnitude a value can have. Normals are unbounded; 8 std is beyond the farthest f32 draw (6.66 std). */
function largestMagnitude(distribution: Unsplit): number {
  switch (distribution.kind) {
    case "constant":
      return Math.abs(distribution.value);
    case "uniform":
      return Math.max(-distribution.low, distribution.high);
    case "normal":
      return Math.abs(distribution.mean) + 8 * distribution.std;
    case "truncated": {
      const { mean, std } = distribution;
      const low = mean + std * Math.max(distribution.low, Math.min(-9, distribution.high));
      const high = mean + std * Math.min(distribution.high, Math.max(9, distribution.low));
      return Math.max(-low, high);
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

/** @throws RangeError where the dtype has no numbers as large as the distribution's. */
export function checkFits(distribution: Distribution, dtype: DType): void {
  for (const part of partsOf(distribution)) {
    const most = largestMagnitude(part);
    if (most <= FORMATS[dtype].largest) continue;
    throw wrongValue(
      "dtype",
      `one that holds values up to ${most}, which this ${part.kind} distribution reaches`,
      dtype,
    );
  }
}
