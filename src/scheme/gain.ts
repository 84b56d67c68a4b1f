/**
 * Gains: factors on a weight's std that make up for what an activation function f does to the signal. Pre-activations z
 * are taken as N(0, 1), their distribution in a wide layer (He et al., "Delving deep into rectifiers", ICCV 2015,
 * sections 2.2 and 2.3; Poole et al., "Exponential expressivity in deep neural networks", NeurIPS 2016, section 2).
 */
import { checkCallback, checkFinite, checkOneOf, checkOptions, show, wrongType, wrongValue } from "../check.js";
import { normalMean, normalMeanSquare } from "../math/quadrature.js";
import { slopeSquare } from "../math/slope.js";

/** Forward gains, exact to the last digit of a double. test/vectors/gains.py makes them. */
const GAINS = {
  linear: 1,
  relu: 1.4142135623730951,
  relu6: 1.4142135650950736,
  reluSquared: 0.816496580927726,
  elu: 1.2451983007007066,
  selu: 1,
  gelu: 1.5335304411955353,
  geluTanh: 1.533580521666147,
  quickGelu: 1.5394587622988314,
  silu: 1.676532470331091,
  mish: 1.486847581273208,
  hardSwish: 1.7366572127665416,
  tanh: 1.5925374197228315,
  hardTanh: 1.3920361404483097,
  sigmoid: 1.8462285453386054,
  hardSigmoid: 1.897840424729559,
  softplus: 1.0418668355353018,
  softsign: 2.3375333631085398,
  erf: 1.4671669504891387,
  sin: 1.5208666231788148,
} as const;

/**
 * The name of an activation function. "gelu" is the exact GELU (by erf), "geluTanh" and "quickGelu" are its
 * approximations by tanh and by sigmoid(1.702 x); "silu" is also called swish; "elu" has alpha 1, as "celu" then is the
 * same.
 */
export type Activation = keyof typeof GAINS | "leakyRelu";
export const ACTIVATIONS: readonly Activation[] = [...(Object.keys(GAINS) as (keyof typeof GAINS)[]), "leakyRelu"];

/** PyTorch's `calculate_gain`. Its 5/3 for tanh, 3/4 for selu and 1 for sigmoid differ from the computed gains. */
const TORCH: Readonly<Partial<Record<Activation, number>>> = {
  linear: 1,
  sigmoid: 1,
  tanh: 5 / 3,
  relu: Math.SQRT2,
  selu: 0.75,
  leakyRelu: 0, // depends on its slope
};

/**
 * What a gain keeps constant from layer to layer: "forward" the mean square of the signal, 1 / sqrt(E f(z)^2);
 * "variance" the variance of the signal, 1 / Std f(z); "backward" the mean square of the gradient, 1 / sqrt(E f'(z)^2).
 */
export type GainDirection = "forward" | "variance" | "backward";
const DIRECTIONS: readonly GainDirection[] = ["forward", "variance", "backward"];

/** Gains of the other directions where they differ. Apart, since schemes need the forward ones alone. */
const OTHER_GAINS: Readonly<Partial<Record<GainDirection, Readonly<Partial<Record<Activation, number>>>>>> = {
  variance: {
    relu: 1.7128585504496627,
    relu6: 1.7128585549723954,
    reluSquared: 0.8944271909999159,
    elu: 1.2708434178501964,
    gelu: 1.7009262433633332,
    geluTanh: 1.7009165616954505,
    quickGelu: 1.7093585898912749,
    silu: 1.787187222100442,
    mish: 1.5920253810994462,
    hardSwish: 1.8138714738131827,
    sigmoid: 4.801313372039962,
    hardSigmoid: 6.015034486637097,
    softplus: 1.9191259801076563,
  },
  backward: {
    relu6: 1.4142135637683406,
    reluSquared: 0.7071067811865476,
    elu: 1.223428557552621,
    selu: 0.9660257769739011,
    gelu: 1.4811144127083482,
    geluTanh: 1.4811680580933506,
    quickGelu: 1.491459226750051,
    silu: 1.6233202579524972,
    mish: 1.4447552325473194,
    hardSwish: 1.6700763674413823,
    tanh: 1.467413591630795,
    hardTanh: 1.2102870624325224,
    sigmoid: 4.722646085937974,
    hardSigmoid: 6.008115825196681,
    softplus: 1.8462285453386054,
    softsign: 2.095780608943311,
    erf: 1.3252183528612111,
    sin: 1.327250600284575,
  },
};

/** Options of `gain`. */
export interface GainOptions {
  /** Slope of leakyRelu for negative inputs; no other activation has one. Default 0.01, as in PyTorch. */
  readonly slope?: number | undefined;
  /** What the gain keeps constant from layer to layer. Default "forward". */
  readonly direction?: GainDirection | undefined;
  /** Derivative of a function, for its "backward" gain. Default: found numerically; a function with jumps needs it. */
  readonly derivative?: ((x: number) => number) | undefined;
  /** "torch": the numbers of PyTorch's `calculate_gain` (tanh 5/3, selu 3/4, sigmoid 1). Forward only. */
  readonly compat?: "torch" | undefined;
}

export const LEAKY_SLOPE = 0.01;
const OPTIONS = ["slope", "direction", "derivative", "compat"];

