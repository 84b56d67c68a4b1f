/** What an operator of ONNX does with a stored tensor that it takes: as data, one entry for each input. */
import type { Role } from "../../model/model.js";
import type { Placement } from "../../scheme/fans.js";
import { constant, ones, zeros } from "../../scheme/named.js";
import type { Scheme } from "../../scheme/options.js";
import { sizeOf } from "../../shape.js";
import { PRELU_SLOPE } from "./activation.js";
import { isInverse, isNormalized, takersOf } from "./follow.js";
import { type OnnxNode, opName } from "./proto.js";
import { isKnownDomain } from "./refusal.js";
import { type GraphScope, originalMakerOf, type ValuePlace } from "./scope.js";
import type { Taken } from "./walk.js";

/** What a tensor is for an operator. */
export type Claim =
  /** A weight of a layer. */
  | {
      readonly kind: "weight";
      /** The axes that the layer sums over, and those of its outputs, of the value that it takes. */
      readonly in: readonly number[];
      readonly out: readonly number[];
      readonly placement: Placement;
      /** Along the last output axis, the lengths of weights that are packed in one. */
      readonly parts?: readonly number[] | undefined;
      /** Whether it makes query, key and value. */
      readonly attention?: true;
    }
  /** A table of vectors. */
  | { readonly kind: "embedding" }
  /** A weight, matrix or bias of a recurrent layer, in ONNX's order of gates. */
  | { readonly kind: "recurrent"; readonly part: "input" | "state" | "bias"; readonly gates: number }
  /** What starts as a constant. */
  | { readonly kind: "constant"; readonly scheme: Scheme; readonly role: Role | undefined }
  /** What stays as it is, and why. */
  | { readonly kind: "left"; readonly why: string };

type Weight = Extract<Claim, { kind: "weight" }>;

type Claimer = (taken: Taken) => Claim;

const bias: Claimer = () => ({ kind: "constant", scheme: zeros(), role: "bias" });
const scale: Claimer = () => ({ kind: "constant", scheme: ones(), role: "normalization" });
const statistic: Claimer = () => ({ kind: "left", why: "a statistic of a normalization" });
const embedding: Claimer = () => ({ kind: "embedding" });
const state: Claimer = () => ({ kind: "left", why: "a state that a recurrent layer begins with" });
const quantized: Claimer = () => ({ kind: "left", why: "quantized" });
const slope: Claimer = () => ({ kind: "constant", scheme: constant(PRELU_SLOPE), role: undefined });

const convolution =
  (isTransposed: boolean): Claimer =>
  ({ scope, node, view }) => {
    const groups = scope.int(node, "group", 1);
    const strides = scope.attribute(node, "strides")?.ints ?? [];
    const isStrided = strides.some((stride) => stride !== 1) && strides.length === view.shape.length - 2;
    return {
      ...{ kind: "weight", in: isTransposed ? [0] : [1], out: isTransposed ? [1] : [0] },
      placement: {
        layout: "oi",
        ...(groups !== 1 && { groups }),
        ...(isTransposed && { transposed: true }),
        ...(isStrided && { stride: strides }),
      },
    };
  };

/** A matrix on the right of a product, or on its left. @param flips the attribute that swaps its axes. */
const matrix =
  (side: "left" | "right", flips?: string): Claimer =>
  (taken) => {
    const { scope, node, view } = taken;
    const other = node.inputs[side === "right" ? 0 : 1] ?? "";
    if (scope.isConstant(other)) return { kind: "left", why: "multiplied by another stored tensor" };
    const rank = view.shape.length;
    if (rank === 0) return { kind: "left", why: "a scalar" };
    if ((scope.attribute(node, "alpha")?.float ?? 1) !== 1) {
      return { kind: "left", why: `${opName(node)} multiplies it by an alpha other than 1` };
    }
    if (rank === 1) return weightBy([0], [], taken);
    const isFlipped = (flips !== undefined && scope.int(node, flips, 0) !== 0) !== (side === "left");
    const [first, last] = [rank - 2, rank - 1];
    const claim = isFlipped ? weightBy([last], [first], taken) : weightBy([first], [last], taken);
    return { ...claim, parts: splitAfter(taken, claim.out, side === "left" ? -2 : -1) };
  };

