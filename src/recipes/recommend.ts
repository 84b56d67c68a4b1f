/** Which scheme suits a layer, why, and who found it. */
import { checkBoolean, checkOneOf, checkOptions, checkPositive, wrongType } from "../check.js";
import { LAYOUT_NAMES, type Layout } from "../scheme/fans.js";
import { ACTIVATIONS, type Activation, gain, LEAKY_SLOPE } from "../scheme/gain.js";
import type { Scheme } from "../scheme/options.js";
import {
  glorotUniform,
  heNormal,
  identity,
  kaimingNormal,
  lecunNormal,
  normal,
  ones,
  orthogonal,
  varianceScaling,
  xavierUniform,
  zeros,
} from "../scheme/scheme.js";

/** `recurrent`: from a state to itself; `attention`: query, key and value. */
export type LayerKind = "dense" | "convolution" | "recurrent" | "attention" | "embedding" | "bias" | "normalization";
const LAYERS: readonly LayerKind[] = [
  ...(["dense", "convolution", "recurrent", "attention"] as const),
  ...(["embedding", "bias", "normalization"] as const),
];

export interface RecommendOptions {
  /** What the weights belong to; of a normalization, its scale. Default dense. */
  readonly layer?: LayerKind;
  /**
   * What is applied to the layer's output; for an output layer and the last of a residual branch, linear. Default relu; of
   * a recurrent layer tanh.
   */
  readonly activation?: Activation;
  /** Of leakyRelu. Default 0.01. */
  readonly slope?: number;
  /** Default `io`, whose normals are truncated; those of `oi` are not. */
  readonly layout?: Layout;
  /** Whether this is the last layer of a residual branch, the one that is added to the stream. Needs `branches`. */
  readonly residual?: boolean;
  /** Residual branches in the whole network: two for each block of a transformer. */
  readonly branches?: number;
  /** Whether each branch begins with a normalization (layer, RMS, batch), or there is none (default). */
  readonly normalization?: Normalization;
}

export type Normalization = "none" | "layer" | "rms" | "batch";
const NORMALIZATIONS: readonly Normalization[] = ["none", "layer", "rms", "batch"];

const OPTIONS = ["layer", "activation", "slope", "layout", "residual", "branches", "normalization"];

export interface Recommendation {
  readonly scheme: Scheme;
  /** In a sentence. */
  readonly reason: string;
  /** Authors, title, year, and the section where there is one place. */
  readonly source: string;
}

const SATURATING: readonly Activation[] = ["sigmoid", "hardSigmoid", "tanh", "hardTanh", "erf", "softsign"];

/**
 * Where the mean square q of a signal moves away from 1: a layer with the activation's gain makes some q^exponent of it
 * (the slope of Poole et al.'s length map, 2016, section 3). The others' exponents are at most 1.
 */
export const EXPONENTS: Readonly<Partial<Record<Activation, number>>> = {
  gelu: 1.14,
  geluTanh: 1.14,
  quickGelu: 1.14,
  silu: 1.17,
  mish: 1.08,
  hardSwish: 1.22,
  reluSquared: 2,
};

/** @throws TypeError, RangeError for an option it does not know (naming the nearest), or `residual` without `branches`. */
export function recommend(options: RecommendOptions = {}): Recommendation {
  checkOptions("options", options, OPTIONS);
  const layer = checkOneOf("layer", options.layer ?? "dense", LAYERS);
  const layout = checkOneOf("layout", options.layout ?? "io", LAYOUT_NAMES);
  const normalization = checkOneOf("normalization", options.normalization ?? "none", NORMALIZATIONS);
  const residual = checkBoolean("residual", options.residual ?? false);
  const branches = options.branches === undefined ? undefined : checkPositive("branches", options.branches);
  const activation = checkOneOf(
    "activation",
    options.activation ?? (residual ? "linear" : layer === "recurrent" ? "tanh" : "relu"),
    ACTIVATIONS,
  );
  const slope = options.slope ?? (activation === "leakyRelu" ? LEAKY_SLOPE : undefined);
  const factor = gain(activation, { slope });

  if (layer === "bias") return BIAS;
  if (layer === "normalization") return NORMALIZATION;
  if (layer === "embedding") return EMBEDDING;
  if (layer === "recurrent") return activation === "relu" ? RELU_STATE : STATE;
  if (layer === "attention") return attention(layout);
  if (residual) {
    if (branches === undefined) {
      throw wrongType("branches", "the number of residual branches, beside residual", branches);
    }
    return branch(factor, branches, layout, normalization !== "none");
  }
  return forActivation(activation, slope, layout);
}

