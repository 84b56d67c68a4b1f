/** The distribution of a shape and a scheme: options, then fans, then variance, then distribution. */
import type { Distribution, Unsplit } from "../distribution.js";
import { type Fans, fansOf } from "./fans.js";
import { type AnyFormula, checkFormula, FORMULAS, scaledDistribution } from "./formula.js";
import type { FanMode, Scheme, UnsplitScheme } from "./options.js";

/** Where a variance comes from: it is `scale` divided by the fan that `mode` names. */
export interface Scaling {
  readonly fans: Fans;
  readonly scale: number;
  readonly mode: FanMode;
}

/** A distribution and where it comes from. */
export interface Derivation<D extends Distribution = Distribution> {
  readonly distribution: D;
  /** For a scheme that depends on the fans. */
  readonly from?: Scaling | undefined;
  /** For a split: the scheme and the shape of each part, and where its variance comes from. */
  readonly parts?: readonly {
    readonly scheme: Scheme;
    readonly shape: readonly number[];
    readonly from?: Scaling | undefined;
  }[];
}

/** Derives the distribution of a scheme that is not a split, and whose options have been checked by name. */
export function deriveUnsplit(shape: readonly number[], scheme: UnsplitScheme): Derivation<Unsplit> {
  const formula: AnyFormula = FORMULAS[scheme.scheme];
  const options = scheme as never;
  if ("distribution" in formula) return { distribution: formula.distribution(options) };
  if ("structure" in formula) {
    checkFormula(formula, options);
    return { distribution: formula.structure(options, shape) };
  }
  const scaling = formula.expand(options);
  const found = fansOf(shape, scaling);
  // Nothing is drawn for an empty tensor, so a fan of 0 is no error there.
  const fans = shape.includes(0) ? { in: Math.max(1, found.in), out: Math.max(1, found.out) } : found;
  const { scale, mode } = scaling;
  return { distribution: scaledDistribution(scaling, fans), from: { fans, scale, mode } };
}
