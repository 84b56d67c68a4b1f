/**
 * Layer-sequential unit variance: weights scaled until the layer's own output has the variance asked for, on the caller's
 * data. Mishkin and Matas, All you need is a good init, 2016, algorithm 1.
 */
import { checkAboveZero, checkOptions, checkPositive, wrongType, wrongValue } from "../check.js";

export interface LsuvOptions {
  /** Of the output. Default 1. */
  readonly variance?: number;
  /** How far the variance may stay from it, as a share of it. Default 0.1, as in the paper. */
  readonly tolerance?: number;
  /** Default 10, as in the paper. */
  readonly iterations?: number;
}

export interface LsuvReport {
  /** Times the forward function was called. */
  readonly calls: number;
  /** Of the output, at the last call. */
  readonly variance: number;
  /** What the weights were multiplied by, in all. */
  readonly scale: number;
}

/**
 * Scales `weights` in place, layer by layer in the order of the network: `forward` runs the data through the network with
 * the weights as they are, and returns the outputs of the layer that these belong to, all of them, in any order. The
 * paper starts from orthonormal weights; any scheme of a sensible variance takes two or three calls.
 *
 * @throws RangeError when the outputs are constant or not finite, or when the variance is not reached after so many
 * `iterations`; the weights then are as they were. TypeError when `forward` returns no numbers.
 */
export function lsuv(
  weights: Float32Array | Float64Array,
  forward: () => ArrayLike<number>,
  options: LsuvOptions = {},
): LsuvReport {
  checkOptions("options", options, ["variance", "tolerance", "iterations"]);
  if (!(weights instanceof Float32Array || weights instanceof Float64Array)) {
    throw wrongType("weights", "a Float32Array or a Float64Array", weights);
  }
  if (typeof forward !== "function") throw wrongType("forward", "a function that returns the layer's outputs", forward);
  const target = checkAboveZero("variance", options.variance ?? 1);
  const tolerance = checkAboveZero("tolerance", options.tolerance ?? 0.1);
  const iterations = checkPositive("iterations", options.iterations ?? 10);
  const before = weights.slice();
  let scale = 1;
  let length: number | undefined;
  try {
    for (let calls = 1; ; ++calls) {
      const outputs = forward();
      const variance = varianceOf(outputs, length);
      length = outputs.length;
      if (Math.abs(variance / target - 1) <= tolerance) return { calls, variance, scale };
      if (calls > iterations) throw wrongValue("forward", `a variance within ${tolerance} of ${target}`, variance);
      const factor = Math.sqrt(target / variance);
      scale *= factor;
      for (let i = 0; i < weights.length; ++i) weights[i] = (weights[i] as number) * factor;
    }
  } catch (error) {
    weights.set(before);
    throw error;
  }
}

/** Of outputs, as many as the time before. */
function varianceOf(outputs: ArrayLike<number>, before: number | undefined): number {
  const length: unknown = typeof outputs === "object" ? outputs?.length : undefined;
  if (typeof length !== "number") throw wrongType("forward", "an array of the layer's outputs", outputs);
  if (length < 2) throw wrongValue("forward", "two outputs or more", length);
  if (before !== undefined && length !== before) throw wrongValue("forward", `${before} outputs, as before`, length);
  let mean = 0;
  let squares = 0; // Welford 1962
  for (let i = 0; i < length; ++i) {
    const value = outputs[i];
    if (typeof value !== "number") throw wrongType("forward", "outputs that are numbers", value);
    if (!Number.isFinite(value)) throw wrongValue("forward", "finite outputs", value);
    const delta = value - mean;
    mean += delta / (i + 1);
    squares += delta * (value - mean);
  }
  const variance = squares / length;
  if (!(variance > 0)) throw wrongValue("forward", "outputs that differ from each other", outputs[0]);
  return variance;
}
