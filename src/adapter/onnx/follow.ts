/** What comes after the output of a layer, and what made the input of an operator: activations, normalizations, outputs. */
import {
  type Following,
  keepsNumbers,
  LINEAR,
  layerActivation,
  nodeActivation,
  type Taker,
  writtenOut,
} from "./activation.js";
import { type OnnxNode, opName } from "./proto.js";
import { type GraphScope, makerOf, type ValuePlace } from "./scope.js";
import type { Taken } from "./walk.js";

/** Operators that keep what a value is, up to a scale and a shift. */
const PASSING = new Set([
  ...["Identity", "Cast", "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Flatten", "Dropout", "Add", "Sub", "Sum"],
  ...["BatchNormalization", "InstanceNormalization", "LayerNormalization", "GroupNormalization", "Slice", "Split"],
  ...["MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "Pad", "Concat"],
]);

const SOFTMAXES = new Set(["Softmax", "LogSoftmax"]);
const PROBABILITIES = new Set([...SOFTMAXES, "Sigmoid"]);
const GATES = new Set(["Sigmoid", "HardSigmoid"]);

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
    const fused = layerActivation(scope, layer);
    if (fused !== undefined) return fused;
    let place: ValuePlace | undefined = { scope, name: layer.outputs[0] ?? "" };
    for (let step = 0; step < MOST_STEPS && place !== undefined; ++step) {
      const takers = takersOf(place);
      const [first] = takers;
      if (first === undefined) return LINEAR;
      const written = writtenOut(takers);
      if (written !== undefined) return { activation: written };
      const found = activationOf(takers);
      if (found !== undefined) return this.#withHead(found, first);
      if (takers.length > 1 || !(PASSING.has(opName(first.node)) || keepsNumbers(first))) return LINEAR;
      place = { scope: first.scope, name: first.node.outputs[0] ?? "" };
    }
    return LINEAR;
  }

  #withHead(found: Following, { scope, node }: Taker): Following {
    const made = { scope, name: node.outputs[0] ?? "" };
    const takers = takersOf(made);
    const isGate = takers.length > 0 && takers.every((taker) => taker.node.op === "Mul");
    if (GATES.has(opName(node)) && isGate) return LINEAR; // as `recommend` has the gate of a gated unit
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

/** The nodes that take a value, in functions that are called with it and in graphs around it, too. */
export function takersOf({ scope, name }: ValuePlace, depth = 0): readonly Taker[] {
  if (depth > MOST_STEPS) return [];
  const found: Taker[] = [];
  for (const node of scope.takers.get(name) ?? []) {
    const inner = (scope.calls.get(node) ?? []).filter((call) => call.parent === undefined);
    if (inner.length === 0) found.push({ scope, node });
    for (const call of inner) {
      for (const [formal, place] of call.inputs) {
        if (place.scope !== scope || place.name !== name) continue;
        for (const taker of takersOf({ scope: call, name: formal }, depth + 1)) found.push(taker);
      }
    }
  }
  const outer = scope.outputs.get(name);
  return outer === undefined ? found : [...found, ...takersOf(outer, depth + 1)];
}

/** The one activation that all takers of a value are. */
function activationOf([first, ...others]: readonly Taker[]): Following | undefined {
  if (first === undefined) return undefined;
  if (SOFTMAXES.has(opName(first.node))) {
    return others.every(({ node }) => SOFTMAXES.has(opName(node))) ? LINEAR : undefined;
  }
  const found = nodeActivation(first);
  const isOne = others.every((other) => JSON.stringify(nodeActivation(other)) === JSON.stringify(found));
  return isOne ? found : undefined;
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
