/** How large and how small computed values can be, and which element types hold them. */
import { wrongValue } from "../check.js";
import { type Distribution, partsOf } from "../distribution.js";
import { type DType, FORMATS } from "../dtype.js";
import { checkSubnormal } from "../engine/subnormal.js";
import { checkRoom } from "../engine/workspace.js";
import { round } from "../math/float.js";
import { pow } from "../math/functions.js";
import { checkFits, largestMagnitude, meanOf } from "../moments.js";
import { type Computed, isComputed, type ModelDistribution, type Placed } from "./computed.js";
import { imageOf, uniformOf } from "./image.js";
import { alongAxis } from "./place.js";

/** Values that are functions of their places, or of one draw each. */
type Pointwise = Exclude<Computed, { kind: "repeated" | "scaled" | "norms" }>;

const SMALLEST_LOG = -745.2; // of a double above 0

/** The smallest and the largest value, both included. */
export function intervalOf(computed: Pointwise): readonly [low: number, high: number] {
  switch (computed.kind) {
    case "sinusoidal":
      return [-1, 1];
    case "relativePosition":
      return [0, (2 * computed.height - 1) * (2 * computed.width - 1) - 1];
    case "logUniform":
    case "logOfUniform": {
      const uniform = uniformOf(computed);
      const ends = uniform.kind === "uniform" ? [uniform.low, uniform.high] : [meanOf(uniform), meanOf(uniform)];
      const [low, high] = ends.map((x) => imageOf(computed, x)) as [number, number];
      return [Math.max(low, SMALLEST_LOG), high];
    }
    default: {
      const ends = [alongAxis(computed, 0), alongAxis(computed, computed.length - 1)];
      return [Math.min(...ends), Math.max(...ends)];
    }
  }
}

/** The largest magnitude that values can have. */
function largestOf(distribution: ModelDistribution): number {
  if (!isComputed(distribution))
    return partsOf(distribution).reduce((most, part) => Math.max(most, largestMagnitude(part)), 0);
  switch (distribution.kind) {
    case "repeated":
      return largestOf(distribution.of);
    case "scaled":
      return Math.abs(distribution.scale) * largestOf(distribution.of);
    case "norms":
      return Math.sqrt(distribution.elements / Math.max(1, distribution.length)) * largestOf(distribution.of);
    default: {
      const [low, high] = intervalOf(distribution);
      return Math.max(-low, high);
    }
  }
}

/** The least magnitude of the values that are not 0, about. */
function leastOf(placed: Placed): number {
  switch (placed.kind) {
    case "sinusoidal":
      return pow(placed.base, -(Math.ceil(placed.width / 2) - 1) / placed.span);
    case "powers":
      return Math.min(...intervalOf(placed));
    case "arange":
      return Math.min(...[placed.start, placed.step].map(Math.abs).filter((x) => x > 0), 1);
    default:
      return 1;
  }
}

/** @throws RangeError naming the dtype, if it does not hold the values, or if they cannot be made in it on this thread. */
export function checkHolds(distribution: ModelDistribution, dtype: DType): void {
  if (!isComputed(distribution)) {
    checkFits(distribution, dtype);
    checkRoom(distribution, dtype);
    return;
  }
  if ("of" in distribution) checkHolds(distribution.of, dtype);
  const largest = largestOf(distribution);
  if (largest <= FORMATS[dtype].largest && (largest === 0 || round(largest, dtype) !== 0)) return;
  throw wrongValue(
    "dtype",
    `one that holds values up to ${largest}, which these ${distribution.kind} values reach`,
    dtype,
  );
}

/** @throws RangeError if this thread takes subnormal numbers for 0 and a value can be one. */
export function checkKeepsSubnormal(distribution: ModelDistribution, dtype: DType): void {
  const like = likeOf(distribution);
  if (like !== undefined) checkSubnormal(like, dtype);
}

/** A distribution whose values can be subnormal where those can be; undefined where none can be. */
function likeOf(distribution: ModelDistribution): Distribution | undefined {
  if (!isComputed(distribution)) return distribution;
  switch (distribution.kind) {
    case "logUniform":
      return { kind: "constant", value: Math.max(distribution.low, distribution.floor) };
    case "logOfUniform":
      return undefined;
    case "scaled":
      return { kind: "normal", mean: 0, std: Math.abs(distribution.scale) * largestOf(distribution.of) };
    case "repeated":
    case "norms":
      return likeOf(distribution.of);
    default:
      return { kind: "constant", value: leastOf(distribution) };
  }
}