const BIAS: Recommendation = {
  scheme: zeros(),
  reason: "The weights already tell the units apart, so a bias can start at 0.",
  source: "Goodfellow, Bengio, Courville, Deep Learning, 2016, section 8.4",
};
const NORMALIZATION: Recommendation = {
  scheme: ones(),
  reason: "A scale of 1 lets the normalized signal pass as it is.",
  source: "Ba, Kiros, Hinton, Layer normalization, 2016",
};
const EMBEDDING: Recommendation = {
  scheme: normal({ std: 0.02 }),
  reason: "A look-up sums nothing, so no fan counts; a small std keeps the logits of a tied output layer small.",
  source: "Radford et al., Language models are unsupervised multitask learners, 2019, and its code",
};

const STATE: Recommendation = {
  scheme: orthogonal(),
  reason:
    "Powers of an orthogonal matrix neither grow nor vanish: what a state carries from step to step keeps its norm.",
  source:
    "Saxe, McClelland, Ganguli, Exact solutions to the nonlinear dynamics of learning in deep linear networks, 2014",
};
const RELU_STATE: Recommendation = {
  scheme: identity(),
  reason: "With relu a state that is not below 0 is handed on as it is, for as many steps as there are.",
  source: "Le, Jaitly, Hinton, A simple way to initialize recurrent networks of rectified linear units, 2015",
};

const attention = (layout: Layout): Recommendation => ({
  scheme: layout === "io" ? glorotUniform() : xavierUniform(),
  reason:
    "A projection is linear: 2 / (fan in + fan out) is between what keeps the signal and what keeps the gradient, for each by itself: of a packed weight, by split.",
  source: "Glorot, Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010, eq. 16",
});

function branch(factor: number, depth: number, layout: Layout, normalized: boolean): Recommendation {
  const distribution = layout === "io" ? "truncated" : "normal";
  const sum = `The sum of ${depth} branches would have ${depth} times the variance of one`;
  return {
    scheme: varianceScaling({ scale: (factor * factor) / depth, mode: "fan_in", distribution, layout }),
    reason: `${sum}; with 1 / ${depth} of it in each, the stream at most ${normalized ? "doubles" : "grows e-fold"}.`,
    source: normalized
      ? "Radford et al., Language models are unsupervised multitask learners, 2019, section 2.3"
      : "Hanin, Rolnick, How to start training: the effect of initialization and architecture, 2018",
  };
}

function forActivation(activation: Activation, slope: number | undefined, layout: Layout): Recommendation {
  const io = layout === "io";
  if (SATURATING.includes(activation)) {
    return {
      scheme: io ? glorotUniform() : xavierUniform(),
      reason: `${activation} is nearly linear around 0 and flat far out: 2 / (fan in + fan out) is between what keeps the signal and what keeps the gradient.`,
      source: "Glorot, Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010, eq. 16",
    };
  }
  const lecun = lecunNormal(io ? {} : { layout });
  if (activation === "linear") {
    return {
      scheme: lecun,
      reason: "With variance 1 / fan in, the output has the variance of the input.",
      source: "LeCun, Bottou, Orr, Mueller, Efficient backprop, 1998, section 4.6",
    };
  }
  if (activation === "selu") {
    return {
      scheme: lecun,
      reason: "With variance 1 / fan in, mean 0 and variance 1 are a fixed point of selu, which attracts.",
      source: "Klambauer et al., Self-normalizing neural networks, 2017",
    };
  }
  if (activation === "sin") {
    return {
      scheme: varianceScaling({ scale: 2, mode: "fan_in", distribution: "uniform", layout }),
      reason: "Uniform within sqrt(6 / fan in), every sine is of a standard normal variable, at any depth.",
      source: "Sitzmann et al., Implicit neural representations with periodic activation functions, 2020, section 3.2",
    };
  }
  const source = "He, Zhang, Ren, Sun, Delving deep into rectifiers, 2015, section 2.2";
  if (activation === "relu") {
    const reason = "relu passes half of its input's mean square on; twice the variance makes up for it.";
    return { scheme: io ? heNormal() : kaimingNormal(), reason, source };
  }
  const scheme = kaimingNormal({ activation, ...(slope === undefined ? {} : { slope }), layout });
  const passes = `${activation} passes 1 / gain^2 of its input's mean square on; the gain in the weights makes up for it.`;
  const exponent = EXPONENTS[activation];
  if (exponent === undefined) return { scheme, reason: passes, source };
  const grows = `A mean square q that is not 1 becomes some q^${exponent} in each layer: a deep stack wants normalization.`;
  return { scheme, reason: `${passes} ${grows}`, source };
}
