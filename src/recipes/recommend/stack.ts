/** Layers of a stack: schemes by the activation function, for the end of a residual branch, and for a state. */
import { digits } from "../../math/digits.js";
import { pow } from "../../math/functions.js";
import type { Layout } from "../../scheme/fans.js";
import { type Activation, gain, LEAKY_SLOPE } from "../../scheme/gain.js";
import {
  glorotUniform,
  heNormal,
  identity,
  kaimingNormal,
  lecunNormal,
  orthogonal,
  varianceScaling,
  xavierUniform,
} from "../../scheme/named.js";
import type { Scheme } from "../../scheme/options.js";
import { drift, exponentOf, FLAT, gradients, unstable } from "./gradient.js";
import type { LayerContext, Recommendation } from "./recommendation.js";

/** Nearly linear around 0, with a slope of 1 or (erf) 1.13. */
const SATURATING: readonly Activation[] = ["tanh", "hardTanh", "erf", "softsign"];

const GLOROT =
  "Glorot, Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010, eq. 16";
const COMPROMISE =
  "a variance of 2 / (fan in + fan out) lies between the one that keeps the signal's variance and the one that keeps the gradient's";
const glorot = (layout: Layout): Scheme => (layout === "io" ? glorotUniform() : xavierUniform());
const lecun = (layout: Layout): Scheme => lecunNormal(layout === "io" ? {} : { layout });

/** Projections to query, key and value. */
export const attentionProjection = (layout: Layout): Recommendation => ({
  scheme: glorot(layout),
  reason: `A projection is linear: ${COMPROMISE}. For query, key and value packed in one weight, wrap the scheme in split.`,
  source: GLOROT,
});

/** The projections up and gate of a gated unit. */
export const gate = (layout: Layout): Recommendation => ({
  scheme: lecun(layout),
  reason:
    "With variance 1 / fan in, both factors of a gated unit have the mean square of the input; their product's is made up for in the layer after it: recommend it with the unit as activation.",
  source:
    "Dauphin et al., Language modeling with gated convolutional networks, 2017, section 3; Shazeer, GLU variants improve transformer, 2020",
});

/**
 * The slope of an activation function that has one: as asked, or the default of leakyRelu.
 *
 * @throws RangeError for a slope that the function does not have.
 */
export function slopeFor(activation: Activation, asked: number | undefined): number | undefined {
  const slope = asked ?? (activation === "leakyRelu" ? LEAKY_SLOPE : undefined);
  gain(activation, { slope });
  return slope;
}

/** A layer without a skip connection around it. */
export function inStack(context: LayerContext): Recommendation {
  const { scheme, reason, source } = context.gated === undefined ? ofActivation(context) : afterGate(context);
  const own = gradients(context);
  return { scheme, reason: `${reason}${drift(context)}${own.sentence}`, source: `${source}${own.source}` };
}

function afterGate({ gated, activation, layout }: LayerContext): Recommendation {
  return {
    scheme: kaimingNormal({ activation, layout }),
    reason: `The product a(x) f(b(x)) of ${gated} has mean square E a^2 E f(b)^2, f being ${activation}; the gain ${digits(gain(activation))} makes up for it.`,
    source:
      "He, Zhang, Ren, Sun, Delving deep into rectifiers, 2015, section 2.2; Shazeer, GLU variants improve transformer, 2020",
  };
}

function ofActivation({ activation, slope, layout }: LayerContext): Recommendation {
  const io = layout === "io";
  const flat = FLAT[activation];
  if (flat !== undefined) {
    const times = 1 / flat.slope;
    return {
      scheme: xavierUniform({ gain: times, layout }),
      reason: `Glorot's variance is derived for a slope of 1 at 0; that of ${activation} is 1/${times}, so the std is ${times} times as large.`,
      source: GLOROT,
    };
  }
  if (SATURATING.includes(activation)) {
    return {
      scheme: glorot(layout),
      reason: `${activation} is nearly linear around 0, with a slope near 1, and flat far from it: ${COMPROMISE}.`,
      source: GLOROT,
    };
  }
  if (activation === "linear") {
    return {
      scheme: lecun(layout),
      reason: "With variance 1 / fan in, the output has the variance of the input.",
      source: "LeCun, Bottou, Orr, Mueller, Efficient backprop, 1998, section 4.6",
    };
  }
  if (activation === "selu") {
    return {
      scheme: lecun(layout),
      reason: "With variance 1 / fan in, mean 0 and variance 1 are a fixed point of selu, to which signals return.",
      source: "Klambauer et al., Self-normalizing neural networks, 2017",
    };
  }
  if (activation === "sin") {
    return {
      scheme: varianceScaling({ scale: 2, mode: "fan_in", distribution: "uniform", layout }),
      reason:
        "With weights uniform within sqrt(6 / fan in), the argument of each sine is normal, with the same variance at any depth.",
      source: "Sitzmann et al., Implicit neural representations with periodic activation functions, 2020, section 3.2",
    };
  }
  const source = "He, Zhang, Ren, Sun, Delving deep into rectifiers, 2015, section 2.2";
  if (activation === "relu") {
    const reason = "relu halves the mean square of its input; twice the variance makes up for it.";
    return { scheme: io ? heNormal() : kaimingNormal(), reason, source };
  }
  return {
    scheme: kaimingNormal({ activation, ...(slope === undefined ? {} : { slope }), layout }),
    reason: `${activation} divides the mean square of its input by gain^2; the gain in the weights makes up for it.`,
    source,
  };
}

