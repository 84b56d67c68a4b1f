/** What is wrong with a training, according to the measurements of its layers, and what to change. */
import { digits } from "../math/digits.js";
import type { LayerMonitor } from "./measure.js";

/**
 * What can be wrong: `notANumber`, `symmetric`, `dying` (dead units), `saturated`, `vanishing` and `exploding` gradients,
 * `fast` and `slow` (a learning rate too high or too low for this start).
 */
export type FindingKind =
  | "notANumber"
  | "symmetric"
  | "dying"
  | "saturated"
  | "exploding"
  | "vanishing"
  | "fast"
  | "slow";

/** Something that is wrong, where and when it was seen first, and what to change. */
export interface TrainingFinding {
  /** What is wrong. */
  readonly kind: FindingKind;
  /** The layer where it was worst, or where it began. */
  readonly layer: number | string;
  /** The step at which it was seen first, from 0. */
  readonly step: number;
  /** What is wrong, and what to change. */
  readonly sentence: string;
}

/** The bounds that decide, with their reasons. */
const MONITOR_BOUNDS = {
  /** Share of dead units, saturated activations or equal units: most of the layer. */
  mostly: 0.5,
  /**
   * The gradient norm of a layer relative to the largest of all layers. Floats have 7 digits; below this, a rate that suits
   * one layer changes the other by less than that in some thousand steps.
   */
  vanishing: 1e-4,
  /** A gradient norm beyond which one step at usual rates replaces the weights. */
  exploding: 1e3,
  /** Relative change of the weights in one step. Healthy runs stay near 1e-3 (Karpathy, CS231n, 2016); 0.1 replaces the weights in ten steps. */
  fast: 0.1,
  /** Relative change of the weights in one step: below this, less than 1% in a thousand steps. */
  slow: 1e-5,
} as const;

/** @internal The findings of a step, of kinds that were not found before. */
export const newFindings = (
  known: readonly TrainingFinding[],
  layers: readonly LayerMonitor[],
  step: number,
  loss: number | undefined,
): readonly TrainingFinding[] =>
  findingsOf(layers, step, loss).filter(({ kind }) => !known.some((one) => one.kind === kind));

/** What is wrong at one step: at most one finding of each kind, for the layer where it is worst. */
function findingsOf(
  layers: readonly LayerMonitor[],
  step: number,
  loss: number | undefined,
): readonly TrainingFinding[] {
  const broken = layers.find(({ variance, gradientNorm }) => !Number.isFinite(variance + gradientNorm));
  if (broken !== undefined || (loss !== undefined && !Number.isFinite(loss))) {
    return [finding("notANumber", (broken ?? layers.at(-1))?.layer ?? "loss", step, notANumber(broken))];
  }
  const largest = Math.max(...layers.map(({ gradientNorm }) => gradientNorm));
  const worst = (of: (layer: LayerMonitor) => number) =>
    layers.reduce((a, b) => (of(b) > of(a) ? b : a), layers[0] as LayerMonitor);
  const found: TrainingFinding[] = [];
  const report = (
    kind: FindingKind,
    of: (layer: LayerMonitor) => number,
    bound: number,
    text: (one: LayerMonitor) => string,
  ) => {
    if (layers.length === 0) return;
    const one = worst(of);
    if (of(one) >= bound) found.push(finding(kind, one.layer, step, text(one)));
  };
  const { mostly, vanishing, exploding, fast, slow } = MONITOR_BOUNDS;
  report(
    "symmetric",
    ({ equal }) => equal,
    mostly,
    ({ layer, equal }) => {
      return `${percent(equal)} of the units of layer ${layer} are equal to another one, so they learn the same feature; draw the weights at random.`;
    },
  );
  report(
    "dying",
    ({ dead }) => dead,
    mostly,
    ({ layer, dead }) => {
      return `${percent(dead)} of the units of layer ${layer} give the same output for every sample, so no gradient passes them; lower the learning rate, start with a scheme for this activation function, or use leakyRelu.`;
    },
  );
  report(
    "saturated",
    ({ saturated }) => saturated,
    mostly,
    ({ layer, saturated }) => {
      return `${percent(saturated)} of the activations of layer ${layer} lie where the function is flat, so little gradient passes; start with smaller weights, or normalize before the activation.`;
    },
  );
  report(
    "exploding",
    ({ gradientNorm }) => gradientNorm,
    exploding,
    ({ layer, gradientNorm }) => {
      return `The gradient of layer ${layer} has a norm of ${short(gradientNorm)}; start with smaller weights, or clip gradients.`;
    },
  );
  report(
    "vanishing",
    ({ gradientNorm }) => (largest > 0 ? largest / gradientNorm : 0),
    1 / vanishing,
    ({ layer, gradientNorm }) => {
      return `The gradient of layer ${layer} has a norm of ${short(gradientNorm)}, ${short(gradientNorm / largest)} of the largest, so the layer hardly learns; start with a scheme that keeps variance, or add normalization or residual branches.`;
    },
  );
  report(
    "fast",
    ({ updateRatio }) => updateRatio,
    fast,
    ({ layer, updateRatio }) => {
      return `One step changes the weights of layer ${layer} by ${percent(updateRatio)}; the learning rate is too high for this start.`;
    },
  );
  report(
    "slow",
    ({ updateRatio }) => (updateRatio > 0 ? 1 / updateRatio : 0),
    1 / slow,
    ({ layer, updateRatio }) => {
      return `One step changes the weights of layer ${layer} by ${short(100 * updateRatio)}%; the learning rate is too low for this start, or the gradient vanishes.`;
    },
  );
  return found;
}

const finding = (kind: FindingKind, layer: number | string, step: number, sentence: string): TrainingFinding => ({
  ...{ kind, layer, step, sentence },
});

function notANumber(layer: LayerMonitor | undefined): string {
  const where =
    layer === undefined
      ? "The loss is not a finite number"
      : `Layer ${layer.layer} has values that are not finite numbers`;
  return `${where}; lower the learning rate, or start with smaller weights.`;
}

const percent = (share: number): string => `${Math.round(100 * share)}%`;
const short = (x: number): string => digits(x, 2);
