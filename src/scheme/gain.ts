/**
 * The factor on a weight's std that makes up for what an activation does to the signal that passes through it.
 * For z ~ N(0, 1), the law of what a wide layer hands to its activation f (He et al., "Delving deep into rectifiers", ICCV
 * 2015, sections 2.2 and 2.3; Poole et al., "Exponential expressivity in deep neural networks", NeurIPS 2016, section 2).
 */
import { checkFinite, checkOneOf, checkOptions, show, wrongType, wrongValue } from "../check.js";
import { normalMean } from "../math/quadrature.js";

/** [forward, variance, backward] gains to the last digit of a double: test/vectors/gains.py makes and a test compares them. */
const GAINS = {
  linear: [1, 1, 1],
  relu: [1.4142135623730951, 1.7128585504496627, 1.4142135623730951],
  relu6: [1.4142135650950736, 1.7128585549723954, 1.4142135637683406],
  reluSquared: [0.816496580927726, 0.8944271909999159, 0.7071067811865476],
  elu: [1.2451983007007066, 1.2708434178501964, 1.223428557552621],
  selu: [1, 1, 0.9660257769739011],
  gelu: [1.5335304411955353, 1.7009262433633332, 1.4811144127083482],
  geluTanh: [1.533580521666147, 1.7009165616954505, 1.4811680580933506],
  quickGelu: [1.5394587622988314, 1.7093585898912749, 1.491459226750051],
  silu: [1.676532470331091, 1.787187222100442, 1.6233202579524972],
  mish: [1.486847581273208, 1.5920253810994462, 1.4447552325473194],
  hardSwish: [1.7366572127665416, 1.8138714738131827, 1.6700763674413823],
  tanh: [1.5925374197228315, 1.5925374197228315, 1.467413591630795],
  hardTanh: [1.3920361404483097, 1.3920361404483097, 1.2102870624325224],
  sigmoid: [1.8462285453386054, 4.801313372039962, 4.722646085937974],
  hardSigmoid: [1.897840424729559, 6.015034486637097, 6.008115825196681],
  softplus: [1.0418668355353018, 1.9191259801076563, 1.8462285453386054],
  softsign: [2.3375333631085398, 2.3375333631085398, 2.095780608943311],
  erf: [1.4671669504891387, 1.4671669504891387, 1.3252183528612111],
  sin: [1.5208666231788148, 1.5208666231788148, 1.327250600284575],
} as const;

/** By the names of the field: `gelu` is the exact one, by erf; `celu` with alpha 1 is `elu`, `swish` is `silu`. */
export type Activation = keyof typeof GAINS | "leakyRelu";
export const ACTIVATIONS: readonly Activation[] = [...(Object.keys(GAINS) as (keyof typeof GAINS)[]), "leakyRelu"];

/** PyTorch's `calculate_gain`, which has 5/3 for tanh, 3/4 for selu and 1 for sigmoid, and no others. */
const TORCH: Readonly<Partial<Record<Activation, number>>> = {
  linear: 1,
  sigmoid: 1,
  tanh: 5 / 3,
  relu: Math.SQRT2,
  selu: 0.75,
};

export type GainDirection = "forward" | "variance" | "backward";
const DIRECTIONS: readonly GainDirection[] = ["forward", "variance", "backward"];

export interface GainOptions {
  /** Of leakyRelu, for negative inputs. Default 0.01, as in PyTorch. */
  readonly slope?: number | undefined;
  /**
   * What is kept from layer to layer: the mean square of the signal, 1 / sqrt(E f(z)^2) (`forward`, the default); its
   * variance, 1 / Std f(z); or the mean square of the gradient, 1 / sqrt(E f'(z)^2) (`backward`).
   */
  readonly direction?: GainDirection;
  /** f', for `backward` gains of a function. Without one, it is differentiated numerically. */
  readonly derivative?: (x: number) => number;
  /** PyTorch's own numbers: 5/3 for tanh, 3/4 for selu, 1 for sigmoid. Forward only. */
  readonly compat?: "torch" | undefined;
}

export const LEAKY_SLOPE = 0.01;
const OPTIONS = ["slope", "direction", "derivative", "compat"];

/**
 * The gain of an activation: of a named one, exact to the last digit; of any function of one number, by quadrature, to
 * 1e-10 where it is smooth and 1e-8 where it has kinks or jumps; backward without a derivative, to 1e-6. A function of
 * yours may differ in its last digits between runtimes, and with it what is drawn.
 *
 * @throws TypeError, RangeError for an unknown name, a function that is not finite, grows too fast to have a mean square,
 * or is 0 (constant, for `variance` and `backward`), where no gain exists.
 */
