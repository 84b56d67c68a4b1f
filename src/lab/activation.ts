/**
 * Activations and their derivatives, by portable functions. The names are those of `gain`.
 * `gelu` is Hendrycks and Gimpel 2016, by erf; `selu`'s constants Klambauer et al. 2017; `mish` Misra 2019.
 */
import { checkOneOf, wrongType, wrongValue } from "../check.js";
import { exp, log, upperTail } from "../math/functions.js";
import { ACTIVATIONS, type Activation, LEAKY_SLOPE } from "../scheme/gain.js";

export interface ActivationFunction {
  readonly name: string;
  readonly f: (x: number) => number;
  readonly derivative: (x: number) => number;
  /** Whether it has a limit on both sides, so that it can saturate. */
  readonly bounded: boolean;
}

const ROOT2 = Math.SQRT2;
const INV_ROOT_2PI = 0.3989422804014327;
const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

const inside = (x: number, low: number, high: number): number => (x > low && x < high ? 1 : 0);
const sigmoid = (x: number): number => (x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)));
const density = (x: number): number => INV_ROOT_2PI * exp(-0.5 * x * x);
/** P(Z < x). */
const normal = (x: number): number => (x < 0 ? upperTail(-x) : 1 - upperTail(x));

/** Relative error 1e-14; near 0 by its series, which loses nothing. */
export function tanh(x: number): number {
  const y = Math.abs(x);
  if (y < 0.05) {
    const s = x * x;
    return x * (1 - s * (1 / 3 - s * (2 / 15 - s * (17 / 315 - (s * 62) / 2835))));
  }
  const t = exp(-2 * y);
  return x < 0 ? (t - 1) / (1 + t) : (1 - t) / (1 + t);
}

export function erf(x: number): number {
  const y = Math.abs(x);
  if (y > 0.05) return x < 0 ? 2 * upperTail(y * ROOT2) - 1 : 1 - 2 * upperTail(y * ROOT2);
  const s = x * x;
  return 1.1283791670955126 * x * (1 - s * (1 / 3 - s * (1 / 10 - s * (1 / 42 - s / 216)))); // 2 / sqrt(pi)
}

const softplus = (x: number): number => (x > 30 ? x : log(1 + exp(x)));
/** GELU's approximation by tanh: its argument, and the argument's slope. */
const inner = (x: number): number => 0.7978845608028654 * (x + 0.044715 * x * x * x); // sqrt(2 / pi)
const innerSlope = (x: number): number => 0.7978845608028654 * (1 + 3 * 0.044715 * x * x);

/** sin, by quarter turns and two polynomials, for |x| below 10^6: absolute error 1e-10. */
function turn(x: number, shift: number): number {
  const k = Math.round(x / 1.5707963267948966);
  const r = x - k * 1.5707963267341256 - k * 6.077100506506192e-11; // pi / 2 in two parts
  const s = r * r;
  const sine = r * (1 - s * (1 / 6 - s * (1 / 120 - s * (1 / 5040 - s * (1 / 362880 - s / 39916800)))));
  const cosine = 1 - s * (1 / 2 - s * (1 / 24 - s * (1 / 720 - s * (1 / 40320 - s * (1 / 3628800 - s / 479001600)))));
  const quarter = (((k + shift) % 4) + 4) % 4;
  const value = quarter % 2 === 0 ? sine : cosine;
  return quarter < 2 ? value : -value;
}
export const sin = (x: number): number => turn(x, 0);
export const cos = (x: number): number => turn(x, 1);

type Pair = readonly [f: (x: number) => number, derivative: (x: number) => number, bounded?: boolean];

