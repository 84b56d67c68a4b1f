/** Parametrizations under which what was tuned on a narrow network holds on a wide one. */
import { checkNotNegative, checkOptions, checkPositive } from "../check.js";
import type { Fans } from "../scheme/fans.js";
import { normal, zeros } from "../scheme/scheme.js";
import type { Recipe } from "./recipe.js";

export interface MuPOptions {
  /** Of the network to train. */
  readonly width: number;
  /** Of the network whose hyperparameters were tuned. */
  readonly base: number;
  /** Of the base network's weights. Default 0.02. */
  readonly std?: number;
  /** Whether the output layer starts at 0, as the authors advise. Default true. */
  readonly zeroOutput?: boolean;
}

/** What a weight's fans do as the network widens: `input` and biases, one fan fixed; `hidden`, both grow; `output`. */
export type MuPWeight = "input" | "hidden" | "output";

/**
 * Multipliers: `attention` is the factor on the logits of attention, beside the base network's 1 / sqrt(d), since q.k / d
 * grows as 1 / d.
 */
export interface MuPRecipe extends Recipe<MuPWeight, never, "attention"> {
  /** Factors on the base network's learning rate, for each optimizer. */
  readonly learningRates: Readonly<Record<"adam" | "sgd", Readonly<Record<MuPWeight, number>>>>;
}

/**
 * Maximal update parametrization. Yang et al., Tensor programs V: tuning large neural networks via zero-shot
 * hyperparameter transfer, 2022, table 3: variance 1 / fan in for input and hidden weights, 1 / fan in^2 for the output;
 * Adam's rate 1 / fan in for hidden and output weights; SGD's fan out for input, 1 / fan in for output weights. All are
 * relative to the base network, and a head's width is taken to grow with the network's.
 */
export function muP(options: MuPOptions): MuPRecipe {
  checkOptions("options", options, ["width", "base", "std", "zeroOutput"]);
  const ratio = checkPositive("width", options.width) / checkPositive("base", options.base);
  const std = checkNotNegative("std", options.std ?? 0.02);
  return {
    weights: {
      input: normal({ std }),
      hidden: normal({ std: std / Math.sqrt(ratio) }),
      output: (options.zeroOutput ?? true) ? zeros() : normal({ std: std / ratio }),
    },
    learningRates: {
      adam: { input: 1, hidden: 1 / ratio, output: 1 / ratio },
      sgd: { input: ratio, hidden: 1, output: 1 / ratio },
    },
    scalars: {},
    multipliers: { attention: 1 / Math.sqrt(ratio) },
    source:
      "Yang et al., Tensor programs V: tuning large neural networks via zero-shot hyperparameter transfer, 2022, table 3",
  };
}

export interface SpectralOptions {
  /** The fans of the layer. */
  readonly fans: Fans;
}

/**
 * A normal distribution whose matrices have a spectral norm of the order of sqrt(fan out / fan in), the condition for
 * features to be learned at any width: std min(1, sqrt(fan out / fan in)) / sqrt(fan in). Yang, Simon and Bernstein, A
 * spectral condition for feature learning, 2023, parametrization 1.
 */
export function spectral(options: SpectralOptions): Recipe<"weight"> {
  checkOptions("options", options, ["fans"]);
  checkOptions("fans", options.fans, ["in", "out"]);
  const fanIn = checkPositive("fans.in", options.fans?.in);
  const fanOut = checkPositive("fans.out", options.fans?.out);
  return {
    weights: { weight: normal({ std: Math.min(1, Math.sqrt(fanOut / fanIn)) / Math.sqrt(fanIn) }) },
    scalars: {},
    multipliers: {},
    source: "Yang, Simon, Bernstein, A spectral condition for feature learning, 2023, parametrization 1",
  };
}