/**
 * The gain of an activation: the factor on a weight's std that makes up for what the activation does to the signal.
 *
 * A named activation has an exact gain. For any other function the gain is computed by quadrature, with a relative
 * error of 1e-10 if the function is smooth and 1e-8 if it has kinks or jumps; 1e-6 backward without a derivative.
 * Features at least 0.01 wide are found for |x| up to 8; what is narrower may be missed. Your own function may return
 * different last digits in different runtimes, and then so does what is drawn.
 *
 * @param activation the name of an activation, or a function of one number.
 * @param options slope of leakyRelu, direction, derivative, compat.
 * @throws TypeError, RangeError for an unknown name or option, and for a function without a gain: one that is not
 * finite, that grows too fast to have a mean square, that is 0 ("variance" and "backward": constant), or that jumps
 * ("backward" without a derivative).
 * @example
 * ```js
 * import { gain } from "nn-init";
 *
 * console.log(gain("relu")); // 1.4142135623730951
 * console.log(gain("tanh"), gain("tanh", { compat: "torch" })); // 1.5925374197228315 1.6666666666666667
 * console.log(gain((x) => Math.max(0, x)).toFixed(8)); // 1.41421356
 * ```
 */
export const gain = (activation: Activation | ((x: number) => number), options: GainOptions = {}): number =>
  gainBy(activation, options, gainOf, OTHER_GAINS);

/** As `gain`. Plans have neither functions, so servers carry no quadrature, nor other directions. */
export function gainBy(
  activation: Activation | ((x: number) => number),
  options: GainOptions,
  ofFunction?: typeof gainOf,
  others: typeof OTHER_GAINS = {},
): number {
  checkOptions("options", options, OPTIONS);
  const { slope, derivative, compat } = options;
  const direction = checkOneOf("direction", options.direction ?? "forward", DIRECTIONS);
  if (compat !== undefined) checkOneOf("compat", compat, ["torch"]);
  if (slope !== undefined && activation !== "leakyRelu") {
    throw wrongType("slope", 'activation "leakyRelu" next to it', activation);
  }
  if (ofFunction && typeof activation === "function") {
    if (compat !== undefined) throw wrongType("compat", "activation by name", activation);
    return ofFunction(activation, direction, derivative);
  }
  const name = checkOneOf("activation", activation, ACTIVATIONS);
  if (derivative !== undefined) throw wrongType("derivative", "activation as a function", activation);
  const leaky = checkFinite("slope", slope ?? LEAKY_SLOPE);
  if (compat !== undefined) return torchGain(name, leaky, direction);
  if (name === "leakyRelu") return leakyGain(leaky, direction);
  return others[direction]?.[name] ?? GAINS[name];
}

/** E f = (1 - s) / sqrt(2 pi), E f^2 = E f'^2 = (1 + s^2) / 2. */
function leakyGain(slope: number, direction: GainDirection): number {
  if (direction !== "variance") return Math.sqrt(2 / (1 + slope * slope));
  return 1 / Math.sqrt((1 + slope * slope) / 2 - ((1 - slope) * (1 - slope)) / (2 * Math.PI));
}

function torchGain(activation: Activation, slope: number, direction: GainDirection): number {
  if (direction !== "forward") throw wrongValue("direction", '"forward" with compat', direction);
  if (activation === "leakyRelu") return leakyGain(slope, direction);
  const found = TORCH[activation];
  if (found !== undefined) return found;
  const names = Object.keys(TORCH).map(show).join(", ");
  throw wrongValue("activation", `one that PyTorch has a gain for: ${names}`, activation);
}

function gainOf(f: (x: number) => number, direction: GainDirection, derivative: GainOptions["derivative"]): number {
  const checked = finite("activation", f);
  checkCallback("derivative", derivative);
  if (direction === "backward") {
    if (derivative === undefined) return numericalGain(checked, f);
    return inverseRoot(normalMeanSquare(finite("derivative", derivative)), "whose derivative is not 0", f);
  }
  const square = normalMeanSquare(checked);
  if (direction === "forward" || !Number.isFinite(square)) return inverseRoot(square, "that is not 0", f);
  const mean = normalMean(checked);
  const variance = normalMeanSquare((x) => checked(x) - mean);
  return inverseRoot(variance > 1e-24 * square ? variance : 0, "that is not constant", f);
}

function numericalGain(checked: (x: number) => number, f: unknown): number {
  const { value, place } = slopeSquare(checked);
  if (place === undefined) return inverseRoot(value, "that is not constant", f);
  const where = Number(place.toFixed(4));
  throw wrongValue("activation", `a derivative next to it (near x = ${where} it jumps or is too steep)`, f);
}

function inverseRoot(square: number, expected: string, f: unknown): number {
  if (Number.isNaN(square)) {
    throw wrongValue("activation", "a function whose mean square is found", f);
  }
  if (square === Number.POSITIVE_INFINITY) {
    throw wrongValue("activation", "a function with a mean square: it grows too fast", f);
  }
  if (square === 0) throw wrongValue("activation", `a function ${expected}`, f);
  return 1 / Math.sqrt(square);
}

/** Wraps f: throws if it returns anything but a finite number; beyond 16 it may exceed all doubles. */
function finite(name: string, f: (x: number) => number): (x: number) => number {
  return (x) => {
    const y: unknown = f(x);
    if (typeof y !== "number") throw wrongType(name, `a function that returns numbers, at ${x}`, y);
    if (!Number.isFinite(y) && Math.abs(x) <= 16)
      throw wrongValue(name, `a function that is finite on [-16, 16], at ${x}`, y);
    return y;
  };
}
