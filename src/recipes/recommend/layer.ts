/** Weights whose scheme does not depend on an activation function. */
import { log } from "../../math/functions.js";
import type { Layout } from "../../scheme/fans.js";
import { constant, kaimingUniform, normal, ones, zeros } from "../../scheme/named.js";
import type { Recommendation } from "./recommendation.js";

const BIAS: Recommendation = {
  scheme: zeros(),
  reason: "The weights already make the units differ, so a bias can start at 0.",
  source: "Goodfellow, Bengio, Courville, Deep Learning, 2016, section 8.4",
};

/** A bias; with `prior`, of an output layer followed by a sigmoid. */
export function bias(prior: number | undefined): Recommendation {
  if (prior === undefined) return BIAS;
  return {
    scheme: constant(log(prior / (1 - prior))),
    reason: `The sigmoid of ln(p / (1 - p)) is p, here ${prior}, so the many negative examples do not dominate the first loss.`,
    source: "Lin, Goyal, Girshick, He, Dollar, Focal loss for dense object detection, 2017, section 4.1",
  };
}

export const NORMALIZATION: Recommendation = {
  scheme: ones(),
  reason: "A scale of 1 passes the normalized signal on unchanged.",
  source: "Ba, Kiros, Hinton, Layer normalization, 2016",
};

export const EMBEDDING: Recommendation = {
  scheme: normal({ std: 0.02 }),
  reason:
    "An embedding looks up a row and sums nothing, so no fan matters; a small std keeps the logits of a tied output layer small.",
  source: "Radford et al., Language models are unsupervised multitask learners, 2019, and its code",
};

export const HEAD: Recommendation = {
  scheme: normal({ std: 0.01 }),
  reason:
    "Small logits make the first predictions nearly equal, so the first loss is about ln(classes). With zeros it is exactly that (Fixup, muP), but then the layers below get no gradient in the first step.",
  source: "Goyal et al., Accurate, large minibatch SGD: training ImageNet in 1 hour, 2017, section 5.1",
};

/** The first values of LayerScale, by the depth of the network in blocks of two branches. */
const LAYER_SCALES = [
  { blocks: 18, value: 0.1 },
  { blocks: 24, value: 1e-5 },
  { blocks: Number.POSITIVE_INFINITY, value: 1e-6 },
] as const;

/** The factors of LayerScale, one for each channel of a residual branch. */
export function layerScale(branches: number): Recommendation {
  const { value } = LAYER_SCALES.find(({ blocks }) => branches <= 2 * blocks) as { readonly value: number };
  return {
    scheme: constant(value),
    reason: `Small factors let a deep network start near the identity: 0.1 up to 18 blocks of two branches, 1e-5 up to 24, 1e-6 for more; ${branches} branches make ${value}.`,
    source: "Touvron, Cord, Sablayrolles, Synnaeve, Jegou, Going deeper with image transformers, 2021, section 2",
  };
}

/** The first matrix of a low-rank adapter, from the layer's inputs to the rank. */
export const loraA = (layout: Layout): Recommendation => ({
  scheme: kaimingUniform({ activation: "leakyRelu", slope: Math.sqrt(5), layout }),
  reason:
    "Uniform within 1 / sqrt(fan in), as the authors' code has it (the paper says random Gaussian). The other matrix starts at 0, so the adapter at first changes nothing.",
  source: "Hu et al., LoRA: low-rank adaptation of large language models, 2021, section 4.1, and its code",
});

/** The second one, from the rank to the layer's outputs. */
export const LORA_B: Recommendation = {
  scheme: zeros(),
  reason: "With 0 here the adapter at first changes nothing; the other matrix is random, so this one gets gradients.",
  source: "Hu et al., LoRA: low-rank adaptation of large language models, 2021, section 4.1",
};

/** A convolution whose outputs are rearranged to an image r times as large on each side. */
export const subPixel = ({ scheme, reason, source }: Recommendation): Recommendation => ({
  scheme,
  reason: `${reason} Draw it for the outputs / r^2 and repeat each of them r^2 times, side by side (ICNR): the layer then starts as a nearest-neighbour enlargement, without checkerboards.`,
  source: `${source}; Aitken et al., Checkerboard artifact free sub-pixel convolution, 2017`,
});
