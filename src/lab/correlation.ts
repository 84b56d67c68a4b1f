/** Which correlation two inputs tend to, and how fast. */
import { wrongValue } from "../check.js";
import { log } from "../math/functions.js";
import { rootOf } from "../math/root.js";
import type { ActivationFunction } from "./activation.js";
import { breaksOf, halfSquareDifference } from "./meansquare.js";

/** What the map of correlations follows from. */
interface CorrelationMap {
  readonly activation: ActivationFunction;
  /** Variance of a weight, times its fan in. */
  readonly weight: number;
  /** Mean square of pre-activations, and what the next layer makes of it. */
  readonly q: number;
  readonly variance: number;
  /** chi_1 at q. */
  readonly slope: number;
  /** Variance of a bias, which two inputs share. */
  readonly bias: number;
}

const CRITICAL = 1e-6;
const SMALLEST = 1e-14;

/**
 * The fixed point of the map R of correlations and the depth scale. R(c) - b is a power series without negative coefficients
 * (Daniely, Frostig and Singer 2016), so R is convex where c >= 0. With R(1) = 1 that leaves one fixed point below 1 if R'(1)
 * is above 1, and none otherwise.
 */
export function correlationOf(given: CorrelationMap): { correlation: number | null; depthScale: number } {
  const { activation, weight, q, variance, slope, bias } = given;
  if (!(variance > 0)) return { correlation: null, depthScale: 0 }; // nothing is left after one layer
  const breaks = breaksOf(activation, q);
  /** 1 - R(1 - t), by the distance t = 1 - c. */
  const distance = (t: number): number => {
    const half = halfSquareDifference(activation.f, breaks, q, t);
    if (!Number.isNaN(half)) return (weight * half) / variance;
    throw wrongValue("activation", "a function whose correlations can be found: fewer jumps or kinks", activation.f);
  };
  const growth = (t: number): number => distance(t) / t - 1;
  const atOne = (slope * q) / variance; // R'(1)
  const jumps = activation.breaks === undefined && growth(1e-6) > Math.max(0, atOne - 1) + 1e-2; // R'(1) is infinite
  if (atOne <= 1 + CRITICAL && !jumps) {
    const isLinear = Math.abs(atOne - 1) <= CRITICAL && Math.abs(distance(0.5) - 0.5) < 1e-8;
    const isKept = isLinear && (bias === 0 || slope > 1 + CRITICAL); // where a signal grows, biases come to count for less and less
    return { correlation: isKept ? null : 1, depthScale: depthScaleOf(atOne) };
  }
  if (growth(1) > -1e-8) return { correlation: 0, depthScale: depthScaleOf(slopeAt(distance, 1)) }; // odd, without bias
  let [near, far] = [0.25, 1];
  while (near > SMALLEST && growth(near) <= 0) [near, far] = [near / 4, near];
  if (near <= SMALLEST) return { correlation: 1, depthScale: Number.POSITIVE_INFINITY };
  const t = rootOf(growth, near, far, 1e-12);
  return { correlation: 1 - t, depthScale: depthScaleOf(slopeAt(distance, t)) };
}

/** The derivative by two central differences, extrapolated. */
function slopeAt(distance: (t: number) => number, t: number): number {
  const over = (step: number): number => (distance(t + step) - distance(t - step)) / (2 * step);
  return (4 * over(t / 200) - over(t / 100)) / 3;
}

const depthScaleOf = (rate: number): number =>
  Math.abs(rate - 1) < CRITICAL ? Number.POSITIVE_INFINITY : rate <= 0 ? 0 : Math.abs(1 / log(rate));