const UNITS: Readonly<Record<Exclude<Activation, "leakyRelu">, Pair>> = {
  linear: [(x) => x, () => 1],
  relu: [(x) => (x > 0 ? x : 0), (x) => (x > 0 ? 1 : 0)],
  relu6: [(x) => Math.min(6, Math.max(0, x)), (x) => inside(x, 0, 6)],
  reluSquared: [(x) => (x > 0 ? x * x : 0), (x) => (x > 0 ? 2 * x : 0)],
  elu: [(x) => (x > 0 ? x : exp(x) - 1), (x) => (x > 0 ? 1 : exp(x))],
  selu: [
    (x) => SELU_SCALE * (x > 0 ? x : SELU_ALPHA * (exp(x) - 1)),
    (x) => SELU_SCALE * (x > 0 ? 1 : SELU_ALPHA * exp(x)),
  ],
  gelu: [(x) => x * normal(x), (x) => normal(x) + x * density(x)],
  geluTanh: [
    (x) => 0.5 * x * (1 + tanh(inner(x))),
    (x) => {
      const t = tanh(inner(x));
      return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * innerSlope(x);
    },
  ],
  quickGelu: [
    (x) => x * sigmoid(1.702 * x),
    (x) => {
      const s = sigmoid(1.702 * x);
      return s + 1.702 * x * s * (1 - s);
    },
  ],
  silu: [
    (x) => x * sigmoid(x),
    (x) => {
      const s = sigmoid(x);
      return s + x * s * (1 - s);
    },
  ],
  mish: [
    (x) => x * tanh(softplus(x)),
    (x) => {
      const t = tanh(softplus(x));
      return t + x * (1 - t * t) * sigmoid(x);
    },
  ],
  hardSwish: [(x) => (x * Math.min(6, Math.max(0, x + 3))) / 6, (x) => (x <= -3 ? 0 : x >= 3 ? 1 : (2 * x + 3) / 6)],
  tanh: [
    tanh,
    (x) => {
      const t = tanh(x);
      return 1 - t * t;
    },
    true,
  ],
  hardTanh: [(x) => Math.min(1, Math.max(-1, x)), (x) => inside(x, -1, 1), true],
  sigmoid: [
    sigmoid,
    (x) => {
      const s = sigmoid(x);
      return s * (1 - s);
    },
    true,
  ],
  hardSigmoid: [(x) => Math.min(1, Math.max(0, x / 6 + 0.5)), (x) => inside(x, -3, 3) / 6, true],
  softplus: [softplus, sigmoid],
  softsign: [(x) => x / (1 + Math.abs(x)), (x) => 1 / ((1 + Math.abs(x)) * (1 + Math.abs(x))), true],
  erf: [erf, (x) => 1.1283791670955126 * exp(-x * x), true],
  sin: [sin, cos],
};

const STEP = 9.5367431640625e-7; // 2^-20

/** An activation by its name, or of the caller's own, with its derivative or one that is found numerically. */
export function activationFunction(
  activation: Activation | ((x: number) => number),
  slope = LEAKY_SLOPE,
  derivative?: (x: number) => number,
): ActivationFunction {
  if (typeof activation === "function") {
    const at = finite("activation", activation);
    if (derivative !== undefined && typeof derivative !== "function") {
      throw wrongType("derivative", "a function", derivative);
    }
    const numeric = (x: number) => (at(x + STEP) - at(x - STEP)) / (2 * STEP);
    const bounded = Math.abs(activation(1e6)) < 1e3 && Math.abs(activation(-1e6)) < 1e3;
    for (const x of [-3, -1, 0, 0.5, 2]) at(x);
    return {
      name: activation.name || "a function",
      f: at,
      derivative: derivative === undefined ? numeric : finite("derivative", derivative),
      bounded,
    };
  }
  checkOneOf("activation", activation, ACTIVATIONS);
  if (activation === "leakyRelu") {
    return {
      name: activation,
      f: (x) => (x > 0 ? x : slope * x),
      derivative: (x) => (x > 0 ? 1 : slope),
      bounded: false,
    };
  }
  const [f, own, bounded = false] = UNITS[activation];
  return { name: activation, f, derivative: own, bounded };
}

/** The function, held to its word: it may not make a number into none. */
function finite(name: string, f: (x: number) => number): (x: number) => number {
  return (x) => {
    const y = f(x);
    if (typeof y !== "number") throw wrongType(name, `a function from numbers to numbers (at ${x})`, y);
    if (Number.isNaN(y) && !Number.isNaN(x)) throw wrongValue(name, `a function that is a number at ${x}`, y);
    return y;
  };
}
