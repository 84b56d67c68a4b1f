/**
 * Finds few values that are all too close to their mean. Tail bounds of sums say nothing there, but the probability that n
 * independent values lie within a ball around their mean is at most its volume times the largest density to the power n.
 */
import type { FileType } from "../checkpoint/safetensors.js";
import { upperTail } from "../math/functions.js";
import type { Random } from "../moments.js";
import { HALF_STEP } from "./rounding.js";

/** The most values that are checked by the ball. For more, a bound of the sum of squares is as strict. */
export const MOST_IN_BALL = 64;

/** The largest density of a distribution; undefined where its mode is a bound, which no initialization has. */
function largestDensity(distribution: Random): number | undefined {
  if (distribution.kind === "uniform") return 1 / (distribution.high - distribution.low);
  const normal = 1 / (distribution.std * Math.sqrt(2 * Math.PI));
  if (distribution.kind === "normal") return normal;
  const { low, high } = distribution;
  return low < 0 && high > 0 ? normal / (1 - upperTail(-low) - upperTail(high)) : undefined;
}

/** log(gamma(n / 2 + 1)), by the recurrence from gamma(1) = 1 or gamma(3 / 2) = sqrt(pi) / 2. */
function logGammaOfHalf(n: number): number {
  let sum = n % 2 === 0 ? 0 : Math.log(Math.sqrt(Math.PI) / 2);
  for (let x = n % 2 === 0 ? 1 : 1.5; x < n / 2 + 1; x += 1) sum += Math.log(x);
  return sum;
}

/**
 * -log of a bound of the probability that the distance of n values from their mean, as a vector, is at most `radius`.
 * Undefined where there is no bound.
 */
export function unlikelinessOfBall(n: number, radius: number, distribution: Random): number | undefined {
  const density = largestDensity(distribution);
  if (density === undefined || n > MOST_IN_BALL) return undefined;
  const volume = (n / 2) * Math.log(Math.PI) + n * Math.log(radius) - logGammaOfHalf(n);
  return -(volume + n * Math.log(density));
}

/** A good generator's values may be multiples of this many std: it has 2^20 different values, or more. */
const COARSEST = 2 ** -20;

/**
 * By how much rounding may have moved n values, as a vector. Undefined for types that are coarser than 16 bits.
 *
 * @param norm the length of the vector.
 */
export function movedByRounding(n: number, norm: number, std: number, type: FileType): number | undefined {
  const step = HALF_STEP[type];
  if (step === undefined) return undefined;
  const [relative, smallest] = step;
  return (relative * norm + Math.max(smallest, COARSEST * std) * Math.sqrt(n)) / (1 - relative);
}
