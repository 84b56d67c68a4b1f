/** Normalization of a signal, over the units of each sample or over the samples of each unit, forward and backward. */
import { columnsOf } from "../engine/product.js";
import type { Floats } from "../kernel/matmul.js";
import type { Normalization } from "../recipes/recommend.js";

/** Which normalization, in a network of what width. */
export interface NormalizationSpec {
  readonly normalization: Normalization;
  readonly width: number;
}

/** What is added to a variance before its root is taken, as in PyTorch. */
export const EPSILON = 1e-5;

/**
 * Which values a normalization takes together. `layer` and `rms`: those of a column. `batch`: those of a unit, over all samples
 * and positions.
 */
interface Groups {
  readonly byUnit: boolean;
  /** How many there are. */
  readonly count: number;
  /** Values in each. */
  readonly size: number;
  /** Columns that take part. Batch statistics leave out the padding. */
  readonly end: number;
  readonly stride: number;
}

function groupsOf({ normalization, width }: NormalizationSpec, columns: number): Groups {
  const stride = columnsOf(columns);
  if (normalization === "batch") return { byUnit: true, count: width, size: columns, end: columns, stride };
  return { byUnit: false, count: stride, size: width, end: stride, stride };
}

/**
 * Subtracts the mean of each group (not for RMS) and divides by the root mean square of the rest. Layer: Ba et al. 2016. RMS:
 * Zhang, Sennrich 2019. Batch: Ioffe, Szegedy 2015, with the statistics of the batch, as in training.
 */
export function normalize(spec: NormalizationSpec, to: Floats, from: Floats, columns: number): void {
  if (spec.normalization === "none") {
    to.set(from);
    return;
  }
  const groups = groupsOf(spec, columns);
  const { byUnit, end, stride } = groups;
  const { mean, root } = statistics(spec, from, columns);
  for (let i = 0; i < spec.width; ++i) {
    for (let j = 0; j < end; ++j) {
      const group = byUnit ? i : j;
      to[i * stride + j] = ((from[i * stride + j] as number) - (mean[group] as number)) / (root[group] as number);
    }
    to.fill(0, i * stride + end, (i + 1) * stride);
  }
}

/** Mean of each group, and root mean square of what differs from it. */
export function statistics(spec: NormalizationSpec, from: Floats, columns: number) {
  const { normalization, width } = spec;
  const { byUnit, count, size, end, stride } = groupsOf(spec, columns);
  const mean = new Float64Array(count);
  const root = new Float64Array(count);
  if (normalization !== "rms") {
    for (let i = 0; i < width; ++i) {
      for (let j = 0; j < end; ++j) {
        const group = byUnit ? i : j;
        mean[group] = (mean[group] as number) + (from[i * stride + j] as number) / size;
      }
    }
  }
  for (let i = 0; i < width; ++i) {
    for (let j = 0; j < end; ++j) {
      const group = byUnit ? i : j;
      const centered = (from[i * stride + j] as number) - (mean[group] as number);
      root[group] = (root[group] as number) + (centered * centered) / size;
    }
  }
  for (let group = 0; group < count; ++group) root[group] = Math.sqrt((root[group] as number) + EPSILON);
  return { mean, root };
}

/**
 * The gradient of the input of a normalization: (g - mean(g) - n mean(g n)) / root, for RMS without mean(g). Means are over
 * the groups, since each value of a group changes the statistics of all. `to` may be `gradient`.
 *
 * @param normalized n, the output of `normalize`.
 */
export function normalizeBackward(
  spec: NormalizationSpec,
  to: Floats,
  gradient: Floats,
  from: Floats,
  normalized: Floats,
  columns: number,
): void {
  const { normalization, width } = spec;
  if (normalization === "none") {
    to.set(gradient);
    return;
  }
  const groups = groupsOf(spec, columns);
  const { byUnit, count, size, end, stride } = groups;
  const { root } = statistics(spec, from, columns);
  const [mean, projection] = [new Float64Array(count), new Float64Array(count)];
  for (let i = 0; i < width; ++i) {
    for (let j = 0; j < end; ++j) {
      const group = byUnit ? i : j;
      const g = gradient[i * stride + j] as number;
      if (normalization !== "rms") mean[group] = (mean[group] as number) + g / size;
      projection[group] = (projection[group] as number) + (g * (normalized[i * stride + j] as number)) / size;
    }
  }
  for (let i = 0; i < width; ++i) {
    for (let j = 0; j < end; ++j) {
      const at = i * stride + j;
      const group = byUnit ? i : j;
      const along = (normalized[at] as number) * (projection[group] as number);
      to[at] = ((gradient[at] as number) - (mean[group] as number) - along) / (root[group] as number);
    }
    to.fill(0, i * stride + end, (i + 1) * stride);
  }
}
