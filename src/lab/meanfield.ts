/**
 * Mean field theory of wide random networks: how one layer changes the mean square of a signal, the correlation of two
 * signals and the mean square of a gradient. Poole, Lahiri, Raghu, Sohl-Dickstein, Ganguli, "Exponential expressivity in deep
 * neural networks through transient chaos", 2016; Schoenholz, Gilmer, Ganguli, Sohl-Dickstein, "Deep information
 * propagation", 2017.
 */
import { checkAboveZero, checkNotNegative, checkRequired, wrongValue } from "../check.js";
import { exp } from "../math/functions.js";
import type { Activation } from "../scheme/gain.js";
import { type ActivationFunction, activationFunction, withinCalls } from "./activation.js";
import { correlationOf } from "./correlation.js";
import { fixedPointOf } from "./fixedpoint.js";
import { outputMeanSquare, slopeMeanSquare } from "./meansquare.js";

/** The options of `meanField`. */
export interface MeanFieldOptions {
  /** The name of an activation function, or any function of one number. */
  readonly activation: Activation | ((x: number) => number);
  /** Variance of a weight, times its fan in, above 0: sigma_w^2. */
  readonly weightVariance: number;
  /** Variance of a bias, not negative: sigma_b^2. Default 0. */
  readonly biasVariance?: number | undefined;
  /** The slope of leakyRelu for negative inputs. Default 0.01. */
  readonly slope?: number | undefined;
  /** The derivative of an activation function of your own. Default: it is computed numerically; one with jumps needs it. */
  readonly derivative?: ((x: number) => number) | undefined;
  /** Mean square of the pre-activations that the network begins with, above 0. Default 1. */
  readonly start?: number | undefined;
}

/** What deep networks of such layers tend to. */
export interface MeanField {
  /**
   * q*, the mean square that pre-activations tend to from `start`: the nearest fixed point in the direction in which one layer
   * moves them, or `start` itself if it is one. 0 where signals vanish, Infinity where they explode, however slowly.
   */
  readonly fixedPoint: number;
  /**
   * Whether signals with mean squares near q* stay near. False where they leave it, as those of silu leave 1 with its forward
   * gain: then no deep network has this variance.
   */
  readonly stable: boolean;
  /**
   * chi_1 at q*: the factor per layer on the mean square of a gradient, and on the mean square of a small difference between
   * two inputs. Where signals vanish or explode, its limit.
   */
  readonly chi1: number;
  /**
   * `ordered` (chi_1 < 1): inputs become alike and gradients vanish. `chaotic` (chi_1 > 1): inputs become dissimilar and
   * gradients explode. `critical`: within 1e-6 of 1.
   */
  readonly phase: "ordered" | "critical" | "chaotic";
  /**
   * c*, the correlation that two inputs of positive correlation tend to: 0 to 1. Null where it depends on the two inputs: linear
   * functions keep it, and so do functions that are linear near 0 where signals vanish.
   */
  readonly correlation: number | null;
  /**
   * The number of layers in which the distance to c* shrinks to 1 / e. Infinity where it shrinks more slowly than by a factor
   * per layer, or not at all.
   */
  readonly depthScale: number;
}

const CRITICAL = 1e-6;

/**
 * Mean field theory of a deep network of equal, very wide layers without normalization and residual branches: whether its
 * signals and gradients vanish, explode or persist. Fixed points are solved for, to 1e-8 for a named activation function.
 *
 * @param options the activation function and the variances of weights and biases.
 * @throws TypeError, RangeError naming the option; RangeError for an activation function whose mean squares do not exist or are
 * not found by 2^27 evaluations, which take some seconds.
 * @example
 * ```js
 * import { meanField } from "nn-init/lab";
 *
 * const { phase, chi1 } = meanField({ activation: "tanh", weightVariance: 0.9 });
 * console.log(phase, chi1.toFixed(6)); // ordered 0.900000
 * console.log(meanField({ activation: "relu", weightVariance: 2.01 }).fixedPoint); // Infinity
 * ```
 */
