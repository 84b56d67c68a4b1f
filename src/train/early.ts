/** When a run is ended early. At least 19 of 20 runs that these rules end would not have recovered. */
import type { LayerMonitor } from "./measure.js";
import type { Training } from "./options.js";
import type { EarlyEnd } from "./run.js";

/**
 * @param losses of all steps so far.
 * @param layers as measured at the last step.
 * @returns why the run can no longer learn; undefined as long as it may.
 */
export function earlyEndOf(
  losses: readonly number[],
  layers: readonly LayerMonitor[],
  training: Training,
): EarlyEnd | undefined {
  const step = losses.length - 1;
  if (!Number.isFinite(losses[step])) {
    const layer = layers.find(({ variance, gradientNorm }) => !Number.isFinite(variance + gradientNorm))?.layer;
    return { reason: "the loss is not a number", layer: Number(layer ?? layers.length), step };
  }
  if (step < training.steps * PATIENCE) return undefined;
  const recent = mean(losses.slice(-window(training)));
  if (recent < training.baseline * NOISE) return undefined;
  const blocked = layers.find((layer) => cannotLearn(layer, training));
  if (blocked === undefined) return undefined;
  return { reason: reasonOf(blocked), layer: Number(blocked.layer), step };
}

/** Share of the steps that every run is given. */
const PATIENCE = 0.25;
/** Less than a hundredth below the loss of the best constant prediction is noise of the batches. */
const NOISE = 0.99;
/** A layer whose weights change by less than this in all steps together, relative to their norm, stays as it started. */
const UNCHANGED = 1e-4;

const window = ({ steps }: Training): number => Math.max(5, Math.round(steps / 20));
const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

/** Whether no gradient passes the layer, all of its units are equal, or its weights stay as they are. */
function cannotLearn({ dead, equal, gradientNorm, updateRatio }: LayerMonitor, { steps }: Training): boolean {
  return dead === 1 || equal === 1 || gradientNorm === 0 || updateRatio * steps < UNCHANGED;
}

function reasonOf({ layer, dead, equal, gradientNorm }: LayerMonitor): string {
  if (dead === 1)
    return `every unit of layer ${layer} gives the same output for all samples, so nothing can be learned from it`;
  if (equal === 1) return `all units of layer ${layer} are equal and get equal gradients`;
  if (gradientNorm === 0) return `the gradient of layer ${layer} is 0`;
  return `the gradient of layer ${layer} is too small to change its weights in the steps that are left`;
}
