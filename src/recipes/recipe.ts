/** What every recipe returns. */
import type { Scheme } from "../scheme/options.js";

/** How the weights of a whole network start: a scheme for each kind of weight, as data. */
export interface Recipe<Weight extends string, Scalar extends string = never, Multiplier extends string = never> {
  /** The scheme of each kind of weight. */
  readonly weights: Readonly<Record<Weight, Scheme>>;
  /** Trainable scalars that the recipe adds to the network, and the scheme each starts from. */
  readonly scalars: Readonly<Record<Scalar, Scheme>>;
  /** Fixed numbers that the recipe multiplies by. */
  readonly multipliers: Readonly<Record<Multiplier, number>>;
  /** Authors, title, year, and the section where there is one place. */
  readonly source: string;
}
