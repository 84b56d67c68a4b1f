/** The results of an experiment. */
import type { Scheme } from "../scheme/options.js";
import type { MeanField } from "./meanfield.js";
import type { NetworkShape } from "./network.js";

/**
 * What is wrong with an initialization, or that it is `stable`:
 * - `symmetric`: all units of a layer are equal, and not because they are dead,
 * - `dead`: most units, or all of a layer, pass no gradient, or the signals of a layer are 0,
 * - `exploding`: the variance of signals or gradients grows by a factor above 1.25 per layer or by more than 65504 in all, or
 *   overflows,
 * - `vanishing`: it changes by a factor below 0.8 per layer or below 6.1e-5 in all, or underflows,
 * - `saturated`: most values lie where the activation function is flat.
 */
export type VerdictKind = "symmetric" | "dead" | "exploding" | "vanishing" | "saturated" | "stable";

/** The judgement about an initialization. */
export interface Verdict {
  /** The first that applies, in the order of `VerdictKind`. */
  readonly kind: VerdictKind;
  /**
   * Geometric means, over the second half of the layers, of the factor by which the variance changes per layer: `forward`
   * for signals, from layer to layer; `backward` for gradients, on their way back. 1 if there is only one layer.
   */
  readonly factorPerLayer: { readonly forward: number; readonly backward: number };
  /**
   * What the variance is multiplied by in all: that of signals from the first layer to the last, that of gradients from the
   * last to the first. 0 or Infinity where a float can no longer hold it.
   */
  readonly growth: { readonly forward: number; readonly backward: number };
  /** The same in one English sentence. */
  readonly sentence: string;
}

/** One quantity of a layer, over all seeds. */
export interface SeedBand {
  /** The mean over all seeds. */
  readonly mean: number;
  /** The least of all seeds. */
  readonly low: number;
  /** The greatest of all seeds. */
  readonly high: number;
  /** What mean field theory predicts; null where it predicts nothing. */
  readonly theory: number | null;
}

/** What was measured at one layer (for attention, at one block). */
export interface LayerReport {
  /** The number of the layer, from 1. */
  readonly layer: number;
  /** Mean square of the signal: the layer's pre-activations, or the residual signal after it. */
  readonly forward: SeedBand;
  /** Mean square of the gradient at that signal, relative to that of the last layer. */
  readonly backward: SeedBand;
  /** Mean cosine between the signals of two inputs whose correlation is 0.5. */
  readonly correlation: SeedBand;
  /** Share of units whose gradient is 0 for every sample: 0 to 1. */
  readonly dead: number;
  /**
   * Share of pre-activations, over units and samples, where a bounded activation function is flat: its slope is below 1/20
   * of its steepest. 0 for other activation functions.
   */
  readonly saturated: number;
  /** Share of units whose signal equals that of another unit: 0 to 1. */
  readonly equal: number;
  /**
   * Shares of the signal's values in 41 bins of equal width from -4 to 4 root mean squares, by the first seed. The outer bins
   * include everything beyond.
   */
  readonly histogram: readonly number[];
}

/** The Jacobian of the network's output with respect to its input, at one sample, by the first seed. */
export interface JacobianReport {
  /**
   * The singular values for up to 64 random orthonormal directions of the output, in descending order. For networks without residual branches
   * the input is the signal of the first layer.
   */
  readonly singularValues: readonly number[];
  /** The largest singular value over the smallest. */
  readonly conditionNumber: number;
  /** The mean of the squares of the singular values. */
  readonly meanSquare: number;
}

/** One scheme in the network: what was measured, and what theory says. */
export interface LabRun {
  /** The scheme that started every layer. */
  readonly scheme: Scheme;
  /** Whether signals and gradients pass through all layers, and if not, what is wrong. */
  readonly verdict: Verdict;
  /** From the first layer to the last. */
  readonly layers: readonly LayerReport[];
  /** Null if the option `jacobian` is false, as it always is with batch normalization. */
  readonly jacobian: JacobianReport | null;
  /**
   * Mean field theory of the same layers without normalization and residual branches, from the mean square that the first
   * layer gives the input. Null for attention, for schemes that it does not describe, and if the option `meanField` is false.
   */
  readonly meanField: MeanField | null;
}

/** The network that was measured. */
export interface LabNetwork extends NetworkShape {
  /** The name of the activation function; "a function" for one without a name. */
  readonly activation: string;
  /** Samples in each run. */
  readonly samples: number;
  /** How many seeds were measured. */
  readonly seeds: number;
}

/** The result of `lab`: the run that was asked for, and the recommended scheme. It is plain data, ready for JSON. */
export interface LabReport extends LabRun {
  /** What was measured: the options, with their defaults filled in. */
  readonly network: LabNetwork;
  /** Null if the option `recommendation` is false. */
  readonly recommendation: RecommendedRun | null;
}

/** The scheme that `recommend` gives for the network, and how it does. */
export interface RecommendedRun {
  /** The recommended scheme. */
  readonly scheme: Scheme;
  /** Why, in English. */
  readonly reason: string;
  /** Authors, title and year of the publication. */
  readonly source: string;
  /** What was measured with it. Null if it is the scheme that was asked for. */
  readonly run: LabRun | null;
}
