/**
 * The theory of wide random networks: what one layer does to the mean square of a signal, to the correlation of two and to
 * the mean square of a gradient. Poole, Lahiri, Raghu, Sohl-Dickstein and Ganguli, "Exponential expressivity in deep neural
 * networks through transient chaos", 2016; Schoenholz, Gilmer, Ganguli and Sohl-Dickstein, "Deep information propagation",
 * 2017.
 */
import { checkAboveZero, checkNotNegative, checkOptions } from "../check.js";
import { exp, log } from "../math/functions.js";
import { normalMean } from "../math/quadrature.js";
import type { Activation } from "../scheme/gain.js";
import { type ActivationFunction, activationFunction } from "./activation.js";
import { tabulated } from "./table.js";

export interface MeanFieldOptions {
  readonly activation: Activation | ((x: number) => number);
  /** Of a weight, times its fan in: sigma_w^2. */
  readonly weightVariance: number;
  /** Of a bias: sigma_b^2. Default 0. */
  readonly biasVariance?: number;
  /** Of leakyRelu. */
  readonly slope?: number;
  /** f', of a function. Without one it is found numerically. */
  readonly derivative?: (x: number) => number;
}

export interface MeanField {
  /** The mean square that layers lead to, from 1: q*; 0 and Infinity where the signal vanishes or explodes. */
  readonly fixedPoint: number;
  /** The factor on a gradient's mean square, and on a small difference of inputs, in each layer, at q*: chi_1. */
  readonly chi1: number;
  /** `ordered`: inputs become alike and gradients vanish (chi_1 < 1); `chaotic`: the reverse; `critical` between. */
  readonly phase: "ordered" | "critical" | "chaotic";
  /** The correlation that two inputs tend to: c*. */
  readonly correlation: number;
  /** Layers in which the distance to c* falls to 1 / e; Infinity at criticality. */
  readonly depthScale: number;
}

const CRITICAL = 1e-6;

/** @throws TypeError, RangeError for an option it does not know, or an activation whose means do not exist. */
export function meanField(options: MeanFieldOptions): MeanField {
  checkOptions("options", options, ["activation", "weightVariance", "biasVariance", "slope", "derivative"]);
  const weight = checkAboveZero("weightVariance", options.weightVariance);
  const bias = checkNotNegative("biasVariance", options.biasVariance ?? 0);
  const activation = activationFunction(options.activation, options.slope, options.derivative);
  const fixedPoint = fixedPointOf((q) => weight * meanSquare(activation, q) + bias);
  const q = Math.min(1e10, Math.max(1e-14, fixedPoint));
  const chi1 = weight * meanSquareSlope(activation, q);
  const phase = Math.abs(chi1 - 1) < CRITICAL ? "critical" : chi1 < 1 ? "ordered" : "chaotic";
  const quick = tabulated(activation);
  const whole = weight * meanSquare(activation, q) + bias;
  const map = (c: number) => (weight * product(quick, q, q, c) + bias) / whole;
  const correlation = phase === "chaotic" && fixedPoint > 0 ? settle(map) : 1;
  const rate = correlation > 1 - 1e-4 ? chi1 : (map(correlation + 1e-3) - map(correlation - 1e-3)) / 2e-3;
  const depthScale =
    Math.abs(rate - 1) < CRITICAL ? Number.POSITIVE_INFINITY : Math.abs(1 / log(Math.max(1e-300, rate)));
  return { fixedPoint, chi1, phase, correlation, depthScale };
}

/** E f(sqrt(q) Z)^2: the length map without its weights (Poole et al., eq. 3). */
export const meanSquare = ({ f }: ActivationFunction, q: number): number => squareMean(f, q);

/** E f'(sqrt(q) Z)^2: chi_1 without its weights (Poole et al., eq. 6; Schoenholz et al., eq. 5). */
export const meanSquareSlope = ({ derivative }: ActivationFunction, q: number): number => squareMean(derivative, q);

function squareMean(f: (x: number) => number, q: number): number {
  const root = Math.sqrt(q);
  return normalMean((z) => {
    const y = f(root * z);
    return y * y;
  });
}

/** From 1, by the map itself and Aitken's acceleration, which also takes the last, slow steps at criticality. */
function fixedPointOf(map: (q: number) => number): number {
  let q = 1;
  for (let i = 0; i < 200; ++i) {
    const a = map(q);
    const b = map(a);
    if (b < 1e-13) return 0;
    if (!(b < 1e12)) return Number.POSITIVE_INFINITY;
    if (Math.abs(b - q) <= 1e-14 * b) return b;
    const slope = (b - a) / (a - q);
    const leap = q + (a - q) / (1 - slope); // as if the map were a line
    q = i > 2 && slope > 0 && slope < 1 && leap > 0 && leap < 10 * b ? leap : b;
  }
  return q < 1e-6 ? 0 : q;
}

function settle(map: (c: number) => number): number {
  let c = 0.5;
  for (let i = 0; i < 300; ++i) {
    const next = Math.min(1, Math.max(-1, map(c)));
    if (Math.abs(next - c) < 1e-9) return next;
    c = next;
  }
  return c;
}

const PANELS = 24; // of 5 points each over [-8, 8], an even number so that 0 is a border
const POINTS = [0, 0.5384693101056831, -0.5384693101056831, 0.906179845938664, -0.906179845938664]; // Gauss-Legendre
const WEIGHTS = [128 / 225, 0.47862867049936647, 0.47862867049936647, 0.23692688505618908, 0.23692688505618908];
const NODES = Array.from({ length: PANELS }, (_, i) => {
  const half = 8 / PANELS;
  const middle = -8 + (2 * i + 1) * half;
  return POINTS.map((x, k) => {
    const z = middle + half * x;
    return { z, weight: half * (WEIGHTS[k] as number) * 0.3989422804014327 * exp(-0.5 * z * z) };
  });
}).flat();

/** E g(sqrt(q) Z)^2 by the same points: to 1e-6 where g is smooth or has its kink at 0, 1e-3 where it has others. */
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
 * E f(u1) f(u2) of two normal variables of mean squares q1 and q2 and correlation c (Poole et al., eq. 5): absolute error
 * 1e-9 of it where f is smooth, 1e-4 where it has kinks.
 */
export function product({ f }: ActivationFunction, q1: number, q2: number, c: number): number {
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
