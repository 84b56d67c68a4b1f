/** Residual networks that train without normalization. */
import { checkPositive, checkRequired, wrongValue } from "../check.js";
import { pow } from "../math/functions.js";
import { kaimingNormal, ones, zeros } from "../scheme/named.js";
import type { Recipe } from "./recipe.js";

/** The options of `fixup`. */
export interface FixupOptions {
  /** Number of residual branches in the whole network. */
  readonly branches: number;
  /** Number of weight layers in a branch, at least 2. Default 2. */
  readonly layers?: number | undefined;
}

/**
 * What `fixup` returns. Weights: `last` is the last layer of a branch and `inner` its other layers, `head` the classifier and
 * `other` every other layer outside of branches. Scalars: one `multiplier` for each branch, and one `bias` before each layer
 * and each activation function.
 */
export type FixupRecipe = Recipe<"inner" | "last" | "other" | "head", "multiplier" | "bias">;

/**
 * Fixup: He's normal scheme in PyTorch's layout. In a branch of m layers it is scaled by branches^(-1 / (2m - 2)); the last
 * layer of each branch and the classifier start at 0. Zhang, Dauphin and Ma, Fixup initialization: residual learning without
 * normalization, 2019, section 3.
 *
 * @param options number of residual branches, and number of weight layers in each.
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { fixup } from "nn-init/recipes";
 *
 * const { weights, scalars } = fixup({ branches: 8 });
 * console.log(weights.inner); // { scheme: 'kaimingNormal', gain: 0.5000000000000001 }
 * console.log(weights.last, scalars.multiplier); // { scheme: 'zeros' } { scheme: 'ones' }
 * ```
 */
export function fixup(options: FixupOptions): FixupRecipe {
  checkRequired("options", options, ["branches", "layers"]);
  const branches = checkPositive("branches", options.branches);
  const layers = checkPositive("layers", options.layers ?? 2);
  if (layers < 2) throw wrongValue("layers", "2 or more, the last of which starts at 0", layers);
  const gain = Math.SQRT2 * pow(branches, -1 / (2 * layers - 2));
  return {
    weights: { inner: kaimingNormal({ gain }), last: zeros(), other: kaimingNormal(), head: zeros() },
    scalars: { multiplier: ones(), bias: zeros() },
    multipliers: {},
    source: "Zhang, Dauphin, Ma, Fixup initialization: residual learning without normalization, 2019, section 3",
  };
}

/**
 * ReZero: each branch is multiplied by a trainable scalar, `gate`, that starts at 0: x + gate * branch(x). The weights of the
 * branch may have any scheme. Bachlechner et al., ReZero is all you need: fast convergence at large depth, 2020.
 *
 * @example
 * ```js
 * import { reZero } from "nn-init/recipes";
 *
 * console.log(reZero().scalars); // { gate: { scheme: 'zeros' } }
 * ```
 */
export const reZero = (): Recipe<never, "gate"> => ({
  weights: {},
  scalars: { gate: zeros() },
  multipliers: {},
  source: "Bachlechner et al., ReZero is all you need: fast convergence at large depth, 2020",
});
