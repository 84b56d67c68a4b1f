/** Parametrizations by width: what was tuned on a narrow network stays right on a wide one. */
import { checkAboveZero, checkBoolean, checkNotNegative, checkPositive, checkRequired } from "../check.js";
import type { Fans } from "../scheme/fans.js";
import { normal, zeros } from "../scheme/named.js";
import type { Recipe } from "./recipe.js";

/** The options of `muP`. */
export interface MuPOptions {
  /** Width of the network to train. */
  readonly width: number;
  /** Width of the base network, the one whose hyperparameters were tuned. */
  readonly base: number;
  /** Std of the base network's weights. Default 0.02. */
  readonly std?: number | undefined;
  /** Whether the output layer starts at 0, as the authors recommend. Default true. */
  readonly zeroOutput?: boolean | undefined;
}

/**
 * The kinds of weight, by what happens to their fans as the network widens: `input` (and biases), one fan stays; `hidden`,
 * both grow; `output`, the fan in grows and the fan out stays.
 */
export type MuPWeight = "input" | "hidden" | "output";

/**
 * What `muP` returns. The multiplier `attention` is a factor on the logits of attention, besides the base network's
 * 1 / sqrt(d): together they make the logits fall as 1 / d with the width d of a head.
 */
export interface MuPRecipe extends Recipe<MuPWeight, never, "attention"> {
  /** Factors on the base network's learning rate, for each optimizer and each kind of weight. */
  readonly learningRates: Readonly<Record<"adam" | "sgd", Readonly<Record<MuPWeight, number>>>>;
}

/**
 * Maximal update parametrization (muP). Yang et al., Tensor programs V: tuning large neural networks via zero-shot
 * hyperparameter transfer, 2022, table 3: variance 1 / fan in for input and hidden weights, 1 / fan in^2 for the output;
 * Adam's learning rate 1 / fan in for hidden and output weights; SGD's fan out for input and 1 / fan in for output weights.
 * All numbers are relative to the base network. The width of an attention head is taken to grow with the network's.
 *
 * @param options width of the network and of its base; std of the base; whether the output layer starts at 0.
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { muP } from "nn-init/recipes";
 *
 * const { weights, learningRates, multipliers } = muP({ width: 4096, base: 256 });
 * console.log(weights.hidden, multipliers.attention); // { scheme: 'normal', std: 0.005 } 0.25
 * console.log(learningRates.adam); // { input: 1, hidden: 0.0625, output: 0.0625 }
 * ```
 */
export function muP(options: MuPOptions): MuPRecipe {
  checkRequired("options", options, ["width", "base", "std", "zeroOutput"]);
  const ratio = checkPositive("width", options.width) / checkPositive("base", options.base);
  const std = checkNotNegative("std", options.std ?? 0.02);
  const zeroOutput = checkBoolean("zeroOutput", options.zeroOutput ?? true);
  return {
    weights: {
      input: normal({ std }),
      hidden: normal({ std: std / Math.sqrt(ratio) }),
      output: zeroOutput ? zeros() : normal({ std: std / ratio }),
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

/** The options of `spectral`. */
export interface SpectralOptions {
  /** The fans of the layer, as `fans` of nn-init computes them. */
  readonly fans: Fans;
}

/**
 * The spectral condition: a normal distribution with std min(1, sqrt(fan out / fan in)) / sqrt(fan in). Its matrices have a
 * spectral norm of the order of sqrt(fan out / fan in), which a layer needs to learn features at any width. Yang, Simon and
 * Bernstein, A spectral condition for feature learning, 2023, parametrization 1.
 *
 * @param options the layer's fans.
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { fans } from "nn-init";
 * import { spectral } from "nn-init/recipes";
 *
 * console.log(spectral({ fans: fans([400, 100], { layout: "io" }) }).weights.weight); // { scheme: 'normal', std: 0.025 }
 * ```
 */
export function spectral(options: SpectralOptions): Recipe<"weight"> {
  checkRequired("options", options, ["fans"]);
  const { fans } = options;
  checkRequired("fans", fans, ["in", "out"]);
  const fanIn = checkAboveZero("fans.in", fans.in);
  const fanOut = checkAboveZero("fans.out", fans.out); // a stride makes it a fraction
  return {
    weights: { weight: normal({ std: Math.min(1, Math.sqrt(fanOut / fanIn)) / Math.sqrt(fanIn) }) },
    scalars: {},
    multipliers: {},
    source: "Yang, Simon, Bernstein, A spectral condition for feature learning, 2023, parametrization 1",
  };
}
