/** What a network of the lab is made of. */
import type { Normalization } from "../recipes/recommend.js";
import type { ActivationFunction } from "./activation.js";

/**
 * The kind of layer: `dense`; `convolution` of 3 taps over a ring of 16 positions; or `attention`, blocks of a transformer
 * with one head over 16 tokens.
 */
export type NetworkKind = "dense" | "convolution" | "attention";

/**
 * Where a network is normalized. `pre`: before each activation function, or at the beginning of each residual branch. `post`:
 * after each residual addition.
 */
export type NormalizationPlace = "pre" | "post";

/** A network but for its activation function. */
export interface NetworkShape {
  /** The kind of its layers. */
  readonly kind: NetworkKind;
  /** Layers, or blocks for attention. */
  readonly depth: number;
  /** Units of each layer, or channels of a convolution. */
  readonly width: number;
  /** Whether each layer is a branch whose output is added to its input. */
  readonly residual: boolean;
  /** What sets the signal back to size 1, if anything. */
  readonly normalization: Normalization;
  /** Where that happens. */
  readonly normalizationAt: NormalizationPlace;
  /** The factor on the output of a residual branch. */
  readonly branchScale: number;
  /** The variance of each bias; 0 for layers without biases. */
  readonly biasVariance: number;
}

export interface NetworkSpec extends NetworkShape {
  readonly activation: ActivationFunction;
}
