/** Residual networks that train without normalization. */
import { checkOptions, checkPositive, wrongValue } from "../check.js";
import { pow } from "../math/functions.js";
import { kaimingNormal, ones, zeros } from "../scheme/scheme.js";
import type { Recipe } from "./recipe.js";

export interface FixupOptions {
  /** Residual branches in the whole network. */
  readonly branches: number;
  /** Weight layers in a branch, 2 or more. Default 2. */
  readonly layers?: number;
}

/**
 * `inner`: all layers of a branch but its `last`; `other`: layers outside of branches; `head`: the classifier. Each branch
 * has one scalar `multiplier`, and a scalar `bias` before each layer and activation.
 */
export type FixupRecipe = Recipe<"inner" | "last" | "other" | "head", "multiplier" | "bias">;

/**
 * He's law (PyTorch's layout), inside branches of m layers times branches^(-1 / (2m - 2)); the last layer of each branch
 * and the classifier 0. Zhang, Dauphin and Ma, Fixup initialization: residual learning without normalization, 2019,
 * section 3.
 */
export function fixup(options: FixupOptions): FixupRecipe {
  checkOptions("options", options, ["branches", "layers"]);
  const branches = checkPositive("branches", options.branches);
  const layers = checkPositive("layers", options.layers ?? 2);
  if (layers < 2) throw wrongValue("layers", "2 or more, of which the last is 0", layers);
  const gain = Math.SQRT2 * pow(branches, -1 / (2 * layers - 2));
  return {
    weights: { inner: kaimingNormal({ gain }), last: zeros(), other: kaimingNormal(), head: zeros() },
    scalars: { multiplier: ones(), bias: zeros() },
    multipliers: {},
    source: "Zhang, Dauphin, Ma, Fixup initialization: residual learning without normalization, 2019, section 3",
  };
}

/**
 * A gate of 0 before each branch is added: x + gate * branch(x). Any scheme serves the branch's own weights. Bachlechner
 * et al., ReZero is all you need: fast convergence at large depth, 2020.
 */
export const reZero = (): Recipe<never, "gate"> => ({
  weights: {},
  scalars: { gate: zeros() },
  multipliers: {},
  source: "Bachlechner et al., ReZero is all you need: fast convergence at large depth, 2020",
});
