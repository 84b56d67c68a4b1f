/** The results of a training: plain data, ready for JSON. */
import type { Verdict } from "../lab/report.js";
import type { Scheme } from "../scheme/options.js";
import type { TrainingFinding } from "./finding.js";
import type { LayerMonitor } from "./measure.js";

/** How well a network does on data that it is not trained on. */
export interface Evaluation {
  /** The mean loss; NaN or Infinity if the outputs are not finite. */
  readonly loss: number;
  /** Share of samples that are classified right; for a regression the share of variance that is explained, at least 0. */
  readonly accuracy: number;
}

/** The layers at one step. */
export interface MonitoredStep {
  /** From 0. */
  readonly step: number;
  /** From the first to the last. */
  readonly layers: readonly LayerMonitor[];
  /** On the validation data, before the step. */
  readonly validation: Evaluation;
}

/** Why a run ended early. */
export interface EarlyEnd {
  /** In one sentence. */
  readonly reason: string;
  /** The layer where it began. */
  readonly layer: number;
  /** The step, from 0, after which it ended. */
  readonly step: number;
}

/** A step of a training, when it is done. */
export interface TrainingStep {
  /** From 0. */
  readonly step: number;
  /** The loss of its batch, before the step. */
  readonly loss: number;
  /** The lab's verdict about the start, written down before the first step. */
  readonly verdict: Verdict;
  /** The measurements, if the layers were measured at this step. */
  readonly monitored?: MonitoredStep | undefined;
  /** Findings of this step, of kinds that were not found before. */
  readonly findings: readonly TrainingFinding[];
}

/** One training of a network. */
export interface TrainingRun {
  /** The name of the strategy. */
  readonly strategy: string;
  /** The scheme of the hidden layers' weights; null if a function decided. */
  readonly scheme: Scheme | null;
  /** The seed of the weights and of the order of samples, in decimal digits. */
  readonly seed: string;
  /** The learning rate of all steps. */
  readonly learningRate: number;
  /**
   * The lab's verdict about the start, by its measures on the first batch, over ten draws of the weights: written down before
   * the first step.
   */
  readonly verdict: Verdict;
  /** The loss of each step's batch, before the step. */
  readonly losses: readonly number[];
  /** The measurements on the way. */
  readonly monitored: readonly MonitoredStep[];
  /** Everything that was found to be wrong. */
  readonly findings: readonly TrainingFinding[];
  /** Histograms of each layer's signal in the first and in the last step, as in the lab. */
  readonly histograms: {
    readonly before: readonly (readonly number[])[];
    readonly after: readonly (readonly number[])[];
  };
  /** At the end, on the validation data. */
  readonly validation: Evaluation;
  /** At the end, on the test data. */
  readonly test: Evaluation;
  /** Present if the run ended early. */
  readonly ended?: EarlyEnd | undefined;
}