function weightBy(inputs: readonly number[], outputs: readonly number[], taken: Taken): Weight {
  const batch = [...taken.view.shape.keys()].filter((axis) => !inputs.includes(axis) && !outputs.includes(axis));
  const placement = { axes: { in: inputs, out: outputs, ...(batch.length > 0 && { batch }) } };
  return { kind: "weight", in: inputs, out: outputs, placement };
}

/**
 * The parts of a layer's output that a Split takes apart: weights that are packed, such as query, key and value.
 *
 * @param outputAxis the axis of the layer's output that has what the weight makes, counted from the end.
 */
function splitAfter({ scope, node, view }: Taken, outputs: readonly number[], outputAxis: number) {
  const rank = GEMMS.has(opName(node)) ? 2 : undefined; // a product has as many axes as its other factor, which are not known
  const [made = ""] = node.outputs;
  let [taker, ...others] = scope.takers.get(made) ?? [];
  if (taker?.op === "Add" && others.length === 0 && addsBias(scope, taker)) {
    [taker, ...others] = scope.takers.get(taker.outputs[0] ?? "") ?? [];
  }
  if (taker?.op !== "Split" || taker.domain !== "" || others.length > 0) return undefined;
  const count = taker.outputs.length;
  const length = view.shape[outputs[0] ?? -1] ?? 0;
  const axis = scope.int(taker, "axis", 0);
  const sizes =
    scope.attribute(taker, "split")?.ints ?? scope.view(taker.inputs[1] ?? "")?.leaves[0]?.stored.tensor.ints;
  const mayBeOutput =
    rank === undefined
      ? sizes !== undefined && axis > 0 && outputAxis === -1 // lengths that add up to the outputs, as below, are theirs
      : axis === rank + outputAxis;
  if (!(axis === outputAxis || mayBeOutput) || count < 2) return undefined;
  const parts = sizes ?? (length % count === 0 ? Array<number>(count).fill(length / count) : []);
  return parts.length === count && parts.reduce((sum, part) => sum + part, 0) === length ? parts : undefined;
}

const GEMMS = new Set(["Gemm", "com.microsoft.FusedGemm"]); // matrices with two axes

/** Whether an Add adds a stored tensor with at most two axes, so that a matrix keeps its axes. */
const addsBias = (scope: GraphScope, { inputs }: OnnxNode): boolean =>
  inputs.some((name) => (scope.view(name)?.shape.length ?? 3) <= 2);

/** Query, key and value in one weight, of com.microsoft's Attention. */
const packedAttention: Claimer = ({ scope, node, view }) => {
  const length = view.shape.at(-1) ?? 0;
  const sizes = scope.attribute(node, "qkv_hidden_sizes")?.ints ?? [];
  const parts = sizes.length === 3 ? sizes : length % 3 === 0 ? Array<number>(3).fill(length / 3) : undefined;
  if (view.shape.length !== 2) return { kind: "left", why: `a weight of ${view.shape.length} axes` };
  return { kind: "weight", in: [0], out: [1], placement: { layout: "io" }, parts, attention: true };
};

const einsum: Claimer = ({ scope, node, index, view }) => {
  const text = scope.attribute(node, "equation")?.text?.replaceAll(" ", "") ?? "";
  const [operands = "", result = ""] = text.split("->");
  const terms = operands.split(",");
  const [own, other] = [terms[index], terms[1 - index]];
  const isKnown = terms.length === 2 && own?.length === view.shape.length && new Set(own).size === own.length;
  if (!isKnown || other === undefined || !/^[a-z]+$/i.test(own)) return { kind: "left", why: "an operand of Einsum" };
  if (scope.isConstant(node.inputs[1 - index] ?? ""))
    return { kind: "left", why: "multiplied by another stored tensor" };
  const axes = (is: (letter: string) => boolean) => [...own].flatMap((letter, axis) => (is(letter) ? [axis] : []));
  const inputs = axes((letter) => other.includes(letter) && !result.includes(letter));
  const outputs = axes((letter) => !other.includes(letter) && result.includes(letter));
  const batch = axes((letter) => other.includes(letter) && result.includes(letter));
  if (inputs.length === 0 || inputs.length + outputs.length + batch.length < own.length) {
    return { kind: "left", why: "an operand of Einsum" };
  }
  const placement = { axes: { in: inputs, out: outputs, ...(batch.length > 0 && { batch }) } };
  return { kind: "weight", in: inputs, out: outputs, placement };
};

