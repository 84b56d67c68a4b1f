/** Networks of sines, which represent images, shapes and fields. */
import { checkFinite, checkPositive, checkRequired, wrongValue } from "../check.js";
import type { Layout } from "../scheme/fans.js";
import { uniform, varianceScaling } from "../scheme/named.js";
import type { Recipe } from "./recipe.js";

/** The options of `siren`. */
export interface SirenOptions {
  /** Number of coordinates, the inputs of the first layer. */
  readonly inputs: number;
  /** The factor inside each sine, above 0. Default 30. */
  readonly omega?: number | undefined;
  /** Layout of the hidden layers' weights. Default "oi", as in PyTorch. */
  readonly layout?: Layout | undefined;
}

/**
 * SIREN: the first layer, which takes the coordinates, is U(-1 / inputs, 1 / inputs); all other layers, `hidden`, are
 * U(-b, b) with b = sqrt(6 / fan in) / omega. Sitzmann et al., Implicit neural representations with periodic activation
 * functions, 2020, section 3.2.
 *
 * @param options number of coordinates, the factor omega, and the layout of the hidden layers.
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { resolve } from "nn-init";
 * import { siren } from "nn-init/recipes";
 *
 * const { weights } = siren({ inputs: 2, omega: 10 });
 * console.log(weights.first); // { scheme: 'uniform', low: -0.5, high: 0.5 }
 * console.log(resolve([256, 600], weights.hidden)); // { kind: 'uniform', low: -0.01, high: 0.01 }
 * ```
 */
export function siren(options: SirenOptions): Recipe<"first" | "hidden"> {
  checkRequired("options", options, ["inputs", "omega", "layout"]);
  const inputs = checkPositive("inputs", options.inputs);
  const omega = checkFinite("omega", options.omega ?? 30);
  if (!(omega > 0)) throw wrongValue("omega", "a number above 0", omega);
  return {
    weights: {
      first: uniform({ low: -1 / inputs, high: 1 / inputs }),
      hidden: varianceScaling({
        scale: 2 / (omega * omega),
        mode: "fan_in",
        distribution: "uniform",
        layout: options.layout ?? "oi",
      }),
    },
    scalars: {},
    multipliers: {},
    source: "Sitzmann et al., Implicit neural representations with periodic activation functions, 2020, section 3.2",
  };
}
