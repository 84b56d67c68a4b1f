/** When a run is hopeless. Rules are such that at least 19 of 20 runs that they end would not have recovered. */
import type { LayerMonitor } from "./measure.js";
import type { Training } from "./options.js";
import type { EarlyEnd, MonitoredStep } from "./run.js";

/** A run so far. */
export interface Progress {
  readonly losses: readonly number[];
  readonly monitored: readonly MonitoredStep[];
  readonly training: Training;
}

/** @returns undefined as long as there is hope. */
export function hopeless({ losses, monitored, training }: Progress): EarlyEnd | undefined {
  const step = losses.length - 1;
  const loss = losses[step] as number;
  const last = monitored.at(-1);
  if (last === undefined || last.step !== step) return undefined;
  const { layers } = last;
  if (!Number.isFinite(loss)) {
    const layer = layers.find(({ variance, gradientNorm }) => !Number.isFinite(variance + gradientNorm))?.layer;
    return { reason: "the loss is not a number", layer: Number(layer ?? layers.length), step };
  }
  if (step < training.steps * PATIENCE) return undefined;
  const recent = mean(losses.slice(-window(training)));
  if (recent < training.baseline * BARELY) return undefined;
  const blocked = layers.find((layer) => cannotLearn(layer, training));
  if (blocked === undefined) return undefined;
  return { reason: reasonOf(blocked), layer: Number(blocked.layer), step };
}

/** Share of the steps that each run has. */
const PATIENCE = 0.25;
/** Less than a hundredth below the loss of answers that do not depend on the sample is noise of the batches. */
const BARELY = 0.99;
/** Weights that change so little in a step, relative to their size, change by less than a ten-thousandth in all. */
const HARDLY = 1e-4;

const window = ({ steps }: Training): number => Math.max(5, Math.round(steps / 20));
const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

/** Nothing passes the layer, all of its units are equal, or its weights stay where they are. */
function cannotLearn({ dead, equal, gradientNorm, updateRatio }: LayerMonitor, { steps }: Training): boolean {
  return dead === 1 || equal === 1 || gradientNorm === 0 || updateRatio * steps < HARDLY;
}

function reasonOf({ layer, dead, equal, gradientNorm }: LayerMonitor): string {
  if (dead === 1)
    return `every unit of layer ${layer} gives the same output for all samples, so nothing can be learned from it`;
  if (equal === 1) return `all units of layer ${layer} are equal and get equal gradients`;
  if (gradientNorm === 0) return `the gradient of layer ${layer} is 0`;
  return `the gradient of layer ${layer} is too small to change its weights in the steps that are left`;
}
