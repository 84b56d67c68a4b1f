/** What the recipes for transformers have in common: the kinds of weight, and how a recipe is put together. */
import type { Scheme } from "../scheme/options.js";
import { ones, zeros } from "../scheme/scheme.js";
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
 * A recipe for a transformer. The multiplier `residual` is the factor on the skip connection, before a branch is added to
 * it: 1 unless the recipe says otherwise.
 */
export type TransformerRecipe = Recipe<TransformerWeight, never, "residual">;

/** The schemes that a recipe names. `position` and `head` are like `embedding` by default. */
interface Schemes {
  readonly embedding: Scheme;
  readonly position?: Scheme;
  readonly queryAndKey: Scheme;
  readonly value: Scheme;
  readonly output: Scheme;
  readonly up: Scheme;
  readonly down: Scheme;
  readonly head?: Scheme;
}

/** A recipe with these schemes, biases of 0 and scales of 1. */
export function transformerRecipe(
  { queryAndKey, ...schemes }: Schemes,
  source: string,
  residual = 1,
): TransformerRecipe {
  const { embedding, position = embedding, head = embedding } = schemes;
  const weights = { ...schemes, query: queryAndKey, key: queryAndKey, position, head, bias: zeros(), scale: ones() };
  return { weights, scalars: {}, multipliers: { residual }, source };
}
