/**
 * Transformers with one std for all weights, and a smaller one for the last layer of each residual branch, so that the
 * variance of the residual signal, a sum over branches, stays bounded at any depth.
 */
import { checkCount, checkNotNegative, checkPositive, checkRequired } from "../check.js";
import { normal, ones, truncatedNormal } from "../scheme/named.js";
import type { Scheme } from "../scheme/options.js";
import { PLAIN, type TransformerRecipe, transformerRecipe } from "./transformer.js";

/** One scheme for all weights of a block but the last layers of branches. */
const block = (last: Scheme, other: Scheme) => ({
  queryAndKey: other,
  value: other,
  output: last,
  up: other,
  down: last,
});

/** The same scheme for the weights outside of blocks. */
const withLast = (last: Scheme, other: Scheme, source: string): TransformerRecipe =>
  transformerRecipe(block(last, other), { embedding: other, position: other, head: other, ...PLAIN }, source);

/** The options of `gpt2` and `megatron`. */
export interface Gpt2Options {
  /** Number of blocks; each has two residual branches. */
  readonly layers: number;
  /** Std of all weights but the last layers of branches. Default 0.02. */
  readonly std?: number | undefined;
}

/**
 * GPT-2: all weights are N(0, std^2), but the last layers of branches have std / sqrt(2 layers). Radford et al., Language
 * models are unsupervised multitask learners, 2019, section 2.3; Shoeybi et al., Megatron-LM, 2019. Positions are as in
 * Megatron and Hugging Face's GPT-2; OpenAI's code has std 0.01 for them.
 *
 * @param options number of blocks, and std of the weights.
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { gpt2 } from "nn-init/recipes";
 *
 * const { weights } = gpt2({ layers: 8 });
 * console.log(weights.query, weights.output); // { scheme: 'normal', std: 0.02 } { scheme: 'normal', std: 0.005 }
 * ```
 */
export function gpt2(options: Gpt2Options): TransformerRecipe {
  const { layers, std } = checked(options, ["layers"], ["std"]);
  const last = normal({ std: std / Math.sqrt(2 * layers) });
  const source = "Radford et al., Language models are unsupervised multitask learners, 2019, section 2.3";
  return withLast(last, normal({ std }), source);
}
/** The same recipe as `gpt2`, under the name of Shoeybi et al., Megatron-LM, 2019. */
export const megatron = gpt2;

/** The options of `depthScaled`. */
export interface DepthScaledOptions {
  /** Index of the block, from 0. */
  readonly layer: number;
  /** Std of all weights but the last layers of branches. Default 0.02. */
  readonly std?: number | undefined;
}

/**
 * The weights of one block. They are those of `gpt2`, except that the last layers of branches have std / sqrt(2 (layer + 1)):
 * later blocks add less. After Zhang, Titov and Sennrich, Improving deep transformer with depth-scaled initialization, 2019,
 * who scale all weights of block l, counted from 1, by 1 / sqrt(l); this form is that of torchtitan, whose blocks have no
 * biases (and which scales the projection up beside its gate as well). Weights outside of blocks are not part of it.
 *
 * @param options index of the block, and std of the weights.
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { depthScaled } from "nn-init/recipes";
 *
 * console.log(depthScaled({ layer: 7 }).weights.down); // { scheme: 'normal', std: 0.005 }
 * ```
 */
export function depthScaled(
  options: DepthScaledOptions,
): TransformerRecipe<"embedding" | "position" | "head" | "bias"> {
  const { layer, std } = checked(options, [], ["layer", "std"]);
  const last = normal({ std: std / Math.sqrt(2 * (layer + 1)) });
  const source = "Zhang, Titov, Sennrich, Improving deep transformer with depth-scaled initialization, 2019";
  return transformerRecipe(block(last, normal({ std })), { scale: ones() }, source);
}

/** The options of `smallInit`. */
export interface SmallInitOptions {
  /** Width of the residual signal. */
  readonly width: number;
  /** Number of blocks. With it, the last layers of branches have Wang's smaller std; without it, that of all weights. */
  readonly layers?: number | undefined;
}

/**
 * SmallInit: N(0, 2 / (5 width)). Nguyen and Salazar, Transformers without tears, 2019. With `layers`, the last layers of
 * branches have std 2 / (layers sqrt(width)): Wang and Komatsuzaki, mesh-transformer-jax, 2021, as in GPT-NeoX, whose code
 * also draws embeddings, positions and head from the first.
 *
 * @param options width of the residual signal, and number of blocks.
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { smallInit } from "nn-init/recipes";
 *
 * const { weights } = smallInit({ width: 1000, layers: 10 });
 * console.log(weights.up, weights.down); // { scheme: 'normal', std: 0.02 } { scheme: 'normal', std: 0.00632455532033676 }
 * ```
 */
export function smallInit(options: SmallInitOptions): TransformerRecipe {
  const { width, layers }: { width: number; layers: unknown } = checked(options, ["width"], ["layers"]);
  const other = normal({ std: Math.sqrt(2 / (5 * width)) });
  const last = layers === undefined ? other : normal({ std: 2 / (checkPositive("layers", layers) * Math.sqrt(width)) });
  const source = "Nguyen, Salazar, Transformers without tears: improving the normalization of self-attention, 2019";
  return withLast(last, other, source);
}

/** The options of `mitchell`. */
export interface MitchellOptions {
  /** Width of the residual signal. */
  readonly width: number;
  /** Width of the feed-forward network. Default 4 width. */
  readonly hidden?: number | undefined;
  /** Index of the block, from 0. */
  readonly layer: number;
}

/**
 * The weights of one block: normals of std 1 / sqrt(fan in), the last layers of branches divided by sqrt(2 (layer + 1)).
 * They are truncated at 3 std; stds are those before truncation. Groeneveld et al., OLMo, 2024 ("mitchell" in its code, which
 * draws embeddings, positions and head with std 1 / sqrt(width)).
 *
 * @param options width of the residual signal and of the feed-forward network, and index of the block.
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { mitchell } from "nn-init/recipes";
 *
 * console.log(mitchell({ width: 1024, layer: 7 }).weights.output); // { scheme: 'truncatedNormal', std: 0.0078125, low: -3, high: 3 }
 * ```
 */
export function mitchell(options: MitchellOptions): TransformerRecipe {
  const { width, layer, hidden: given } = checked(options, ["width"], ["layer", "hidden"]);
  const hidden = given === undefined ? 4 * width : checkPositive("hidden", given);
  const ofVariance = (variance: number) => truncatedNormal({ std: Math.sqrt(variance), low: -3, high: 3 });
  const other = ofVariance(1 / width);
  return transformerRecipe(
    {
      queryAndKey: other,
      value: other,
      output: ofVariance(1 / (2 * width * (layer + 1))),
      up: other,
      down: ofVariance(1 / (2 * hidden * (layer + 1))),
    },
    { embedding: other, position: other, head: other, ...PLAIN },
    "Groeneveld et al., OLMo: accelerating the science of language models, 2024",
  );
}

/** The options, with std's default: `positive` ones are whole numbers from 1, layer is one from 0, std is not negative. */
function checked(given: object, positive: readonly string[], others: readonly string[]) {
  checkRequired("options", given, [...positive, ...others]);
  const options = { ...given }; // each is read once
  const { layer, std = 0.02, ...counts } = options as Record<string, unknown>;
  for (const name of positive) checkPositive(name, counts[name]);
  return {
    layers: counts.layers as number,
    width: counts.width as number,
    hidden: counts.hidden,
    layer: others.includes("layer") ? checkCount("layer", layer) : 0,
    std: checkNotNegative("std", std),
  };
}
