/** Which scheme suits a layer, why, and who found it. */

import {
  checkAboveZero,
  checkBoolean,
  checkOneOf,
  checkOptions,
  checkPositive,
  show,
  wrongType,
  wrongValue,
} from "../check.js";
import { LAYOUT_NAMES, type Layout } from "../scheme/fans.js";
import { ACTIVATIONS, type Activation } from "../scheme/gain.js";
import { aliased } from "../spelling.js";
import { bias, EMBEDDING, HEAD, LORA_B, layerScale, loraA, NORMALIZATION, subPixel } from "./recommend/layer.js";
import {
  GATED_UNITS,
  GATES,
  type GatedUnit,
  type LayerContext,
  NORMALIZATIONS,
  type Normalization,
  type Recommendation,
} from "./recommend/recommendation.js";
import { attentionProjection, gate, inStack, lastOfBranch, slopeFor, state } from "./recommend/stack.js";

export type { GatedUnit, Normalization, Recommendation };

/**
 * What weights belong to. `subPixel`: a convolution before a pixel shuffle; `recurrent`: the matrix from the state to the next
 * state; `attention`: the projections to query, key and value; `gate`: both projections into a gated unit, up and gate;
 * `head`: an output layer or classifier; `normalization`: its scale; `layerScale`: the factors on a residual branch;
 * `loraA`, `loraB`: the two matrices of a low-rank adapter, from the inputs and to the outputs.
 */
export type LayerKind =
  | "dense"
  | "convolution"
  | "subPixel"
  | "recurrent"
  | "attention"
  | "gate"
  | "head"
  | "embedding"
  | "bias"
  | "normalization"
  | "layerScale"
  | "loraA"
  | "loraB";

/** The options that the recommendation for a layer depends on. Others are refused beside it. */
const USES: Readonly<Record<LayerKind, readonly (keyof RecommendOptions)[]>> = {
  dense: ["activation", "slope", "layout", "residual", "branches", "normalization"],
  convolution: ["activation", "slope", "layout", "residual", "branches", "normalization"],
  subPixel: ["activation", "slope", "layout"],
  recurrent: ["activation", "slope"],
  attention: ["layout"],
  gate: ["layout"],
  head: [],
  embedding: [],
  bias: ["prior"],
  normalization: [],
  layerScale: ["branches"],
  loraA: ["layout"],
  loraB: [],
};
const LAYERS = aliased(Object.keys(USES) as readonly LayerKind[], { dense: "linear" });

/** The options of `recommend`. An option that the layer does not depend on is refused. */
export interface RecommendOptions {
  /** What the weights belong to. Default "dense". */
  readonly layer?: LayerKind | undefined;
  /**
   * The activation function of the stack: the one between this layer and its neighbours; "linear" if there is none. A gated
   * unit stands for the layer after it, the down projection. With `residual`, the function or unit whose output the layer
   * takes. Default "relu"; "linear" with `residual` and before a pixel shuffle; "tanh" for a recurrent layer.
   */
  readonly activation?: Activation | GatedUnit | undefined;
  /** Slope of leakyRelu below 0; only beside that activation. Default 0.01. */
  readonly slope?: number | undefined;
  /**
   * Order of the weight's axes. Default "io" (inputs first: Keras, JAX), whose normal schemes are truncated; those of "oi"
   * (outputs first: PyTorch) are not.
   */
  readonly layout?: Layout | undefined;
  /**
   * Whether this is the last layer of a residual branch, the one whose output is added to the skip connection. Needs
   * `branches`. Default false.
   */
  readonly residual?: boolean | undefined;
  /**
   * Number of residual branches in the whole network; a transformer has two in each block. Only with `residual`, and for
   * layer scale.
   */
  readonly branches?: number | undefined;
  /** The normalization before each activation; with `residual`, at the beginning of each branch. Default "none". */
  readonly normalization?: Normalization | undefined;
  /** For the bias of an output layer before a sigmoid: the share of positive examples to predict at first, such as 0.01. */
  readonly prior?: number | undefined;
}

const OPTIONS = aliased(
  ["layer", "activation", "slope", "layout", "residual", "branches", "normalization", "prior"] as const,
  { branches: "depth", normalization: "norm" },
);

