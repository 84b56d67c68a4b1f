/** The initializers of TensorFlow.js as schemes, and schemes as the nearest of its initializers, under which they are saved. */
import { type AnyFormula, FORMULAS } from "../scheme/formula.js";
import type { Scheme, VarianceScalingOptions } from "../scheme/options.js";
import type { Seed } from "../stream.js";
import type { TensorFlowInitializer } from "./tensorflow.js";

/** An initializer as it is saved. */
export interface SavedInitializer {
  readonly className: string;
  readonly config: Record<string, unknown>;
}

const MODES = { fanIn: "fan_in", fanOut: "fan_out", fanAvg: "fan_avg" } as const;

/** The options of `varianceScaling`; where the fans are follows from the layer. */
export function scalingOf(config: object): Scheme {
  const { scale, mode, distribution } = config as { scale?: number; mode?: keyof typeof MODES; distribution?: string };
  return {
    scheme: "varianceScaling",
    scale: scale ?? 1,
    mode: MODES[mode ?? "fanIn"] ?? mode,
    distribution: distribution === "uniform" ? "uniform" : "truncated",
  };
}

/** What their options are called; any of them may be anything, since `scheme` checks what is made of it. */
type Config = Readonly<Record<"value" | "gain" | "minval" | "maxval" | "mean" | "stddev" | "seed", number>>;

const STOCK: Readonly<Record<string, (config: Config) => Scheme>> = {
  Zeros: () => ({ scheme: "zeros" }),
  Ones: () => ({ scheme: "ones" }),
  Constant: ({ value }) => ({ scheme: "constant", value }),
  Identity: ({ gain }) => ({ scheme: "identity", gain }),
  RandomUniform: ({ minval, maxval }) => ({ scheme: "uniform", low: minval, high: maxval }),
  RandomNormal: ({ mean, stddev }) => ({ scheme: "normal", mean, std: stddev }),
  TruncatedNormal: ({ mean, stddev }) => ({ scheme: "truncatedNormal", mean, std: stddev }),
  Orthogonal: ({ gain }) => ({ scheme: "orthogonal", gain }),
  VarianceScaling: (config) => scalingOf(config),
};

export const STOCK_NAMES = Object.keys(STOCK);

/** The scheme of an initializer of TensorFlow.js, and its seed; undefined for a class that is not known. */
export function stockScheme(
  initializer: TensorFlowInitializer,
): { scheme: Scheme; seed: Seed | undefined } | undefined {
  const read = STOCK[initializer.getClassName()];
  if (read === undefined) return undefined;
  const config = initializer.getConfig() as Config;
  return { scheme: read(config), seed: typeof config.seed === "number" ? config.seed : undefined };
}

/** The nearest initializer that TensorFlow.js has itself; undefined if none is near. */
export function nearestStock(given: Scheme): SavedInitializer | undefined {
  const saved = (className: string, config: SavedInitializer["config"]) => ({ className, config });
  switch (given.scheme) {
    case "zeros":
      return saved("Zeros", {});
    case "ones":
      return saved("Ones", {});
    case "constant":
      return saved("Constant", { value: given.value });
    case "identity":
      return saved("Identity", { gain: given.gain ?? 1 });
    case "uniform":
      return saved("RandomUniform", { minval: given.low, maxval: given.high });
    case "normal":
      return saved("RandomNormal", { mean: given.mean ?? 0, stddev: given.std });
    case "truncatedNormal":
      return saved("TruncatedNormal", { mean: given.mean ?? 0, stddev: given.std });
    case "orthogonal":
      return saved("Orthogonal", { gain: given.gain ?? 1 });
    case "split":
      return undefined;
    default: {
      const formula: AnyFormula = FORMULAS[given.scheme];
      return "expand" in formula ? saved("VarianceScaling", savedScaling(formula.expand(given as never))) : undefined;
    }
  }
}

const savedScaling = ({ scale, mode, distribution }: VarianceScalingOptions) => ({
  scale,
  mode: mode === "fan_in" ? "fanIn" : mode === "fan_out" ? "fanOut" : "fanAvg",
  distribution: distribution === "uniform" ? "uniform" : "normal",
});
