/**
 * Activation functions and their derivatives, by portable functions, with the names of `gain`. `gelu`: Hendrycks, Gimpel
 * 2016, with erf; `selu`: Klambauer et al. 2017; `mish`: Misra 2019.
 */
import { checkCallback, wrongType, wrongValue } from "../check.js";
import { exp } from "../math/functions.js";
import { cos, density, erf, expm1, normalCdf, sigmoid, sin, softplus, tanh } from "../math/transcendental.js";
import { type Activation, gain, LEAKY_SLOPE } from "../scheme/gain.js";
import { isBounded } from "./bounded.js";

export interface ActivationFunction {
  readonly name: string;
  readonly f: (x: number) => number;
  readonly derivative: (x: number) => number;
  /** Whether it is bounded on both sides, so that it can saturate. */
  readonly bounded: boolean;
  /** Where it or its derivative has a kink or a jump. Undefined if that is not known. */
  readonly breaks?: readonly number[] | undefined;
  /** Whether f(a x) = a f(x) for a > 0. */
  readonly homogeneous?: boolean;
  /** Whether the derivative is made of differences. */
  readonly numerical?: boolean;
  /** The function as its caller gave it: error messages name it. */
  readonly given?: (x: number) => number;
}

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

const inside = (x: number, low: number, high: number): number => (x > low && x < high ? 1 : 0);
/** The argument of tanh in the approximation of GELU, and its derivative. */
const inner = (x: number): number => 0.7978845608028654 * (x + 0.044715 * x * x * x); // sqrt(2 / pi)
const innerSlope = (x: number): number => 0.7978845608028654 * (1 + 3 * 0.044715 * x * x);

type Pair = readonly [f: (x: number) => number, derivative: (x: number) => number, bounded?: boolean];

const FUNCTIONS: Readonly<Record<Exclude<Activation, "leakyRelu">, Pair>> = {
  linear: [(x) => x, () => 1],
  relu: [(x) => (x > 0 ? x : 0), (x) => (x > 0 ? 1 : 0)],
  relu6: [(x) => Math.min(6, Math.max(0, x)), (x) => inside(x, 0, 6)],
  reluSquared: [(x) => (x > 0 ? x * x : 0), (x) => (x > 0 ? 2 * x : 0)],
  elu: [(x) => (x > 0 ? x : expm1(x)), (x) => (x > 0 ? 1 : exp(x))],
  selu: [
    (x) => SELU_SCALE * (x > 0 ? x : SELU_ALPHA * expm1(x)),
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

const BREAKS: Readonly<Partial<Record<Activation, readonly number[]>>> = {
  relu: [0],
  leakyRelu: [0],
  relu6: [0, 6],
  reluSquared: [0],
  elu: [0],
  selu: [0],
  hardSwish: [-3, 3],
  hardTanh: [-1, 1],
  hardSigmoid: [-3, 3],
  softsign: [0],
};
const HOMOGENEOUS: readonly Activation[] = ["linear", "relu", "leakyRelu"];

const STEP = 9.5367431640625e-7; // 2^-20, of numerical derivatives

/**
 * An activation function.
 *
 * @param activation its name, or a function.
 * @param slope of leakyRelu; no other has one.
 * @param derivative of a function; a name has its own. Default: it is computed numerically.
 * @throws TypeError, RangeError for an unknown name, a slope or a derivative that does not go with it, or a function that does
 * not return numbers.
 */
export function activationFunction(
  activation: Activation | ((x: number) => number),
  slope?: number,
  derivative?: (x: number) => number,
): ActivationFunction {
  if (typeof activation === "function") {
    if (slope !== undefined) throw wrongType("slope", 'activation "leakyRelu" next to it', activation);
    const f = numeric("activation", activation);
    checkCallback("derivative", derivative);
    const difference = (x: number) => (f(x + STEP) - f(x - STEP)) / (2 * STEP);
    for (const x of [-3, -1, 0, 0.5, 2]) f(x);
    return {
      name: activation.name || "a function",
      f,
      derivative: derivative === undefined ? difference : numeric("derivative", derivative),
      bounded: isBounded(activation),
      numerical: derivative === undefined,
      given: activation,
    };
  }
  gain(activation, { slope, derivative }); // refuses all but what goes with the name
  const known = { name: activation, breaks: BREAKS[activation] ?? [], homogeneous: HOMOGENEOUS.includes(activation) };
  if (activation === "leakyRelu") {
    const below = slope ?? LEAKY_SLOPE;
    return { ...known, f: (x) => (x > 0 ? x : below * x), derivative: (x) => (x > 0 ? 1 : below), bounded: false };
  }
  const [f, slopeOf, bounded = false] = FUNCTIONS[activation];
  return { ...known, f, derivative: slopeOf, bounded };
}

const MOST_CALLS = 0x8000000; // 2^27; of a function of the caller's: sin(10 x) needs 9e7, x / (1 + exp(-x)) needs 1.5e5

/**
 * An activation function whose integrals are given up after very many evaluations: a function that varies fast needs more and
 * more of them, and nothing else would end the search. Named functions need none.
 *
 * @throws RangeError (when it is evaluated too often).
 */
export function withinCalls(activation: ActivationFunction): ActivationFunction {
  if (activation.breaks !== undefined) return activation;
  let calls = 0;
  const counted = (g: (x: number) => number) => (x: number) => {
    if (++calls <= MOST_CALLS) return g(x);
    const expected = `a function that varies less: its means were not found by ${MOST_CALLS} evaluations`;
    throw wrongValue("activation", expected, activation.given);
  };
  return { ...activation, f: counted(activation.f), derivative: counted(activation.derivative) };
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
