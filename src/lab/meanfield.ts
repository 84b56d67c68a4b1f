/**
 * Mean field theory of wide random networks: how one layer changes the mean square of a signal, the correlation of two
 * signals and the mean square of a gradient. Poole, Lahiri, Raghu, Sohl-Dickstein, Ganguli, "Exponential expressivity in deep
 * neural networks through transient chaos", 2016; Schoenholz, Gilmer, Ganguli, Sohl-Dickstein, "Deep information
 * propagation", 2017.
 */
import { checkAboveZero, checkNotNegative, checkOptions } from "../check.js";
import { exp, log } from "../math/functions.js";
import { normalMean } from "../math/quadrature.js";
import type { Activation } from "../scheme/gain.js";
import { type ActivationFunction, activationFunction } from "./activation.js";
import { tabulated } from "./table.js";

/** The options of `meanField`. */
export interface MeanFieldOptions {
  /** The name of an activation function, or any function of one number. */
  readonly activation: Activation | ((x: number) => number);
  /** Variance of a weight, times its fan in, above 0: sigma_w^2. */
  readonly weightVariance: number;
  /** Variance of a bias, not negative: sigma_b^2. Default 0. */
  readonly biasVariance?: number;
  /** The slope of leakyRelu for negative inputs. Default 0.01. */
  readonly slope?: number;
  /** The derivative of an activation function of your own. Default: it is computed numerically. */
  readonly derivative?: (x: number) => number;
}

/** What deep networks of such layers tend to. */
export interface MeanField {
  /**
   * q*, the mean square that pre-activations tend to if they begin with 1. 0 where signals vanish, Infinity where they
   * explode.
   */
  readonly fixedPoint: number;
  /**
   * chi_1 at q*: the factor per layer on the mean square of a gradient, and on the mean square of a small difference between
   * two inputs.
   */
  readonly chi1: number;
  /**
   * `ordered` (chi_1 < 1): inputs become alike and gradients vanish. `chaotic` (chi_1 > 1): inputs become dissimilar and
   * gradients explode. `critical`: within 1e-6 of 1.
   */
  readonly phase: "ordered" | "critical" | "chaotic";
  /** c*, the correlation that two inputs tend to: -1 to 1. */
  readonly correlation: number;
  /** The number of layers in which the distance to c* shrinks to 1 / e. Infinity at criticality. */
  readonly depthScale: number;
}

const CRITICAL = 1e-6;

/**
 * Mean field theory of a deep network of equal, very wide layers without normalization and residual branches: whether its
 * signals and gradients vanish, explode or persist.
 *
 * @param options the activation function and the variances of weights and biases.
 * @throws TypeError, RangeError naming the option; RangeError for an activation function whose mean squares do not exist.
 * @example
 * ```js
 * import { meanField } from "nn-init/lab";
 *
 * const { phase, chi1 } = meanField({ activation: "tanh", weightVariance: 0.9 });
 * console.log(phase, chi1.toFixed(6)); // ordered 0.900000
 * ```
 */
export function meanField(options: MeanFieldOptions): MeanField {
  checkOptions("options", options, ["activation", "weightVariance", "biasVariance", "slope", "derivative"]);
  const weight = checkAboveZero("weightVariance", options.weightVariance);
  const bias = checkNotNegative("biasVariance", options.biasVariance ?? 0);
  const activation = activationFunction(options.activation, options.slope, options.derivative);
  const fixedPoint = fixedPointOf((q) => weight * outputMeanSquare(activation, q) + bias);
  const q = Math.min(1e10, Math.max(1e-14, fixedPoint));
  const chi1 = weight * slopeMeanSquare(activation, q);
  const phase = Math.abs(chi1 - 1) < CRITICAL ? "critical" : chi1 < 1 ? "ordered" : "chaotic";
  const fast = tabulated(activation);
  const variance = weight * outputMeanSquare(activation, q) + bias;
  const map = (c: number) => (weight * outputProduct(fast, q, q, c) + bias) / variance;
  const correlation = phase === "chaotic" && fixedPoint > 0 ? settle(map) : 1;
  const rate = correlation > 1 - 1e-4 ? chi1 : (map(correlation + 1e-3) - map(correlation - 1e-3)) / 2e-3;
  const depthScale =
    Math.abs(rate - 1) < CRITICAL ? Number.POSITIVE_INFINITY : Math.abs(1 / log(Math.max(1e-300, rate)));
  return { fixedPoint, chi1, phase, correlation, depthScale };
}

/** E f(sqrt(q) Z)^2: the length map without its weights (Poole et al., eq. 3). */
export const outputMeanSquare = ({ f }: ActivationFunction, q: number): number => squareMean(f, q);

/** E f'(sqrt(q) Z)^2: chi_1 without its weights (Poole et al., eq. 6; Schoenholz et al., eq. 5). */
export const slopeMeanSquare = ({ derivative }: ActivationFunction, q: number): number => squareMean(derivative, q);

function squareMean(f: (x: number) => number, q: number): number {
  const root = Math.sqrt(q);
  return normalMean((z) => {
    const y = f(root * z);
    return y * y;
  });
}

/** The fixed point that the map reaches from 1, with Aitken's acceleration for the slow steps near criticality. */
function fixedPointOf(map: (q: number) => number): number {
  let q = 1;
  for (let i = 0; i < 200; ++i) {
    const a = map(q);
    const b = map(a);
    if (b < 1e-13) return 0;
    if (!(b < 1e12)) return Number.POSITIVE_INFINITY;
    if (Math.abs(b - q) <= 1e-14 * b) return b;
    const slope = (b - a) / (a - q);
    const extrapolated = q + (a - q) / (1 - slope); // exact for a linear map
    q = i > 2 && slope > 0 && slope < 1 && extrapolated > 0 && extrapolated < 10 * b ? extrapolated : b;
  }
  return q < 1e-6 ? 0 : q;
}

/** The correlation that the map reaches from 0.5. */
function settle(map: (c: number) => number): number {
  let c = 0.5;
  for (let i = 0; i < 300; ++i) {
    const next = Math.min(1, Math.max(-1, map(c)));
    if (Math.abs(next - c) < 1e-9) return next;
    c = next;
  }
  return c;
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