/**
 * The scheme that the literature recommends for a layer. Where it leaves gradients to vanish or to grow, the reason says by
 * which factor in each layer, and what mends it.
 *
 * @param options the layer and what is around it.
 * @returns the scheme, the reason and the source.
 * @throws TypeError, RangeError for a wrong option, naming the nearest one that exists; TypeError for an option that the
 * layer does not depend on, and for `residual` without `branches` or the reverse.
 * @example
 * ```js
 * import { recommend } from "nn-init/recipes";
 *
 * const { scheme, reason } = recommend({ activation: "relu" });
 * console.log(scheme); // { scheme: 'heNormal' }
 * console.log(reason); // relu halves the mean square of its input; twice the variance makes up for it.
 * // The down projection of a gated feed-forward network, one of 24 branches:
 * const down = recommend({ activation: "swiglu", residual: true, branches: 24, normalization: "rms" });
 * console.log(down.scheme.scheme); // varianceScaling
 * ```
 */
export function recommend(options: RecommendOptions = {}): Recommendation {
  checkOptions("options", options, OPTIONS);
  const layer = checkOneOf("layer", options.layer ?? "dense", LAYERS);
  checkUses(layer, options);
  const layout = checkOneOf("layout", options.layout ?? "io", LAYOUT_NAMES);
  const branches = options.branches === undefined ? undefined : checkPositive("branches", options.branches);
  switch (layer) {
    case "bias":
      return bias(options.prior === undefined ? undefined : checkShare("prior", options.prior));
    case "normalization":
      return NORMALIZATION;
    case "embedding":
      return EMBEDDING;
    case "head":
      return HEAD;
    case "attention":
      return attentionProjection(layout);
    case "gate":
      return gate(layout);
    case "loraA":
      return loraA(layout);
    case "loraB":
      return LORA_B;
    case "layerScale":
      return layerScale(needed(branches, 'layer "layerScale"'));
    case "recurrent":
      return state(contextOf(options, layout, "tanh", false));
    case "subPixel":
      return subPixel(inStack(contextOf(options, layout, "linear", false)));
    default:
      return inNetwork(options, layout, branches);
  }
}

/** A dense layer or a convolution. */
function inNetwork(options: RecommendOptions, layout: Layout, branches: number | undefined): Recommendation {
  const residual = checkBoolean("residual", options.residual ?? false);
  const context = contextOf(options, layout, residual ? "linear" : "relu", true);
  if (residual) return lastOfBranch(context, needed(branches, "residual"));
  if (branches !== undefined)
    throw wrongType("branches", "residual: true beside it, for a layer that ends one", branches);
  return inStack(context);
}

/** @param gates whether the activation may be a gated unit. */
function contextOf(options: RecommendOptions, layout: Layout, otherwise: Activation, gates: boolean): LayerContext {
  const names: readonly (Activation | GatedUnit)[] = gates ? [...ACTIVATIONS, ...GATED_UNITS] : ACTIVATIONS;
  const name = checkOneOf("activation", options.activation ?? otherwise, names);
  const normalization = checkOneOf("normalization", options.normalization ?? "none", NORMALIZATIONS);
  const gated = GATED_UNITS.find((unit) => unit === name);
  const activation = gated === undefined ? (name as Activation) : GATES[gated];
  return { activation, gated, slope: slopeFor(activation, options.slope), layout, normalization };
}

function needed(branches: number | undefined, by: string): number {
  if (branches !== undefined) return branches;
  throw wrongType("branches", `the number of residual branches in the network, which ${by} needs`, branches);
}

function checkUses(layer: LayerKind, options: RecommendOptions): void {
  const uses = USES[layer];
  for (const name of OPTIONS) {
    if (name === "layer" || options[name] === undefined || uses.includes(name)) continue;
    const others = uses.length === 0 ? "nothing" : uses.join(", ");
    throw wrongType(name, `none beside layer ${show(layer)}, whose recommendation depends on ${others}`, options[name]);
  }
}

/** Checks for a number between 0 and 1. */
function checkShare(name: string, value: unknown): number {
  const share = checkAboveZero(name, value);
  if (!(share < 1)) throw wrongValue(name, "a share between 0 and 1, both excluded", value);
  return share;
}
