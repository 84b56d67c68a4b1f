/** What every recipe returns. */
import type { Scheme } from "../scheme/options.js";

/**
 * How the weights of a whole network start, as plain data.
 *
 * `Weight`, `Scalar` and `Multiplier` are the names of its kinds of weight, of the scalars that it adds to the network, and
 * of the fixed numbers that it multiplies by.
 */
export interface Recipe<Weight extends string, Scalar extends string = never, Multiplier extends string = never> {
  /** The scheme of each kind of weight that the source describes. Other kinds are absent. */
  readonly weights: Readonly<Record<Weight, Scheme>>;
  /** Trainable scalars that the recipe adds to the network, and the scheme each starts from. */
  readonly scalars: Readonly<Record<Scalar, Scheme>>;
  /** Fixed numbers by which the recipe multiplies signals. */
  readonly multipliers: Readonly<Record<Multiplier, number>>;
  /** Where it was published: authors, title, year, and the section if the recipe stands in one place. */
  readonly source: string;
}