export function gain(activation: Activation | ((x: number) => number), options: GainOptions = {}): number {
  checkOptions("options", options, OPTIONS);
  const direction = checkOneOf("direction", options.direction ?? "forward", DIRECTIONS);
  const compat = options.compat === undefined ? undefined : checkOneOf("compat", options.compat, ["torch"]);
  const slope = checkFinite("slope", options.slope ?? LEAKY_SLOPE);
  if (options.slope !== undefined && activation !== "leakyRelu") {
    throw wrongType("slope", "leakyRelu beside it, the one activation that has a slope", activation);
  }
  if (typeof activation === "function") {
    if (compat !== undefined) throw wrongType("compat", "the name of an activation beside it", activation);
    return gainOf(activation, direction, options.derivative);
  }
  checkOneOf("activation", activation, ACTIVATIONS);
  if (options.derivative !== undefined) throw wrongType("derivative", "a function as activation", activation);
  if (compat !== undefined) return torchGain(activation, slope, direction);
  if (activation === "leakyRelu") return leakyGain(slope, direction);
  return GAINS[activation][DIRECTIONS.indexOf(direction) as 0 | 1 | 2];
}

/** E f = (1 - s) / sqrt(2 pi), E f^2 = E f'^2 = (1 + s^2) / 2. */
function leakyGain(slope: number, direction: GainDirection): number {
  if (direction !== "variance") return Math.sqrt(2 / (1 + slope * slope));
  if (slope === 1) return 1;
  return 1 / Math.sqrt((1 + slope * slope) / 2 - ((1 - slope) * (1 - slope)) / (2 * Math.PI));
}

function torchGain(activation: Activation, slope: number, direction: GainDirection): number {
  if (direction !== "forward")
    throw wrongValue("direction", '"forward" beside compat: PyTorch has no other', direction);
  if (activation === "leakyRelu") return leakyGain(slope, "forward");
  const found = TORCH[activation];
  if (found !== undefined) return found;
  const names = [...Object.keys(TORCH), "leakyRelu"].map(show).join(", ");
  throw wrongValue("activation", `one that PyTorch has a gain for: ${names}`, activation);
}

function gainOf(f: (x: number) => number, direction: GainDirection, derivative: GainOptions["derivative"]): number {
  const at = finite("activation", f);
  if (direction === "backward") {
    if (derivative === undefined) return inverseRoot(meanSquare(slopeOf(at), 1e-9), "that is not constant", f);
    if (typeof derivative !== "function") throw wrongType("derivative", "a function", derivative);
    return inverseRoot(meanSquare(finite("derivative", derivative)), "whose derivative is not 0", f);
  }
  const square = meanSquare(at);
  if (direction === "forward") return inverseRoot(square, "that is not 0", f);
  const mean = normalMean(at);
  const variance = meanSquare((x) => at(x) - mean);
  return inverseRoot(variance > 1e-24 * square ? variance : 0, "that is not constant", f);
}

const meanSquare = (f: (x: number) => number, tolerance?: number): number =>
  normalMean((x) => {
    const y = f(x);
    return y * y;
  }, tolerance);

function inverseRoot(square: number, expected: string, f: unknown): number {
  if (Number.isNaN(square))
    throw wrongValue(
      "activation",
      "a function whose mean square under N(0, 1) exists, and a million evaluations find",
      f,
    );
  if (square === 0) throw wrongValue("activation", `a function ${expected}`, f);
  return 1 / Math.sqrt(square);
}

/** A kink within a step changes a mean square by some 2e-7; smooth functions lose half of their digits. */
const STEP = 9.5367431640625e-7; // 2^-20
const slopeOf =
  (f: (x: number) => number) =>
  (x: number): number =>
    (f(x + STEP) - f(x - STEP)) / (2 * STEP);

/** The function, held to its word at every call. */
function finite(name: string, f: (x: number) => number): (x: number) => number {
  return (x) => {
    const y: unknown = f(x);
    if (typeof y !== "number") throw wrongType(name, `a function that returns numbers, at ${x}`, y);
    if (!Number.isFinite(y)) throw wrongValue(name, `a function that is finite on [-16, 16], at ${x}`, y);
    return y;
  };
}
