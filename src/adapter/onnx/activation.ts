/**
 * Operators that are activation functions. Their numbers decide which: a Clip is relu6 from 0 to 6 and hardTanh from -1 to 1. A
 * function that has no name here, such as an Elu with another alpha, gets what `recommend` gives to its kind, by its own gain or
 * slope. One whose numbers are known only when the model runs counts as none, so that its layer keeps the variance.
 */
import { expm1, sigmoid } from "../../math/transcendental.js";
import { type Activation, gain } from "../../scheme/gain.js";
import { varianceScaling, xavierUniform } from "../../scheme/named.js";
import type { UnsplitScheme } from "../../scheme/options.js";
import { sizeOf } from "../../shape.js";
import { type OnnxNode, opName } from "./proto.js";
import { type GraphScope, originalMakerOf, type ValuePlace } from "./scope.js";
import { hasAll } from "./view.js";

/** A node that takes a value. */
export interface Taker {
  readonly scope: GraphScope;
  readonly node: OnnxNode;
}

/** The activation after a layer. */
export interface Following {
  readonly activation: Activation;
  /** Of leakyRelu. */
  readonly slope?: number;
  /** Of an activation without a name here, in place of what `recommend` says. */
  readonly scheme?: UnsplitScheme;
  /** Whether no layer comes after it, but a softmax or a sigmoid: the layer makes class probabilities. */
  readonly head?: true;
}

export const LINEAR: Following = { activation: "linear" };

/** Operators without numbers. */
const NAMED: ReadonlyMap<string, Activation> = new Map<string, Activation>([
  ["Relu", "relu"],
  ["Tanh", "tanh"],
  ["Sigmoid", "sigmoid"],
  ["Softplus", "softplus"],
  ["Softsign", "softsign"],
  ["Mish", "mish"],
  ["Erf", "erf"],
  ["Sin", "sin"],
  ["HardSwish", "hardSwish"],
  ["com.microsoft.Gelu", "gelu"],
  ["com.microsoft.BiasGelu", "gelu"],
  ["com.microsoft.FastGelu", "geluTanh"],
]);

/** A number of an operator, by the name of its attribute; NaN for one that is known only when the model runs. */
type Numbers = (name: string, otherwise: number) => number;

/** The function of an operator, by its numbers, with the defaults of ONNX; undefined for what is none. */
function functionOf(name: string, numberOf: Numbers): Following | undefined {
  const alpha = (otherwise: number): number => numberOf("alpha", otherwise);
  switch (name) {
    case "Clip":
      return clip(numberOf("min", Number.NEGATIVE_INFINITY), numberOf("max", Number.POSITIVE_INFINITY));
    case "LeakyRelu":
      return leaky(alpha(0.01));
    case "PRelu":
      return leaky(PRELU_SLOPE);
    case "Elu":
      return elu(alpha(1), 1);
    case "Selu":
      return elu(alpha(SELU.alpha), numberOf("gamma", SELU.gamma));
    case "Celu":
      return celu(alpha(1));
    case "HardSigmoid":
      return hardSigmoid(alpha(0.2), numberOf("beta", 0.5));
    case "Swish":
      return swish(alpha(1));
    case "com.microsoft.QuickGelu":
      return swish(alpha(1.702));
    default: {
      const activation = NAMED.get(name);
      return activation && { activation };
    }
  }
}

/** What PRelu starts from. He et al., Delving deep into rectifiers, 2015, section 2.1. */
export const PRELU_SLOPE = 0.25;
const SELU = { alpha: 1.6732632, gamma: 1.050701 }; // ONNX's defaults, those of Klambauer et al., 2017, as f32
const WIDE = 6; // a normal value is farther out once in 5e8
const MOST = 100; // of the numbers of a function whose gain is computed

/** Whether two numbers are the same, as far as bf16 can tell. */
const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= Math.abs(b) / 256;

const isWide = (low: number, high: number): boolean => low <= -WIDE && high >= WIDE;

function clip(low: number, high: number): Following | undefined {
  if (isWide(low, high)) return undefined;
  if (low === 0 && high >= WIDE) return { activation: high === WIDE ? "relu6" : "relu" };
  return low === -1 && high === 1 ? { activation: "hardTanh" } : LINEAR;
}

const leaky = (slope: number): Following => (Math.abs(slope) <= MOST ? { activation: "leakyRelu", slope } : LINEAR);

/** gamma x, and gamma alpha (e^x - 1) below 0. */
function elu(alpha: number, gamma: number): Following {
  if (isNear(alpha, 1) && isNear(gamma, 1)) return { activation: "elu" };
  if (isNear(alpha, SELU.alpha) && isNear(gamma, SELU.gamma)) return { activation: "selu" };
  return withGain((x) => gamma * (x < 0 ? alpha * expm1(x) : x), alpha, gamma);
}

/** x, and alpha (e^(x / alpha) - 1) below 0. */
function celu(alpha: number): Following {
  if (isNear(alpha, 1)) return { activation: "elu" };
  return withGain((x) => (x < 0 ? alpha * expm1(x / alpha) : x), alpha);
}

/** x sigmoid(alpha x). */
function swish(alpha: number): Following {
  if (isNear(alpha, 1)) return { activation: "silu" };
  if (isNear(alpha, 1.702)) return { activation: "quickGelu" };
  return withGain((x) => x * sigmoid(alpha * x), alpha);
}

