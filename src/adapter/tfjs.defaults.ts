/** What the weights of a layer start from in Keras and in PyTorch, and from its own initializers. */
import type { Distribution } from "../distribution.js";
import { constant, glorotUniform, normal, ones, orthogonal, uniform, zeros } from "../scheme/named.js";
import type { Scheme } from "../scheme/options.js";
import { resolve } from "../scheme/scheme.js";
import type { Layer, LayerVariable } from "./internals.js";
import type { TensorFlowInitializer } from "./tensorflow.js";
import { type Adapted, forgets, withForgetGate } from "./tfjs.initializer.js";
import { gatesOf, kernelNames, knownClass, placementOf, schemeOfWeight } from "./tfjs.layer.js";
import { stockScheme } from "./tfjs.stock.js";
import type { FoundWeight } from "./tfjs.walk.js";

/** What decides the scheme of a weight, fans included; undefined if it does not know. */
export type Decide = (found: FoundWeight, adapted: Adapted) => Scheme | undefined;

/** What both frameworks have in common: normalizations. */
const NORMALIZATION: Readonly<Record<string, Scheme>> = {
  gamma: ones(),
  beta: zeros(),
  moving_mean: zeros(),
  moving_variance: ones(),
};

const within = (bound: number): Scheme => uniform({ low: -bound, high: bound });

export const byKeras: Decide = ({ owner, weight, variable }) => {
  if (knownClass(owner) === undefined) return undefined;
  if (weight === "recurrent_kernel") return orthogonal();
  if (weight === "embeddings") return within(0.05);
  if (placementOf(owner, weight) !== undefined) {
    return schemeOfWeight(glorotUniform({ compat: "keras" }), owner, weight, variable.shape);
  }
  if (weight === "bias" && gatesOf(owner, "kernel") === 4) return withForgetGate(zeros());
  return NORMALIZATION[weight] ?? zeros(); // biases, and the slopes of PReLU
};

export const byTorch: Decide = ({ owner, weight, variable }) => {
  const known = knownClass(owner);
  if (known === undefined || known === "ConvLSTM2DCell") return undefined;
  if (known.endsWith("Cell")) return within(1 / Math.sqrt(owner.units as number));
  if (weight === "embeddings") return normal({ std: 1 });
  if (known === "PReLU") return constant(0.25);
  if (placementOf(owner, weight) !== undefined) return torchUniform(owner, weight, variable);
  return weight === "bias" ? torchBias(owner) : NORMALIZATION[weight];
};

/** `kaiming_uniform_(a=sqrt(5))`: U(-b, b) with b = 1 / sqrt(fan in). */
const torchUniform = (layer: Layer, weight: string, { shape }: LayerVariable): Scheme =>
  schemeOfWeight({ ...TORCH, scheme: "varianceScaling" }, layer, weight, shape);

const TORCH = { scale: 1 / 3, mode: "fan_in", distribution: "uniform", compat: "torch" } as const;

/** A bias has the bounds of the layer's last matrix or kernel, to whose outputs it is added. */
function torchBias(layer: Layer): Scheme {
  const weight = kernelNames(layer)?.at(-1) as string;
  const variable = layer.weights.find(({ originalName }) => originalName.endsWith(weight)) as LayerVariable;
  const { high } = resolve(variable.shape, torchUniform(layer, weight, variable)) as UniformDistribution;
  return within(high);
}

type UniformDistribution = Extract<Distribution, { kind: "uniform" }>;

/** The layer's own initializers, but with the fans of the layer and the variance of their names. */
export const byOwn: Decide = ({ owner, weight, variable }, { drawnBy }) => {
  const initializer = initializerOf(owner, weight);
  const drawn = drawnBy(initializer) ?? (initializer === undefined ? undefined : stockScheme(initializer));
  if (drawn === undefined || knownClass(owner) === undefined) return undefined;
  const scheme = forgets(owner, weight) ? withForgetGate(drawn.scheme) : drawn.scheme;
  return schemeOfWeight(scheme, owner, weight, variable.shape);
};

/** Layers keep the initializer of `depthwise_kernel` as `depthwiseInitializer`, and that of `moving_mean` likewise. */
function initializerOf(layer: Layer, weight: string): TensorFlowInitializer | undefined {
  const name = weight.replace(/_kernel$/, "").replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  return (layer as unknown as Record<string, TensorFlowInitializer | undefined>)[`${name}Initializer`];
}
