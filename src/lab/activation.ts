/**
 * Activation functions and their derivatives, by portable functions, with the names of `gain`. `gelu`: Hendrycks, Gimpel
 * 2016, with erf; `selu`: Klambauer et al. 2017; `mish`: Misra 2019.
 */
import { checkOneOf, wrongType, wrongValue } from "../check.js";
import { exp, log, upperTail } from "../math/functions.js";
import { ACTIVATIONS, type Activation, LEAKY_SLOPE } from "../scheme/gain.js";

export interface ActivationFunction {
  readonly name: string;
  readonly f: (x: number) => number;
  readonly derivative: (x: number) => number;
  /** Whether it is bounded on both sides, so that it can saturate. */
  readonly bounded: boolean;
}

const ROOT2 = Math.SQRT2;
const INV_ROOT_2PI = 0.3989422804014327;
const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

const inside = (x: number, low: number, high: number): number => (x > low && x < high ? 1 : 0);
const sigmoid = (x: number): number => (x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)));
const density = (x: number): number => INV_ROOT_2PI * exp(-0.5 * x * x);
/** P(Z < x) for a standard normal Z. */
const normalCdf = (x: number): number => (x < 0 ? upperTail(-x) : 1 - upperTail(x));

/** Relative error 1e-14. Near 0 by its series, since the quotient would cancel there. */
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
/** The argument of tanh in the approximation of GELU, and its derivative. */
const inner = (x: number): number => 0.7978845608028654 * (x + 0.044715 * x * x * x); // sqrt(2 / pi)
const innerSlope = (x: number): number => 0.7978845608028654 * (1 + 3 * 0.044715 * x * x);

/** sin of x plus `shift` quarter turns, by two polynomials on a quarter turn. Absolute error 1e-10 for |x| below 10^6. */
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

const FUNCTIONS: Readonly<Record<Exclude<Activation, "leakyRelu">, Pair>> = {
  linear: [(x) => x, () => 1],
  relu: [(x) => (x > 0 ? x : 0), (x) => (x > 0 ? 1 : 0)],
  relu6: [(x) => Math.min(6, Math.max(0, x)), (x) => inside(x, 0, 6)],
  reluSquared: [(x) => (x > 0 ? x * x : 0), (x) => (x > 0 ? 2 * x : 0)],
  elu: [(x) => (x > 0 ? x : exp(x) - 1), (x) => (x > 0 ? 1 : exp(x))],
  selu: [
    (x) => SELU_SCALE * (x > 0 ? x : SELU_ALPHA * (exp(x) - 1)),
    (x) => SELU_SCALE * (x > 0 ? 1 : SELU_ALPHA * exp(x)),
  ],
  gelu: [(x) => x * normalCdf(x), (x) => normalCdf(x) + x * density(x)],
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

const STEP = 9.5367431640625e-7; // 2^-20, of numerical derivatives

/**
 * An activation function.
 *
 * @param activation its name, or a function.
 * @param slope of leakyRelu.
 * @param derivative of a function. Default: it is computed numerically.
 * @throws TypeError, RangeError for an unknown name, or a function that does not return numbers.
 */
export function activationFunction(
  activation: Activation | ((x: number) => number),
  slope = LEAKY_SLOPE,
  derivative?: (x: number) => number,
): ActivationFunction {
  if (typeof activation === "function") {
    const f = numeric("activation", activation);
    if (derivative !== undefined && typeof derivative !== "function") {
      throw wrongType("derivative", "a function", derivative);
    }
    const difference = (x: number) => (f(x + STEP) - f(x - STEP)) / (2 * STEP);
    const bounded = Math.abs(activation(1e6)) < 1e3 && Math.abs(activation(-1e6)) < 1e3;
    for (const x of [-3, -1, 0, 0.5, 2]) f(x);
    return {
      name: activation.name || "a function",
      f,
      derivative: derivative === undefined ? difference : numeric("derivative", derivative),
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
  const [f, slopeOf, bounded = false] = FUNCTIONS[activation];
  return { name: activation, f, derivative: slopeOf, bounded };
}

/** Wraps f: throws if it returns NaN for a number, or no number at all. */
function numeric(name: string, f: (x: number) => number): (x: number) => number {
  return (x) => {
    const y = f(x);
    if (typeof y !== "number") throw wrongType(name, `a function from numbers to numbers (at ${x})`, y);
    if (Number.isNaN(y) && !Number.isNaN(x)) throw wrongValue(name, `a function that returns a number at ${x}`, y);
    return y;
  };
}
