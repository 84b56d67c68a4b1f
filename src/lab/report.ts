/** What an experiment finds. */
import type { Scheme } from "../scheme/options.js";
import type { MeanField } from "./meanfield.js";
import type { Spec } from "./network.js";

export type VerdictKind = "symmetric" | "dead" | "exploding" | "vanishing" | "saturated" | "stable";

export interface Verdict {
  readonly kind: VerdictKind;
  /** Of the variance, in each layer of the far half: of signals on their way there, of gradients on their way back. */
  readonly factorPerLayer: { readonly forward: number; readonly backward: number };
  readonly sentence: string;
}

/** Over the seeds. */
export interface SeedBand {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /** What mean field theory says; none where it says nothing. */
  readonly theory: number | null;
}

export interface LayerReport {
  /** From 1. */
  readonly layer: number;
  /** The mean square of the signal: of pre-activations, or of the residual stream. */
  readonly forward: SeedBand;
  /** The mean square of the gradient there, that of the last layer being 1. */
  readonly backward: SeedBand;
  /** The mean cosine of two samples that were correlated by 0.5. */
  readonly correlation: SeedBand;
  /** Shares: of units that pass no gradient, of unit and sample pairs that are flat, of units equal to others. */
  readonly dead: number;
  readonly saturated: number;
  readonly equal: number;
  /** Shares of values in 41 bars from -4 to 4 root mean squares. */
  readonly histogram: readonly number[];
}

export interface JacobianReport {
  /** Of directions of the output, at one sample, by the first seed; descending. */
  readonly singularValues: readonly number[];
  /** The largest over the smallest. */
  readonly conditionNumber: number;
  readonly meanSquare: number;
}

export interface LabRun {
  readonly scheme: Scheme;
  readonly verdict: Verdict;
  readonly layers: readonly LayerReport[];
  readonly jacobian: JacobianReport | null;
  /** Of the network without normalization and residual connections; none for laws that it does not describe. */
  readonly meanField: MeanField | null;
}

export interface LabReport extends LabRun {
  readonly network: Omit<Spec, "activation"> & {
    readonly activation: string;
    readonly samples: number;
    readonly seeds: number;
  };
  readonly recommendation: RecommendedRun | null;
}

export interface RecommendedRun {
  readonly scheme: Scheme;
  readonly reason: string;
  readonly source: string;
  /** None where it is the scheme that was run. */
  readonly run: LabRun | null;
}
