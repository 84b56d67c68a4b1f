/** What an experiment finds. */
import type { Scheme } from "../scheme/scheme.js";
import type { MeanField } from "./meanfield.js";
import type { Spec } from "./network.js";
import type { Verdict } from "./verdict.js";

/** Over the seeds. */
export interface Band {
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
  readonly forward: Band;
  /** The mean square of the gradient there, that of the last layer being 1. */
  readonly backward: Band;
  /** The mean cosine of two samples that were correlated by 0.5. */
  readonly correlation: Band;
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
  readonly spread: number;
  readonly meanSquare: number;
}

export interface Run {
  readonly scheme: Scheme;
  readonly verdict: Verdict;
  readonly layers: readonly LayerReport[];
  readonly jacobian: JacobianReport | null;
  /** Of the network without normalization and residual connections; none for laws that it does not describe. */
  readonly meanField: MeanField | null;
}

export interface LabReport extends Run {
  readonly network: Omit<Spec, "unit"> & {
    readonly activation: string;
    readonly samples: number;
    readonly seeds: number;
  };
  readonly remedy: Remedy | null;
}

export interface Remedy {
  readonly scheme: Scheme;
  readonly reason: string;
  readonly source: string;
  /** None where it is the scheme that was run. */
  readonly run: Run | null;
}
