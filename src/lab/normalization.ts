/** Normalization of a signal over its units, forward and backward. */
import { columnsOf } from "../engine/product.js";
import type { Normalization } from "../recipes/recommend.js";

/**
 * The normalizations that the lab has: none, layer normalization, or RMS normalization. Batch normalization is not among
 * them, because it would couple the samples.
 */
export type LabNormalization = Exclude<Normalization, "batch">;

/** Which normalization, over how many units. */
export interface NormalizationSpec {
  readonly normalization: LabNormalization;
  readonly width: number;
}

const EPSILON = 1e-5; // as in PyTorch

/**
 * Normalizes each column over its units: subtracts the mean (layer only) and divides by the root mean square of the rest.
 * Ba et al. 2016; Zhang, Sennrich 2019.
 */
export function normalize(
  { normalization, width }: NormalizationSpec,
  to: Float32Array,
  from: Float32Array,
  columns: number,
): void {
  if (normalization === "none") {
    to.set(from);
    return;
  }
  const stride = columnsOf(columns);
  const { mean, root } = statistics(normalization, from, width, stride);
  for (let i = 0; i < width; ++i) {
    for (let j = 0; j < stride; ++j) {
      to[i * stride + j] = ((from[i * stride + j] as number) - (mean[j] as number)) / (root[j] as number);
    }
  }
}

/** Mean and root mean square of each column. */
function statistics(normalization: LabNormalization, from: Float32Array, width: number, stride: number) {
  const mean = new Float64Array(stride);
  const root = new Float64Array(stride);
  if (normalization === "layer") {
    for (let i = 0; i < width; ++i) {
      for (let j = 0; j < stride; ++j) mean[j] = (mean[j] as number) + (from[i * stride + j] as number) / width;
    }
  }
  for (let i = 0; i < width; ++i) {
    for (let j = 0; j < stride; ++j) {
      const centered = (from[i * stride + j] as number) - (mean[j] as number);
      root[j] = (root[j] as number) + (centered * centered) / width;
    }
  }
  for (let j = 0; j < stride; ++j) root[j] = Math.sqrt((root[j] as number) + EPSILON);
  return { mean, root };
}

/**
 * The gradient of the input of a normalization: (g - mean(g) - n mean(g n)) / root, for RMS without mean(g). `to` may be
 * `gradient`.
 *
 * @param normalized n, the output of `normalize`.
 */
export function normalizeBackward(
  { normalization, width }: NormalizationSpec,
  to: Float32Array,
  gradient: Float32Array,
  from: Float32Array,
  normalized: Float32Array,
  columns: number,
): void {
  if (normalization === "none") {
    to.set(gradient);
    return;
  }
  const stride = columnsOf(columns);
  const { root } = statistics(normalization, from, width, stride);
  const [mean, projection] = [new Float64Array(stride), new Float64Array(stride)];
  for (let i = 0; i < width; ++i) {
    for (let j = 0; j < stride; ++j) {
      const g = gradient[i * stride + j] as number;
      if (normalization === "layer") mean[j] = (mean[j] as number) + g / width;
      projection[j] = (projection[j] as number) + (g * (normalized[i * stride + j] as number)) / width;
    }
  }
  for (let i = 0; i < width; ++i) {
    for (let j = 0; j < stride; ++j) {
      const at = i * stride + j;
      const rest =
        (gradient[at] as number) - (mean[j] as number) - (normalized[at] as number) * (projection[j] as number);
      to[at] = rest / (root[j] as number);
    }
  }
}
