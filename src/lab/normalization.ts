/** Normalizations of a signal over its units, and the way back through them. */
import { columnsOf } from "../engine/product.js";
import type { Normalization } from "../recipes/recommend.js";

/** The normalizations that the lab has. */
export type LabNormalization = Exclude<Normalization, "batch">;

/** What is normalized, over how many units. */
export interface Normalized {
  readonly normalization: LabNormalization;
  readonly width: number;
}

const EPSILON = 1e-5; // as PyTorch has it

/** Each column, over its units: less its mean (layer), over its root mean square. Ba et al. 2016; Zhang, Sennrich 2019. */
export function normalize(
  { normalization, width }: Normalized,
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
      const off = (from[i * stride + j] as number) - (mean[j] as number);
      root[j] = (root[j] as number) + (off * off) / width;
    }
  }
  for (let j = 0; j < stride; ++j) root[j] = Math.sqrt((root[j] as number) + EPSILON);
  return { mean, root };
}

/** The gradient before a normalization: (g - mean g - n mean(g n)) / root; of rms without the mean. `to` may be `gradient`. */
export function normalizeBack(
  { normalization, width }: Normalized,
  to: Float32Array,
  gradient: Float32Array,
  from: Float32Array,
  normed: Float32Array,
  columns: number,
): void {
  if (normalization === "none") {
    to.set(gradient);
    return;
  }
  const stride = columnsOf(columns);
  const { root } = statistics(normalization, from, width, stride);
  const [mean, along] = [new Float64Array(stride), new Float64Array(stride)];
  for (let i = 0; i < width; ++i) {
    for (let j = 0; j < stride; ++j) {
      const g = gradient[i * stride + j] as number;
      if (normalization === "layer") mean[j] = (mean[j] as number) + g / width;
      along[j] = (along[j] as number) + (g * (normed[i * stride + j] as number)) / width;
    }
  }
  for (let i = 0; i < width; ++i) {
    for (let j = 0; j < stride; ++j) {
      const at = i * stride + j;
      const rest = (gradient[at] as number) - (mean[j] as number) - (normed[at] as number) * (along[j] as number);
      to[at] = rest / (root[j] as number);
    }
  }
}
