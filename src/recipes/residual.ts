/** Residual networks that train without normalization. */
import { checkOptions, checkPositive, wrongValue } from "../check.js";
import { pow } from "../math/functions.js";
import type { Scheme } from "../scheme/options.js";
import { kaimingNormal, ones, zeros } from "../scheme/scheme.js";

export interface FixupOptions {
  /** Residual branches in the whole network. */
  readonly branches: number;
  /** Weight layers in a branch, 2 or more. Default 2. */
  readonly layers?: number;
}

export interface FixupRecipe {
  /** `inner`: all layers of a branch but its `last`; `other`: what lies outside of branches; `head`: the classifier. */
  readonly weights: Readonly<Record<"inner" | "last" | "other" | "head", Scheme>>;
  /** One scalar `multiplier` in each branch, a scalar `bias` before each layer and activation. */
  readonly scalars: Readonly<Record<"multiplier" | "bias", Scheme>>;
  readonly source: string;
}

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
    source: "Zhang, Dauphin, Ma, Fixup initialization: residual learning without normalization, 2019, section 3",
  };
}

/**
 * A gate of 0 before each branch is added: x + gate * branch(x). Any scheme serves the branch's own weights. Bachlechner
 * et al., ReZero is all you need: fast convergence at large depth, 2020.
 */
export const reZero = (): { readonly gate: Scheme; readonly source: string } => ({
  gate: zeros(),
  source: "Bachlechner et al., ReZero is all you need: fast convergence at large depth, 2020",
});
