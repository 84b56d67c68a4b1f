/** The questions of the guided choice, and the options of `recommend` that follow from the answers. */
import type { Activation } from "nn-init";
import type { GatedUnit, LayerKind, RecommendOptions } from "nn-init/recipes";
import { ACTIVATIONS, NORMALIZATIONS } from "../network.js";
import { decimal, oneOf, type StateOf, toggle, whole } from "../state.js";

const keys = <T extends string>(names: Readonly<Record<T, unknown>>) => Object.keys(names) as T[];

export const LAYERS: Readonly<Record<LayerKind, string>> = {
  dense: "dense (linear, fully connected)",
  convolution: "convolution",
  attention: "attention: query, key, value",
  gate: "gated unit: up and gate projections",
  recurrent: "recurrent: state to state",
  subPixel: "convolution before a pixel shuffle",
  head: "output layer, classifier",
  embedding: "embedding",
  bias: "bias of an output layer",
  normalization: "scale of a normalization",
  layerScale: "layer scale of residual branches",
  loraA: "LoRA: first matrix, from the inputs",
  loraB: "LoRA: second matrix, to the outputs",
};

const GATED: Readonly<Record<GatedUnit, string>> = {
  swiglu: "SwiGLU (gated)",
  geglu: "GEGLU (gated)",
  reglu: "ReGLU (gated)",
  glu: "GLU (gated)",
};

export const FUNCTIONS: Readonly<Record<Activation | GatedUnit, string>> = { ...ACTIVATIONS, ...GATED };

export const LAYOUTS = { io: "inputs first: Keras, JAX, TensorFlow.js", oi: "outputs first: PyTorch" } as const;

export const CHOICE = {
  layer: oneOf("l", keys(LAYERS), "dense"),
  activation: oneOf("a", keys(FUNCTIONS), "relu"),
  slope: decimal("sl", { low: -10, high: 10 }, 0.01),
  normalization: oneOf("no", keys(NORMALIZATIONS), "none"),
  residual: toggle("r"),
  depth: whole("d", { low: 1, high: 500 }, 50),
  layout: oneOf("o", keys(LAYOUTS), "io"),
  prior: decimal("pr", { low: 0.0001, high: 0.9999 }, 0.01),
} as const;

export type ChoiceState = StateOf<typeof CHOICE>;

/** What the recommendation for a layer depends on, in the order of the questions. */
const ASKS: Readonly<Record<LayerKind, readonly (keyof ChoiceState)[]>> = {
  dense: ["activation", "slope", "normalization", "residual", "depth", "layout"],
  convolution: ["activation", "slope", "normalization", "residual", "depth", "layout"],
  attention: ["layout"],
  gate: ["layout"],
  recurrent: ["activation", "slope"],
  subPixel: ["activation", "slope", "layout"],
  head: [],
  embedding: [],
  bias: ["prior"],
  normalization: [],
  layerScale: ["depth"],
  loraA: ["layout"],
  loraB: [],
};

const isGated = (name: string): boolean => Object.hasOwn(GATED, name);

/** Whether a question is asked, given the answers so far. */
export function asks(state: ChoiceState, question: keyof ChoiceState): boolean {
  if (!ASKS[state.layer].includes(question)) return false;
  if (question === "slope") return state.activation === "leakyRelu";
  return true;
}

/** Functions that the layer can have: a gated unit has a layer after it, dense or convolution. */
export const functionsOf = ({ layer }: ChoiceState): Readonly<Record<string, string>> =>
  layer === "dense" || layer === "convolution" ? FUNCTIONS : ACTIVATIONS;

export function recommendOptions(state: ChoiceState): RecommendOptions {
  const { layer, activation, depth } = state;
  const has = (question: keyof ChoiceState) => asks(state, question);
  const known = Object.hasOwn(functionsOf(state), activation);
  return {
    layer,
    ...(has("activation") && known && { activation }),
    ...(has("slope") && { slope: state.slope }),
    ...(has("normalization") && { normalization: state.normalization }),
    ...(has("residual") && state.residual && { residual: true, branches: depth }),
    ...(layer === "layerScale" && { branches: depth }),
    ...(has("layout") && { layout: state.layout }),
    ...(has("prior") && { prior: state.prior }),
  };
}

/** The address of the lab for the network around the layer; undefined where the lab has no such network. */
export function labLink(state: ChoiceState): string | undefined {
  const { layer, activation, normalization, residual, depth } = state;
  const network = layer === "attention" || layer === "dense" || layer === "convolution" ? layer : undefined;
  if (network === undefined || (network !== "attention" && isGated(activation))) return undefined;
  const pairs = {
    ...(network !== "dense" && { n: network }),
    ...(network === "attention"
      ? { d: "12", a: "gelu", no: "layer" }
      : { d: String(depth), a: activation, no: normalization }),
    ...(asks(state, "slope") && { sl: String(state.slope) }),
    ...(residual && network !== "attention" && { r: "1" }),
  };
  return `#lab&${Object.entries(pairs)
    .map(([key, value]) => `${key}=${value}`)
    .join("&")}`;
}