const lookup: Claimer = ({ scope, node, view }) => {
  const isTable = view.shape.length === 2 && scope.int(node, "axis", 0) === 0 && (view.shape[0] as number) > 1;
  return isTable ? { kind: "embedding" } : { kind: "left", why: "looked up, and no table of vectors" };
};

const LAYERS = new Set([
  ...["Conv", "ConvTranspose", "MatMul", "Gemm", "Einsum"],
  ...["com.microsoft.FusedMatMul", "com.microsoft.FusedConv", "com.microsoft.FusedGemm"],
]);

/** What is added to a value: the bias of the layer or the normalization that made it, or nothing known. */
const added: Claimer = ({ scope, node, index, view }) => {
  const other = { scope, name: node.inputs[1 - index] ?? "" };
  const made = originalMakerOf(other);
  const longer = view.shape.filter((length) => length !== 1).length;
  if (longer > 1 || made === undefined) return { kind: "left", why: "added to a value" };
  // One number for all outputs belongs to what follows, such as the 3 of a hardSwish that is written out.
  if (longer === 0 && outputsOf(made) !== 1) return { kind: "left", why: "a scalar that is added to a value" };
  const isScaled = made.node.op === "Mul" && made.node.inputs.some((name) => isNormalized({ scope: made.scope, name }));
  const isSum = made.node.op === "Add" && made.node.inputs.every((name) => isMadeByLayer({ scope: made.scope, name }));
  if (LAYERS.has(opName(made.node)) || isSum || isScaled || isNormalized(other)) {
    return { kind: "constant", scheme: zeros(), role: "bias" };
  }
  return { kind: "left", why: "added to a value" };
};

/** How many outputs a layer's weight makes; undefined for other operators. */
function outputsOf({ scope, node }: NonNullable<ReturnType<typeof originalMakerOf>>): number | undefined {
  const view = scope.view(node.inputs[1] ?? "");
  const claim = view && claimOf({ scope, node, index: 1, view });
  return claim?.kind === "weight" ? sizeOf(claim.out.map((axis) => view?.shape[axis] as number)) : undefined;
}

function isMadeByLayer(place: ValuePlace): boolean {
  const made = originalMakerOf(place);
  return made !== undefined && LAYERS.has(opName(made.node));
}

const multiplied: Claimer = ({ scope, node, index, view }) => {
  const vector = view.shape.filter((length) => length !== 1).length === 1;
  const other = { scope, name: node.inputs[1 - index] ?? "" };
  if (vector && (isNormalized(other) || isInverse(other)))
    return { kind: "constant", scheme: ones(), role: "normalization" };
  return { kind: "left", why: "multiplied with a value" };
};

const recurrent = (gates: number): Readonly<Record<number, Claimer>> => ({
  1: () => ({ kind: "recurrent", part: "input", gates }),
  2: () => ({ kind: "recurrent", part: "state", gates }),
  3: () => ({ kind: "recurrent", part: "bias", gates }),
  ...{ 5: state, 6: state, 7: bias }, // 7: peepholes
});

const quantizedInputs = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [i, quantized]));
const norm = { 1: scale, 2: bias };

