/** What comes after the output of a layer, and what made the input of an operator: activations, normalizations, outputs. */
import type { Activation } from "../../scheme/gain.js";
import { type OnnxNode, opName } from "./proto.js";
import { type GraphScope, makerOf, type ValuePlace } from "./scope.js";
import type { Taken } from "./walk.js";

/** The activation after a layer. */
export interface Following {
  readonly activation: Activation;
  /** Of leakyRelu. */
  readonly slope?: number;
  /** Whether no layer comes after it, but a softmax or a sigmoid: the layer makes class probabilities. */
  readonly head?: true;
}

const LINEAR: Following = { activation: "linear" };

const ACTIVATION_OPS: Readonly<Record<string, Activation>> = {
  ...{ Relu: "relu", Tanh: "tanh", Sigmoid: "sigmoid", HardSigmoid: "hardSigmoid", Softplus: "softplus" },
  ...{
    Softsign: "softsign",
    Elu: "elu",
    Selu: "selu",
    Celu: "elu",
    Gelu: "gelu",
    Mish: "mish",
    Erf: "erf",
    Sin: "sin",
  },
  ...{ HardSwish: "hardSwish", Swish: "silu", PRelu: "leakyRelu", LeakyRelu: "leakyRelu" },
  ...{ "com.microsoft.Gelu": "gelu", "com.microsoft.BiasGelu": "gelu", "com.microsoft.FastGelu": "geluTanh" },
  "com.microsoft.QuickGelu": "quickGelu",
};

/** Activations that are written out: what a value and this function of it are multiplied to. */
const GATES: Readonly<Record<string, Activation>> = { Sigmoid: "silu", HardSigmoid: "hardSwish" };

/** Operators that keep what a value is, up to a scale and a shift. */
const PASSING = new Set([
  ...["Identity", "Cast", "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Flatten", "Dropout", "Add", "Sub", "Sum"],
  ...["BatchNormalization", "InstanceNormalization", "LayerNormalization", "GroupNormalization", "Slice", "Split"],
  ...["MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "Pad", "Concat"],
]);

const PROBABILITIES = new Set(["Softmax", "LogSoftmax", "Sigmoid"]);

const MOST_STEPS = 16; // from a layer to its activation
const MOST_LOOKED = 2000; // nodes after a layer

/** Looks at what comes after layers. */
export class Follower {
  readonly #layers: ReadonlySet<OnnxNode>;

  /** @param taken the nodes that take stored tensors as weights. */
  constructor(taken: readonly Taken[]) {
    this.#layers = new Set(taken.map(({ node }) => node));
  }

  /** The activation that the first output of a layer goes into. */
  after(scope: GraphScope, layer: OnnxNode): Following {
    const fused = fusedActivation(scope, layer);
    if (fused !== undefined) return fused;
    let place: ValuePlace | undefined = { scope, name: layer.outputs[0] ?? "" };
    for (let step = 0; step < MOST_STEPS && place !== undefined; ++step) {
      const takers = takersOf(place);
      const [first] = takers;
      if (first === undefined) return LINEAR;
      const found = activationOf(first, takers);
      if (found !== undefined) return this.#withHead(found, first);
      if (takers.length > 1 || !PASSING.has(opName(first.node))) return LINEAR;
      place = { scope: first.scope, name: first.node.outputs[0] ?? "" };
    }
    return LINEAR;
  }

  #withHead(found: Following, { scope, node }: Taker): Following {
    const made = { scope, name: node.outputs[0] ?? "" };
    const takers = takersOf(made);
    const isGate = takers.length > 0 && takers.every((taker) => taker.node.op === "Mul");
    if (found.activation !== ACTIVATION_OPS[opName(node)] && !PROBABILITIES.has(opName(node))) return found; // written out
    if (GATES[node.op] === found.activation) return found;
    if (GATES[node.op] !== undefined && isGate) return LINEAR; // as `recommend` has the gate of a gated unit
    if (!PROBABILITIES.has(opName(node))) return found;
    if (!this.#leadsToLayer(made)) return { activation: "linear", head: true };
    return opName(node) === "Sigmoid" ? found : LINEAR;
  }

  /** Whether any layer comes after a value. */
  #leadsToLayer(begin: ValuePlace): boolean {
    const seen = new Set<OnnxNode>();
    const open = [begin];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const { scope, node } of takersOf(next)) {
        if (seen.has(node)) continue;
        seen.add(node);
        if (this.#layers.has(node) || seen.size > MOST_LOOKED) return true;
        for (const name of node.outputs) open.push({ scope, name });
      }
    }
    return false;
  }
}

interface Taker {
  readonly scope: GraphScope;
  readonly node: OnnxNode;
}

