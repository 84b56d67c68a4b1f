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
  return CRITERIA.flatMap(({ kind, of, bound, text }) => {
    const found = layers.filter((layer) => of(layer, largest) >= bound); // NaN, what is not known, is below every bound
    if (found.length === 0) return [];
    const worst = found.reduce((a, b) => (of(b, largest) > of(a, largest) ? b : a));
    return [finding(kind, worst.layer, step, text(worst, largest))];
  });
}

/** When a layer has a finding. `largest` is the largest gradient norm of all layers. */
interface Criterion {
  readonly kind: FindingKind;
  readonly of: (layer: LayerMonitor, largest: number) => number;
  /** The least of these that is a finding. */
  readonly bound: number;
  readonly text: (layer: LayerMonitor, largest: number) => string;
}

const MOSTLY = 0.5; // dead units, saturated activations or equal units: most of the layer

/** All that can be wrong while all numbers are finite. */
const CRITERIA: readonly Criterion[] = [
  {
    kind: "symmetric",
    of: ({ equal }) => equal,
    bound: MOSTLY,
    text: ({ layer, equal }) =>
      `${percent(equal)} of the units of layer ${layer} are equal to another one, so they learn the same feature; draw the weights at random.`,
  },
  {
    kind: "dying",
    of: ({ dead }) => dead,
    bound: MOSTLY,
    text: ({ layer, dead }) =>
      `${percent(dead)} of the units of layer ${layer} give the same output for every sample, so no gradient passes them; lower the learning rate, start with a scheme for this activation function, or use leakyRelu.`,
  },
  {
    kind: "saturated",
    of: ({ saturated }) => saturated,
    bound: MOSTLY,
    text: ({ layer, saturated }) =>
      `${percent(saturated)} of the activations of layer ${layer} lie where the function is flat, so little gradient passes; start with smaller weights, or normalize before the activation.`,
  },
  {
    kind: "exploding",
    of: ({ gradientNorm }) => gradientNorm,
    bound: 1e3, // one step at usual rates replaces the weights
    text: ({ layer, gradientNorm }) =>
      `The gradient of layer ${layer} has a norm of ${short(gradientNorm)}; start with smaller weights, or clip gradients.`,
  },
  {
    kind: "vanishing",
    of: ({ gradientNorm }, largest) => (largest > 0 ? largest / gradientNorm : 0),
    // Floats have 7 digits: beyond this, a rate that suits one layer changes the other by less than that in some thousand steps.
    bound: 1e4,
    text: ({ layer, gradientNorm }, largest) =>
      `The gradient of layer ${layer} has a norm of ${short(gradientNorm)}, ${short(gradientNorm / largest)} of the largest, so the layer hardly learns; start with a scheme that keeps variance, or add normalization or residual branches.`,
  },
  {
    kind: "fast",
    of: ({ updateRatio }) => updateRatio,
    // It replaces the weights in ten steps. Healthy runs stay near 1e-3 (Karpathy, CS231n, 2016).
    bound: 0.1,
    text: ({ layer, updateRatio }) =>
      `One step changes the weights of layer ${layer} by ${percent(updateRatio)}; the learning rate is too high for this start.`,
  },
  {
    kind: "slow",
    of: ({ updateRatio }) => (updateRatio > 0 ? 1 / updateRatio : 0),
    bound: 1 / 1e-5, // less than 1% in a thousand steps
    text: ({ layer, updateRatio }) =>
      `One step changes the weights of layer ${layer} by ${short(100 * updateRatio)}%; the learning rate is too low for this start, or the gradient vanishes.`,
  },
];

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
