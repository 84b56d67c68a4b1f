/** What the recipes for transformers have in common: the kinds of weight, and how a recipe is put together. */

import { ones, zeros } from "../scheme/named.js";
import type { Scheme } from "../scheme/options.js";
import type { Recipe } from "./recipe.js";

/**
 * The kinds of weight in a transformer: `embedding` of tokens and of the `position`; `query`, `key` and `value` of attention
 * and its last layer, `output`; `up` and `down`, the first and the last layer of the feed-forward network; the output layer,
 * `head`; every `bias`; and the `scale` of every normalization.
 *
 * `output` and `down` end a residual branch. The gate of a gated feed-forward network is drawn like `up`. If query, key and
 * value are packed in one weight, wrap their schemes in `split`.
 */
export type TransformerWeight =
  | "embedding"
  | "position"
  | "query"
  | "key"
  | "value"
  | "output"
  | "up"
  | "down"
  | "head"
  | "bias"
  | "scale";

/**
 * A recipe for a transformer, without the weights on which its source is `Silent`. The multiplier `residual` is the factor on
 * the skip connection, before a branch is added to it: 1 unless the recipe says otherwise.
 */
export type TransformerRecipe<Silent extends TransformerWeight = never> = Recipe<
  Exclude<TransformerWeight, Silent>,
  never,
  "residual"
>;

/** The schemes of a block. */
interface Block {
  readonly queryAndKey: Scheme;
  readonly value: Scheme;
  readonly output: Scheme;
  readonly up: Scheme;
  readonly down: Scheme;
}

/** The weights outside of blocks, biases and scales. A recipe has those that its source describes. */
type Other = Exclude<TransformerWeight, "query" | "key" | Exclude<keyof Block, "queryAndKey">>;

/** A recipe with these schemes. */
export function transformerRecipe<Given extends Other>(
  { queryAndKey, ...block }: Block,
  others: Readonly<Record<Given, Scheme>>,
  source: string,
  residual = 1,
): TransformerRecipe<Exclude<Other, Given>> {
  const weights = { query: queryAndKey, key: queryAndKey, ...block, ...others };
  return {
    weights: weights as TransformerRecipe<Exclude<Other, Given>>["weights"],
    scalars: {},
    multipliers: { residual },
    source,
  };
}

/** Biases of 0 and scales of 1. */
export const PLAIN = { bias: zeros(), scale: ones() };