/** As `recommend` has an activation: normal, with a variance of gain^2 / fan in. */
function withGain(f: (x: number) => number, ...numbers: readonly number[]): Following {
  if (!numbers.every((x) => x >= 1 / MOST && x <= MOST)) return LINEAR;
  const factor = gain(f);
  const scheme = varianceScaling({ scale: factor * factor, mode: "fan_in", distribution: "normal", layout: "oi" });
  return { activation: "linear", scheme: scheme as UnsplitScheme };
}

/** alpha x + beta between 0 and 1. As `recommend` has a sigmoid: Glorot's scheme, divided by the slope at 0. */
function hardSigmoid(alpha: number, beta: number): Following {
  if (!isNear(beta, 0.5) || !(alpha >= 1 / MOST && alpha <= MOST)) return LINEAR;
  if (isNear(alpha, 1 / 6)) return { activation: "hardSigmoid" };
  return { activation: "linear", scheme: xavierUniform({ gain: 1 / alpha, layout: "oi" }) as UnsplitScheme };
}

/** The function that a node is. */
export function nodeActivation({ scope, node }: Taker): Following | undefined {
  const name = opName(node);
  if (name !== "Gelu") return functionOf(name, numbersOf(scope, node));
  return { activation: scope.attribute(node, "approximate")?.text === "tanh" ? "geluTanh" : "gelu" };
}

/** Whether a node is a Clip so wide that it changes no value that is likely. */
export function keepsNumbers({ scope, node }: Taker): boolean {
  if (opName(node) !== "Clip") return false;
  const bound = numbersOf(scope, node);
  return isWide(bound("min", Number.NEGATIVE_INFINITY), bound("max", Number.POSITIVE_INFINITY));
}

/** Of a node: attributes, or the inputs that Clip has in their place since opset 11. */
const numbersOf =
  (scope: GraphScope, node: OnnxNode): Numbers =>
  (name, otherwise) => {
    const input = node.op === "Clip" ? node.inputs[CLIP_INPUTS.indexOf(name)] : undefined;
    if (input !== undefined && input !== "") return numberOf({ scope, name: input });
    return scope.attribute(node, name)?.float ?? otherwise;
  };

const CLIP_INPUTS = ["", "min", "max"];

/** The number that is stored for a value, or in the attribute of a Constant. */
function numberOf(place: ValuePlace): number {
  const view = place.scope.view(place.name);
  const [leaf] = view?.leaves ?? [];
  if (view !== undefined) {
    return leaf !== undefined && sizeOf(view.shape) === 1 && hasAll(leaf) ? (leaf.stored.tensor.number ?? NaN) : NaN;
  }
  const made = originalMakerOf(place);
  if (made === undefined || opName(made.node) !== "Constant") return Number.NaN;
  const { scope, node } = made;
  return scope.attribute(node, "value_float")?.float ?? scope.attribute(node, "value_int")?.int ?? Number.NaN;
}

/** The names of FusedConv's numbers, in the order of its list. */
const FUSED: ReadonlyMap<string, readonly string[]> = new Map([
  ["LeakyRelu", ["alpha"]],
  ["HardSigmoid", ["alpha", "beta"]],
  ["Clip", ["min", "max"]],
]);

/**
 * The activation within a layer. com.microsoft's FusedConv has its numbers in one list, FusedGemm each in an attribute of its
 * own.
 */
export function layerActivation(scope: GraphScope, node: OnnxNode): Following | undefined {
  const name = scope.attribute(node, "activation")?.text;
  if (name === undefined || !isFused(node)) return undefined;
  const list = scope.attribute(node, "activation_params")?.floats ?? [];
  return functionOf(name, (of, otherwise) => {
    const own = scope.attribute(node, `activation_${of}`)?.float;
    return own ?? list[FUSED.get(name)?.indexOf(of) ?? -1] ?? otherwise;
  });
}

const isFused = (node: OnnxNode): boolean => node.domain === "com.microsoft" && node.op.startsWith("Fused");

/**
 * An activation that is written out, by the two nodes that take a value x: x sigmoid(x), x hardSigmoid(x), x clip(x + 3) / 6,
 * x sigmoid(1.702 x), or x (1 + erf(x / sqrt 2)) / 2.
 */
export function writtenOut(takers: readonly Taker[]): Activation | undefined {
  const [first, second, third] = takers;
  if (first === undefined || second === undefined || third !== undefined) return undefined;
  return productWith(first, second) ?? productWith(second, first);
}

/** @param other what makes the factor that x is multiplied with. */
function productWith(product: Taker, other: Taker): Activation | undefined {
  if (product.node.op !== "Mul") return undefined;
  const { scope, node } = other;
  const [made = ""] = node.outputs;
  const name = opName(node);
  if (product.node.inputs.includes(made)) {
    if (name === "Sigmoid") return "silu";
    const isHard = name === "HardSigmoid" && nodeActivation(other)?.activation === "hardSigmoid";
    if (isHard) return "hardSwish";
  }
  const [inner] = scope.takers.get(made) ?? [];
  if (inner === undefined) return undefined;
  const [number = Number.NaN] = node.inputs
    .map((input) => numberOf({ scope, name: input }))
    .filter((x) => !Number.isNaN(x));
  if (name === "Add" && isNear(number, 3) && nodeActivation({ scope, node: inner })?.activation === "relu6") {
    return "hardSwish";
  }
  const times = name === "Mul" ? number : name === "Div" ? 1 / number : Number.NaN;
  if (inner.op === "Erf" && isNear(times, Math.SQRT1_2)) return "gelu";
  if (inner.op === "Sigmoid" && isNear(times, 1.702)) return "quickGelu";
  return inner.op === "Sigmoid" && isNear(times, 1) ? "silu" : undefined;
}
