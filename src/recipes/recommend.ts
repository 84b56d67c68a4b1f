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

/**
 * What weights belong to. `recurrent`: the matrix from the state to the next state; `attention`: the projections to query, key
 * and value; `normalization`: its scale.
 */
export type LayerKind = "dense" | "convolution" | "recurrent" | "attention" | "embedding" | "bias" | "normalization";
const LAYERS: readonly LayerKind[] = [
  ...(["dense", "convolution", "recurrent", "attention"] as const),
  ...(["embedding", "bias", "normalization"] as const),
];

/** The options of `recommend`. */
export interface RecommendOptions {
  /** What the weights belong to. Default "dense". */
  readonly layer?: LayerKind;
  /**
   * The activation function that is applied to the layer's output; "linear" for an output layer. Default "relu"; "linear" with
   * `residual`; "tanh" for a recurrent layer.
   */
  readonly activation?: Activation;
  /** Slope of leakyRelu below 0; only beside that activation. Default 0.01. */
  readonly slope?: number;
  /**
   * Order of the weight's axes. Default "io" (inputs first: Keras, JAX), whose normal schemes are truncated; those of "oi"
   * (outputs first: PyTorch) are not.
   */
  readonly layout?: Layout;
  /**
   * Whether this is the last layer of a residual branch, the one whose output is added to the skip connection. Needs
   * `branches`. Default false.
   */
  readonly residual?: boolean;
  /** Number of residual branches in the whole network; a transformer has two in each block. */
  readonly branches?: number;
  /** The normalization at the beginning of each residual branch. Default "none". */
  readonly normalization?: Normalization;
}

/** `layer`: layer normalization; `rms`: RMS normalization; `batch`: batch normalization. */
export type Normalization = "none" | "layer" | "rms" | "batch";
const NORMALIZATIONS: readonly Normalization[] = ["none", "layer", "rms", "batch"];

const OPTIONS = ["layer", "activation", "slope", "layout", "residual", "branches", "normalization"];

/** A recommended scheme, and why. */
export interface Recommendation {
  /** The scheme. */
  readonly scheme: Scheme;
  /** Why it suits the layer, in one or two sentences. */
  readonly reason: string;
  /** Where it was published: authors, title, year, and the section if it stands in one place. */
  readonly source: string;
}

const SATURATING: readonly Activation[] = ["sigmoid", "hardSigmoid", "tanh", "hardTanh", "erf", "softsign"];

/**
 * How fast the mean square q of a signal moves away from 1: a layer with the activation's gain turns it into about q^exponent
 * (the slope of the length map of Poole et al., 2016, section 3). The other activations have exponents of at most 1.
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

/**
 * The scheme that the literature recommends for a layer.
 *
 * @throws TypeError, RangeError for a wrong option, naming the nearest one that exists; TypeError for `residual` without
 * `branches`.
 * @example
 * ```js
 * import { recommend } from "nn-init/recipes";
 *
 * const { scheme, reason } = recommend({ activation: "relu" });
 * console.log(scheme); // { scheme: 'heNormal' }
 * console.log(reason); // relu halves the mean square of its input; twice the variance makes up for it.
 * ```
 */
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
      throw wrongType("branches", "the number of residual branches in the network, which residual needs", branches);
    }
    return lastOfBranch(factor, branches, layout, normalization !== "none");
  }
  return forActivation(activation, slope, layout);
}

const BIAS: Recommendation = {
  scheme: zeros(),
  reason: "The weights already make the units differ, so a bias can start at 0.",
  source: "Goodfellow, Bengio, Courville, Deep Learning, 2016, section 8.4",
};
const NORMALIZATION: Recommendation = {
  scheme: ones(),
  reason: "A scale of 1 passes the normalized signal on unchanged.",
  source: "Ba, Kiros, Hinton, Layer normalization, 2016",
};
const EMBEDDING: Recommendation = {
  scheme: normal({ std: 0.02 }),
  reason:
    "An embedding looks up a row and sums nothing, so no fan matters; a small std keeps the logits of a tied output layer small.",
  source: "Radford et al., Language models are unsupervised multitask learners, 2019, and its code",
};

const STATE: Recommendation = {
  scheme: orthogonal(),
  reason: "Powers of an orthogonal matrix neither grow nor vanish, so the state keeps its norm from step to step.",
  source:
    "Saxe, McClelland, Ganguli, Exact solutions to the nonlinear dynamics of learning in deep linear networks, 2014",
};
const RELU_STATE: Recommendation = {
  scheme: identity(),
  reason: "With relu, the identity passes on a state that has no negative values unchanged, for any number of steps.",
  source: "Le, Jaitly, Hinton, A simple way to initialize recurrent networks of rectified linear units, 2015",
};

const COMPROMISE =
  "a variance of 2 / (fan in + fan out) lies between the one that keeps the signal's variance and the one that keeps the gradient's";

const attention = (layout: Layout): Recommendation => ({
  scheme: layout === "io" ? glorotUniform() : xavierUniform(),
  reason: `A projection is linear: ${COMPROMISE}. For query, key and value packed in one weight, wrap the scheme in split.`,
  source: "Glorot, Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010, eq. 16",
});

function lastOfBranch(factor: number, branches: number, layout: Layout, normalized: boolean): Recommendation {
  const distribution = layout === "io" ? "truncated" : "normal";
  const sum = `The sum of ${branches} branches would have ${branches} times the variance of one`;
  const growth = normalized ? "at most doubles" : "grows at most by a factor of e";
  return {
    scheme: varianceScaling({ scale: (factor * factor) / branches, mode: "fan_in", distribution, layout }),
    reason: `${sum}; with 1 / ${branches} of it in each, the variance of the residual signal ${growth}.`,
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
      reason: `${activation} is nearly linear around 0 and flat far from it: ${COMPROMISE}.`,
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
      reason: "With variance 1 / fan in, mean 0 and variance 1 are a fixed point of selu, to which signals return.",
      source: "Klambauer et al., Self-normalizing neural networks, 2017",
    };
  }
  if (activation === "sin") {
    return {
      scheme: varianceScaling({ scale: 2, mode: "fan_in", distribution: "uniform", layout }),
      reason:
        "With weights uniform within sqrt(6 / fan in), the argument of each sine is standard normal at any depth.",
      source: "Sitzmann et al., Implicit neural representations with periodic activation functions, 2020, section 3.2",
    };
  }
  const source = "He, Zhang, Ren, Sun, Delving deep into rectifiers, 2015, section 2.2";
  if (activation === "relu") {
    const reason = "relu halves the mean square of its input; twice the variance makes up for it.";
    return { scheme: io ? heNormal() : kaimingNormal(), reason, source };
  }
  const scheme = kaimingNormal({ activation, ...(slope === undefined ? {} : { slope }), layout });
  const passes = `${activation} divides the mean square of its input by gain^2; the gain in the weights makes up for it.`;
  const exponent = EXPONENTS[activation];
  if (exponent === undefined) return { scheme, reason: passes, source };
  const drift = `A mean square q other than 1 becomes about q^${exponent} in each layer, so a deep stack needs normalization.`;
  return { scheme, reason: `${passes} ${drift}`, source };
}
