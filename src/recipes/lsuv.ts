/**
 * Layer-sequential unit variance: a layer's weights are scaled until its output has the wanted variance, on the caller's data.
 * Mishkin and Matas, All you need is a good init, 2016, algorithm 1.
 */
import { checkAboveZero, checkOptions, checkPositive, wrongType, wrongValue } from "../check.js";
import { digits } from "../math/digits.js";

/** The options of `lsuv`. */
export interface LsuvOptions {
  /** The wanted variance of the output, above 0. Default 1. */
  readonly variance?: number | undefined;
  /** How far the variance may stay from the wanted one, relative to it; above 0. Default 0.1, as in the paper. */
  readonly tolerance?: number | undefined;
  /** How often the weights may be rescaled, from 1. Default 10, as in the paper. */
  readonly iterations?: number | undefined;
}

/** What `lsuv` did. */
export interface LsuvReport {
  /** How often `forward` was called. */
  readonly calls: number;
  /** Variance of the output at the last call. */
  readonly variance: number;
  /** The factor by which the weights were multiplied in all. */
  readonly scale: number;
}

/**
 * Scales the weights of one layer in place, until the variance of its output is the wanted one. Call it for each layer, in the
 * order of the network. The paper starts from orthonormal weights; with any reasonable scheme, two or three calls of
 * `forward` are enough.
 *
 * @param weights the layer's weights.
 * @param forward runs the data through the network with the weights as they are, and returns all outputs of the layer, in any
 * order but always equally many.
 * @param options the wanted variance, its tolerance, and the most iterations.
 * @throws RangeError if the outputs are constant or not finite, or if the variance is not reached after `iterations`
 * rescalings, with what keeps it where it is; TypeError for weights in f16 or bf16, and if `forward` does not return numbers.
 * The weights are then as they were.
 * @example
 * ```js
 * import { init, normal } from "nn-init";
 * import { lsuv } from "nn-init/recipes";
 *
 * // A layer with 1000 units and one input, which is 3.
 * const weights = init([1, 1000], normal({ std: 0.001 }), { seed: 42, name: "fc1.kernel" });
 * const { calls, variance } = lsuv(weights, () => weights.map((w) => 3 * w));
 * console.log(calls, variance.toFixed(3)); // 2 1.000
 * ```
 */
export function lsuv(
  weights: Float32Array | Float64Array,
  forward: () => ArrayLike<number>,
  options: LsuvOptions = {},
): LsuvReport {
  checkOptions("options", options, ["variance", "tolerance", "iterations"]);
  checkWeights(weights);
  if (typeof forward !== "function") throw wrongType("forward", "a function that returns the layer's outputs", forward);
  const target = checkAboveZero("variance", options.variance ?? 1);
  const tolerance = checkAboveZero("tolerance", options.tolerance ?? 0.1);
  const iterations = checkPositive("iterations", options.iterations ?? 10);
  const before = weights.slice();
  let scale = 1;
  let length: number | undefined;
  const seen: number[] = [];
  try {
    for (let calls = 1; ; ++calls) {
      const outputs = forward();
      if (weights.length !== before.length) {
        throw wrongValue("weights", `${before.length} elements, as before forward`, weights.length);
      }
      const variance = varianceOf(outputs, length);
      length = outputs.length;
      if (Math.abs(variance / target - 1) <= tolerance) return { calls, variance, scale };
      if (calls > iterations) {
        const expected = `a variance of ${target} within a relative ${tolerance} after ${iterations} rescalings`;
        const how = obstacle(seen, { variance, target, scale });
        throw new RangeError(`forward: expected outputs with ${expected}, got ${variance}; ${how}`);
      }
      seen.push(variance);
      const factor = Math.sqrt(target / variance);
      scale *= factor;
      for (let i = 0; i < weights.length; ++i) weights[i] = (weights[i] as number) * factor;
    }
  } catch (error) {
    if (weights.length === before.length) weights.set(before);
    throw error;
  }
}

function checkWeights(weights: unknown): void {
  if (weights instanceof Float32Array || weights instanceof Float64Array) return;
  const half = ["Uint16Array", "Float16Array"].includes(Object.prototype.toString.call(weights).slice(8, -1));
  const why = half
    ? " (f16 and bf16 are too coarse to be scaled again and again, and a Uint16Array holds their bits, not numbers: draw in f32, scale, then round)"
    : "";
  throw wrongType("weights", `a Float32Array or a Float64Array${why}`, weights);
}

/** The state after the last rescaling. */
interface Attempt {
  /** Variance of the outputs at the last call. */
  readonly variance: number;
  readonly target: number;
  /** The factor by which the weights were multiplied in all. */
  readonly scale: number;
}

/** Up to this relative difference, a rescaling did not change the variance. */
const STILL = 0.02;

/** What keeps the variance from its target, and what to do. @param before the variances at the calls before. */
function obstacle(before: readonly number[], { variance, target, scale }: Attempt): string {
  if (before.every((one) => one === variance))
    return "it is the same for all weights: check that forward uses the scaled weights";
  const still = Math.abs(variance / (before.at(-1) as number) - 1) < STILL;
  const stays = `it stays near ${digits(variance, 3)} though the weights were multiplied by ${digits(scale, 3)}`;
  if (still && variance > target) {
    return `${stays}: something else than they adds it, such as biases that differ or a skip connection; start the biases at 0, leave the rest out of the outputs, or ask for a larger variance`;
  }
  if (still)
    return `${stays}: the outputs are bounded; return them before the activation, or ask for a smaller variance`;
  return "check that forward uses the scaled weights, or raise iterations";
}

/** @param before how many outputs the call before returned. */
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
  if (variance > 0) return variance;
  const got = `${length} outputs of variance ${variance}`;
  throw new RangeError(`forward: expected outputs that differ from each other, got ${got}; start from other weights`);
}