/** The nodes that take a value, in functions that are called with it and in graphs around it, too. */
export function takersOf({ scope, name }: ValuePlace, depth = 0): readonly Taker[] {
  if (depth > MOST_STEPS) return [];
  const found: Taker[] = [];
  for (const node of scope.takers.get(name) ?? []) {
    const inner = (scope.calls.get(node) ?? []).filter((call) => call.parent === undefined);
    if (inner.length === 0) found.push({ scope, node });
    for (const call of inner) {
      for (const [formal, place] of call.inputs) {
        if (place.scope === scope && place.name === name)
          found.push(...takersOf({ scope: call, name: formal }, depth + 1));
      }
    }
  }
  const outer = scope.outputs.get(name);
  return outer === undefined ? found : [...found, ...takersOf(outer, depth + 1)];
}

function activationOf({ scope, node }: Taker, takers: readonly Taker[]): Following | undefined {
  const name = opName(node);
  const gate = takers.length === 2 ? gateOf(takers) : undefined;
  if (gate !== undefined) return { activation: gate };
  if (takers.length > 1 && !takers.every((taker) => opName(taker.node) === name)) return undefined;
  if (name === "Softmax" || name === "LogSoftmax") return LINEAR;
  if (name === "Clip") return { activation: "relu6" };
  if (name === "Gelu" && scope.attribute(node, "approximate")?.text === "tanh") return { activation: "geluTanh" };
  const activation = ACTIVATION_OPS[name];
  if (activation !== "leakyRelu") return activation && { activation };
  return { activation, slope: name === "PRelu" ? PRELU_SLOPE : (scope.attribute(node, "alpha")?.float ?? LEAKY_ALPHA) };
}

/** What PRelu starts from. He et al., Delving deep into rectifiers, 2015, section 2.1. */
export const PRELU_SLOPE = 0.25;
const LEAKY_ALPHA = 0.01; // ONNX's default

/** An activation that is written out: x sigmoid(x), x hardSigmoid(x), x clip(x + 3) / 6, or x (1 + erf(x / sqrt 2)) / 2. */
function gateOf(takers: readonly Taker[]): Activation | undefined {
  const product = takers.find(({ node }) => node.op === "Mul");
  const other = takers.find((taker) => taker !== product);
  if (product === undefined || other === undefined) return undefined;
  const { scope, node } = other;
  const [made = ""] = node.outputs;
  if (node.op in GATES && product.node.inputs.includes(made)) return GATES[node.op];
  const [erf] = scope.takers.get(made) ?? []; // of x / sqrt 2, or of x + 3
  if (node.op === "Add" && erf?.op === "Clip") return "hardSwish";
  const scales = node.op === "Div" || node.op === "Mul";
  if (scales && erf?.op === "Erf") return "gelu";
  if (scales && erf?.op === "Sigmoid") return "quickGelu";
  return undefined;
}

/** The activation within an operator that is several in one: com.microsoft's FusedConv and FusedGemm. */
function fusedActivation(scope: GraphScope, node: OnnxNode): Following | undefined {
  const text = scope.attribute(node, "activation")?.text;
  const activation = text === undefined ? undefined : ACTIVATION_OPS[text];
  if (activation === undefined) return undefined;
  return activation === "leakyRelu" ? { activation, slope: LEAKY_ALPHA } : { activation };
}

const NORMALIZING = new Set([
  ...["BatchNormalization", "InstanceNormalization", "LayerNormalization", "GroupNormalization", "RMSNormalization"],
  ...["MeanVarianceNormalization", "LpNormalization", "SimplifiedLayerNormalization"],
]);

/** Whether a value was divided by a root of a mean square: the output of a normalization, whole or written out. */
export function isNormalized(place: ValuePlace, steps = 6): boolean {
  const made = steps === 0 ? undefined : makerOf(place);
  if (made === undefined) return false;
  const { scope, node } = made;
  const inputs = node.inputs.map((name): ValuePlace => ({ scope, name }));
  const [first, second] = inputs;
  if (first === undefined) return false;
  if (node.domain !== "" && node.domain !== "com.microsoft") return false;
  if (NORMALIZING.has(node.op)) return true;
  if (node.op === "Div") return second !== undefined && isRoot(second);
  if (node.op === "Mul") return inputs.some((input) => isInverse(input));
  const keeps = ["Identity", "Cast", "Reshape", "Transpose"].includes(node.op);
  return keeps && isNormalized(first, steps - 1);
}

/** Whether a value is a square root, to which little may have been added. */
function isRoot(place: ValuePlace, steps = 3): boolean {
  const made = steps === 0 ? undefined : makerOf(place);
  if (made === undefined) return false;
  if (made.node.op === "Sqrt") return true;
  if (!["Add", "Expand", "Max", "Clip", "Cast"].includes(made.node.op)) return false;
  return made.node.inputs.some((name) => isRoot({ scope: made.scope, name }, steps - 1));
}

/** Whether a value is 1 over a square root. */
export function isInverse(place: ValuePlace): boolean {
  const made = makerOf(place);
  if (made === undefined) return false;
  const { scope, node } = made;
  const [first, second] = node.inputs;
  if (node.op === "Reciprocal") return first !== undefined && isRoot({ scope, name: first });
  return (
    node.op === "Div" &&
    second !== undefined &&
    scope.view(first ?? "") !== undefined &&
    isRoot({ scope, name: second })
  );
}