export function meanField(options: MeanFieldOptions): MeanField {
  checkRequired("options", options, ["activation", "weightVariance", "biasVariance", "slope", "derivative", "start"]);
  const weight = checkAboveZero("weightVariance", options.weightVariance);
  const bias = checkNotNegative("biasVariance", options.biasVariance ?? 0);
  const start = checkAboveZero("start", options.start ?? 1);
  const activation = withinCalls(activationFunction(options.activation, options.slope, options.derivative));
  const map = (q: number): number => weight * outputMeanSquare(activation, q) + bias;
  if (map(start) === Number.POSITIVE_INFINITY) {
    throw wrongValue("activation", "a function with a mean square: it grows too fast", options.activation);
  }
  const { value: fixedPoint, stable } = fixedPointOf(map, start, bias);
  const slopeAt = (q: number): number => weight * slopeMeanSquare(activation, q);
  const chi1 = chi1At(fixedPoint, slopeAt);
  const phase = Math.abs(chi1 - 1) < CRITICAL ? "critical" : chi1 < 1 ? "ordered" : "chaotic";
  const q = inReach(fixedPoint);
  const given = {
    activation,
    weight,
    bias,
    q,
    variance: map(q),
    slope: chi1 < Number.POSITIVE_INFINITY ? chi1 : slopeAt(q),
  };
  return { fixedPoint, stable, chi1, phase, ...correlationOf(given) };
}

const LOWEST = 1e-14;
const HIGHEST = 1e16;

/** The fixed point; where it is 0 or Infinity, a mean square at which the limit is reached. */
const inReach = (q: number): number => (q === 0 ? LOWEST : Math.min(HIGHEST, q));

/** chi_1 at a fixed point, or its limit. */
export function chi1At(fixedPoint: number, slopeAt: (q: number) => number): number {
  const chi1 = slopeAt(inReach(fixedPoint));
  return fixedPoint > HIGHEST && chi1 > 1e12 ? Number.POSITIVE_INFINITY : chi1;
}

const PANELS = 24; // over [-8, 8], with 5 points each; an even number, so that 0, where relu has its kink, is a border
const POINTS = [0, 0.5384693101056831, -0.5384693101056831, 0.906179845938664, -0.906179845938664]; // Gauss-Legendre, 5 points on [-1, 1]
const WEIGHTS = [128 / 225, 0.47862867049936647, 0.47862867049936647, 0.23692688505618908, 0.23692688505618908];
const NODES = Array.from({ length: PANELS }, (_, i) => {
  const half = 8 / PANELS;
  const middle = -8 + (2 * i + 1) * half;
  return POINTS.map((x, k) => {
    const z = middle + half * x;
    return { z, weight: half * (WEIGHTS[k] as number) * 0.3989422804014327 * exp(-0.5 * z * z) };
  });
}).flat();

/** E g(sqrt(q) Z)^2 with few points: to 1e-6 if g is smooth or has its only kink at 0, to 1e-3 if it has others. */
export function quickMeanSquare(g: (x: number) => number, q: number): number {
  const root = Math.sqrt(q);
  let sum = 0;
  for (const { z, weight } of NODES) {
    const y = g(root * z);
    sum += weight * y * y;
  }
  return sum;
}

/**
 * E f(u1) f(u2) for normal variables with mean squares q1 and q2 and correlation c (Poole et al., eq. 5). The absolute error
 * is 1e-9 if f is smooth, 1e-4 if it has kinks.
 */
export function outputProduct({ f }: ActivationFunction, q1: number, q2: number, c: number): number {
  const rest = Math.sqrt(Math.max(0, 1 - c * c));
  const [root1, root2] = [Math.sqrt(q1), Math.sqrt(q2)];
  let sum = 0;
  for (const outer of NODES) {
    const first = f(root1 * outer.z);
    if (first === 0 || outer.weight < 1e-12) continue;
    let mean = 0;
    for (const { z, weight } of NODES) mean += weight * f(root2 * (c * outer.z + rest * z));
    sum += outer.weight * first * mean;
  }
  return sum;
}
