/** Networks of sines, for images, shapes and fields. */
import { checkFinite, checkOptions, checkPositive, wrongValue } from "../check.js";
import type { Layout } from "../scheme/fans.js";
import { uniform, varianceScaling } from "../scheme/scheme.js";
import type { Recipe } from "./recipe.js";

export interface SirenOptions {
  /** Coordinates: the first layer's inputs. */
  readonly inputs: number;
  /** The factor inside each sine. Default 30. */
  readonly omega?: number;
  /** Default `oi`, as in PyTorch. */
  readonly layout?: Layout;
}

/**
 * The first layer U(-1 / inputs, 1 / inputs), the others U(-b, b) with b = sqrt(6 / fan in) / omega. Sitzmann et al.,
 * Implicit neural representations with periodic activation functions, 2020, section 3.2.
 */
/** `first`: the layer that takes the coordinates; `hidden`: all others. */
export function siren(options: SirenOptions): Recipe<"first" | "hidden"> {
  checkOptions("options", options, ["inputs", "omega", "layout"]);
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
