/** What the weights of a layer start from in Keras and in PyTorch, and from its own initializers. */
import { show, wrongValue } from "../check.js";
import { fansOf, type Placement } from "../scheme/fans.js";
import { constant, glorotUniform, normal, ones, orthogonal, uniform, varianceScaling, zeros } from "../scheme/named.js";
import type { Scheme } from "../scheme/options.js";
import type { Layer, TensorFlowInitializer } from "./tensorflow.js";
import { type Adapted, forgets, withForgetGate } from "./tfjs.initializer.js";
import { gatesOf, kernelNames, knownClass, placementOf, schemeOfWeight } from "./tfjs.layer.js";
import { stockScheme } from "./tfjs.stock.js";
import type { Found } from "./tfjs.walk.js";

/** What decides the scheme of a weight, fans included; undefined if it does not know. */
export type Decide = (found: Found, adapted: Adapted) => Scheme | undefined;

/** What both frameworks have in common: normalizations. */
const NORMALIZATION: Readonly<Record<string, Scheme>> = {
  gamma: ones(),
  beta: zeros(),
  moving_mean: zeros(),
  moving_variance: ones(),
};

const within = (bound: number): Scheme => uniform({ low: -bound, high: bound });

export const keras: Decide = ({ owner, weight }) => {
  if (knownClass(owner) === undefined) return undefined;
  if (weight === "recurrent_kernel") return orthogonal();
  if (weight === "embeddings") return within(0.05);
  if (placementOf(owner, weight) !== undefined) return glorotUniform({ compat: "keras", axes: { in: -2, out: -1 } });
  if (weight === "bias" && gatesOf(owner, "kernel") === 4) return withForgetGate(zeros());
  return NORMALIZATION[weight] ?? zeros(); // biases, and the slopes of PReLU
};

/** `kaiming_uniform_(a=sqrt(5))`: U(-b, b) with b = 1 / sqrt(fan in), the bound of the biases as well. */
const TORCH = { scale: 1 / 3, mode: "fan_in", distribution: "uniform" } as const;

export const torch: Decide = ({ owner, weight }) => {
  const known = knownClass(owner);
  if (known === undefined || known === "ConvLSTM2DCell") return undefined;
  if (known.endsWith("Cell")) return within(1 / Math.sqrt(owner.units as number));
  if (weight === "embeddings") return normal({ std: 1 });
  if (known === "PReLU") return constant(0.25);
  const placement = torchPlacement(owner, weight);
  if (placement !== undefined) return varianceScaling({ ...TORCH, ...placement });
  return weight === "bias" ? within(1 / Math.sqrt(fanInOf(owner))) : NORMALIZATION[weight];
};

/** PyTorch takes the outputs of a transposed convolution for its inputs, and knows no stride. */
function torchPlacement(layer: Layer, weight: string): Placement | undefined {
  const axes = placementOf(layer, weight)?.axes;
  if (axes === undefined) return undefined;
  return { axes: axes.batch === undefined ? { in: -2, out: -1 } : { in: [], out: [-2, -1] } };
}

/** Of the last weight of a layer that multiplies, to whose outputs the bias is added. */
function fanInOf(layer: Layer): number {
  const weight = kernelNames(layer)?.at(-1) as string;
  const variable = layer.weights.find(({ originalName }) => originalName.split("/").at(-1) === weight);
  return fansOf(variable?.shape ?? [], torchPlacement(layer, weight) as Placement).in;
}

/** The layer's own initializers, but with the fans of the layer and the variance of their names. */
export const own: Decide = ({ owner, weight, variable }, { drawnBy }) => {
  const initializer = initializerOf(owner, weight);
  const drawn = drawnBy(initializer) ?? (initializer === undefined ? undefined : stockScheme(initializer));
  if (drawn === undefined) return undefined;
  const scheme = forgets(owner, weight) ? withForgetGate(drawn.scheme) : drawn.scheme;
  return schemeOfWeight(scheme, owner, weight, variable.shape);
};

/** Layers keep the initializer of `depthwise_kernel` as `depthwiseInitializer`, and that of `moving_mean` likewise. */
function initializerOf(layer: Layer, weight: string): TensorFlowInitializer | undefined {
  const words = weight.replace(/_kernel$/, "").split("_");
  const name = words.map((word, i) => (i === 0 ? word : word.slice(0, 1).toUpperCase() + word.slice(1))).join("");
  const found = (layer as unknown as Record<string, unknown>)[`${name}Initializer`];
  return typeof (found as { getConfig?: unknown })?.getConfig === "function"
    ? (found as TensorFlowInitializer)
    : undefined;
}

/** @throws RangeError naming a weight that nothing decides. */
export function undecided({ owner, weight }: Found, plan: string): never {
  const expected = `a weight that ${plan} knows; decide it by a plan, or leave it out there`;
  throw wrongValue("plan", expected, `${weight} of ${show(owner.getClassName())}`);
}