/** By operator, then by input. */
const CLAIMS: Readonly<Record<string, Readonly<Record<number, Claimer>>>> = {
  Conv: { 1: convolution(false), 2: bias },
  ConvTranspose: { 1: convolution(true), 2: bias },
  MatMul: { 0: matrix("left"), 1: matrix("right") },
  Gemm: { 0: matrix("left", "transA"), 1: matrix("right", "transB"), 2: bias },
  Einsum: { 0: einsum, 1: einsum },
  Gather: { 0: lookup },
  Add: { 0: added, 1: added },
  Mul: { 0: multiplied, 1: multiplied },
  PRelu: { 1: slope },
  LSTM: recurrent(4),
  GRU: recurrent(3),
  RNN: recurrent(1),
  BatchNormalization: { ...norm, 3: statistic, 4: statistic },
  InstanceNormalization: norm,
  LayerNormalization: norm,
  GroupNormalization: norm,
  RMSNormalization: { 1: scale },
  SimplifiedLayerNormalization: { 1: scale },
  "com.microsoft.SimplifiedLayerNormalization": { 1: scale },
  "com.microsoft.LayerNormalization": norm,
  "com.microsoft.GroupNorm": norm,
  "com.microsoft.SkipGroupNorm": { ...norm, 4: bias },
  "com.microsoft.SkipLayerNormalization": { 2: scale, 3: bias, 4: bias },
  "com.microsoft.SkipSimplifiedLayerNormalization": { 2: scale, 3: bias },
  "com.microsoft.EmbedLayerNormalization": { 2: embedding, 3: embedding, 4: embedding, 5: scale, 6: bias },
  "com.microsoft.BiasGelu": { 1: bias },
  "com.microsoft.FastGelu": { 1: bias },
  "com.microsoft.BiasAdd": { 1: bias },
  "com.microsoft.Attention": { 1: packedAttention, 2: bias },
  "com.microsoft.MultiHeadAttention": { 3: bias },
  "com.microsoft.FusedConv": { 1: convolution(false), 2: bias },
  "com.microsoft.FusedGemm": { 0: matrix("left", "transA"), 1: matrix("right", "transB"), 2: bias },
  "com.microsoft.FusedMatMul": { 0: matrix("left", "transA"), 1: matrix("right", "transB") },
  ...Object.fromEntries(
    [
      ...["DequantizeLinear", "QuantizeLinear", "QLinearConv", "QLinearMatMul", "ConvInteger", "MatMulInteger"],
      ...["MatMulNBits", "MatMulBnb4", "QAttention", "DynamicQuantizeMatMul", "MatMulIntegerToFloat", "QGemm"],
      ...["DynamicQuantizeLSTM", "QEmbedLayerNormalization", "GatherBlockQuantized"],
    ].flatMap((name) => [
      [name, quantizedInputs],
      [`com.microsoft.${name}`, quantizedInputs],
    ]),
  ),
};

/** What a node does with a stored tensor that it takes. */
export function claimOf(taken: Taken): Claim {
  const { node, index } = taken;
  const name = opName(node);
  const claimer = CLAIMS[name]?.[index];
  const claim = claimer?.(taken);
  if (claim?.kind === "left" || claim === undefined) {
    const layer =
      claim?.why === "quantized" ? undefined : layerAfter({ scope: taken.scope, name: node.outputs[0] ?? "" });
    if (layer !== undefined) return { kind: "left", why: `arithmetic (${name}) makes the weight of ${layer} from it` };
  }
  if (claim !== undefined) return claim;
  const domain = isKnownDomain(node.domain) ? "" : ", whose domain is not known";
  return { kind: "left", why: `input ${index} of ${name}${domain}` };
}

const MOST_LOOKED = 256; // nodes between a stored tensor and a layer

/** The operator whose weight a value becomes, after arithmetic on stored tensors alone, such as weight normalization. */
function layerAfter(begin: ValuePlace): string | undefined {
  const seen = new Set<OnnxNode>();
  const open = [begin];
  for (let place = open.pop(); place !== undefined && seen.size < MOST_LOOKED; place = open.pop()) {
    if (!place.scope.isComputed(place.name)) continue;
    for (const { scope, node } of takersOf(place)) {
      if (seen.has(node)) continue;
      seen.add(node);
      const [name = ""] = node.outputs;
      if (scope.isComputed(name)) open.push({ scope, name });
      else if (LAYERS.has(opName(node))) return opName(node);
    }
  }
  return undefined;
}

/** Whether a claim makes its node a layer. */
export const isLayer = ({ kind }: Claim): boolean => kind === "weight" || kind === "recurrent";