/** The last layer of a residual branch. */
export function lastOfBranch(context: LayerContext, branches: number): Recommendation {
  const { activation, slope, layout, normalization } = context;
  const factor = gain(activation, { slope });
  const distribution = layout === "io" ? "truncated" : "normal";
  const sum = `The sum of ${branches} branches would have ${branches} times the variance of one`;
  return {
    scheme: varianceScaling({ scale: (factor * factor) / branches, mode: "fan_in", distribution, layout }),
    reason: `${sum}; with 1 / ${branches} of it in each, ${growth(context, branches)}.`,
    source:
      normalization === "none"
        ? "Hanin, Rolnick, How to start training: the effect of initialization and architecture, 2018"
        : "Radford et al., Language models are unsupervised multitask learners, 2019, section 2.3",
  };
}

/** From this exponent on, the limit of many branches below is unbounded or nearly so. */
const FAST = 1.25;

/**
 * What becomes of the residual signal. With many branches its mean square follows dq/dt = q^x from 1, for t from 0 to 1:
 * (2 - x)^(-1 / (x - 1)), which is e for x = 1 and has no bound from x = 2.
 */
function growth(context: LayerContext, branches: number): string {
  if (context.normalization !== "none")
    return "all of them together add a variance of at most 1 to the residual signal";
  const exponent = exponentOf(context);
  if (exponent === undefined) return "a variance of 1 in the residual signal becomes at most e";
  if (context.gated !== undefined || exponent >= FAST) {
    const grows = `each adds about q^${exponent} / ${branches} to the residual signal's mean square q, and gradients grow with it`;
    return `${grows}: a deep network needs normalization at the beginning of each branch`;
  }
  const limit = pow(2 - exponent, -1 / (exponent - 1));
  return `a variance of 1 in the residual signal becomes at most ${Math.ceil(2 * limit) / 2}`;
}

const SAXE =
  "Saxe, McClelland, Ganguli, Exact solutions to the nonlinear dynamics of learning in deep linear networks, 2014";
/** States that powers of an orthogonal matrix keep: where they are small, the activation passes them on. */
const PASSING: readonly Activation[] = [...SATURATING, "linear", "sin", "elu", "selu"];

/** The matrix from the state to the next state. */
export function state(context: LayerContext): Recommendation {
  const { activation, slope } = context;
  if (activation === "relu") {
    return {
      scheme: identity(),
      reason:
        "With relu, the identity passes on a state that has no negative values unchanged, for any number of steps.",
      source: "Le, Jaitly, Hinton, A simple way to initialize recurrent networks of rectified linear units, 2015",
    };
  }
  if (PASSING.includes(activation)) {
    return {
      scheme: orthogonal(),
      reason:
        "Powers of an orthogonal matrix neither grow nor vanish, so a small state keeps its norm from step to step.",
      source: SAXE,
    };
  }
  const flat = FLAT[activation];
  const found = unstable(context);
  const exponent = exponentOf(context);
  const signals =
    exponent === undefined ? "" : ` A mean square q other than 1 becomes about q^${exponent} in each step.`;
  const slopes =
    found === undefined
      ? ""
      : ` In each step gradients' mean square is multiplied by ${found.factor}, so a long sequence needs gates.`;
  return {
    scheme: orthogonal({ gain: flat === undefined ? gain(activation, { slope }) : 1 / flat.slope }),
    reason: `An orthogonal matrix keeps the norm of what it is given; its factor makes up for what ${activation} takes away.${signals}${slopes}`,
    source: `${SAXE}; Chen, Pennington, Schoenholz, Dynamical isometry and a mean field theory of RNNs, 2018`,
  };
}
