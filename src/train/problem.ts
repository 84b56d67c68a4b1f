/** Synthetic data: a spiral to classify, and a function to approximate. */
import { checkNotNegative, checkOptions, checkPositive, wrongValue } from "../check.js";
import { fill } from "../init.js";
import { cos, sin } from "../math/transcendental.js";
import type { Seed } from "../stream.js";
import { splitData, type TrainingData, uniforms } from "./data.js";

/** The options of `spiral`. */
export interface SpiralOptions {
  /** Number of arms, each a class, from 2. Default 3. */
  readonly arms?: number | undefined;
  /** Samples in all, from 10 for each arm to 2^27. Default 1500. */
  readonly samples?: number | undefined;
  /** Std of the noise on each coordinate, not negative. Default 0.02. */
  readonly noise?: number | undefined;
  /** From 0 to 2^64 - 1. Default 0. */
  readonly seed?: Seed | undefined;
}

const TURN = 4; // radians from the middle to the end of an arm

/**
 * Points of a plane on the arms of a spiral, which no straight line can tell apart.
 *
 * @param options how many points, on how many arms.
 * @returns data with 2 features, within about 1 of 0, and a class for each arm.
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { spiral } from "nn-init/train";
 *
 * const { features, classes, training } = spiral();
 * console.log(features, classes, training.targets.length); // 2 3 900
 * ```
 */
export function spiral(options: SpiralOptions = {}): TrainingData {
  checkOptions("options", options, ["arms", "samples", "noise", "seed"]);
  const arms = checkPositive("arms", options.arms ?? 3);
  if (arms < 2) throw wrongValue("arms", "2 or more, since each is a class", arms);
  const samples = checkedCount(options.samples, 10 * arms);
  const noise = checkNotNegative("noise", options.noise ?? 0.02);
  const { seed = 0 } = options;
  const radii = uniforms(samples, seed, "spiral.radius");
  const errors = new Float64Array(2 * samples);
  fill(errors, [2 * samples], { scheme: "normal", std: noise }, { seed, name: "spiral.noise", dtype: "f64" });
  const inputs = new Float32Array(2 * samples);
  const targets = new Float32Array(samples);
  for (let i = 0; i < samples; ++i) {
    const radius = Math.sqrt(radii[i] as number);
    const angle = TURN * radius + (2 * Math.PI * (i % arms)) / arms;
    inputs[2 * i] = radius * cos(angle) + (errors[2 * i] as number);
    inputs[2 * i + 1] = radius * sin(angle) + (errors[2 * i + 1] as number);
    targets[i] = i % arms;
  }
  return splitData({ inputs, targets }, { name: "spiral", features: 2, classes: arms, seed });
}

const MOST_SAMPLES = 134217728; // 2^27

/** How many samples there are, of which each part needs some. */
function checkedCount(asked: number | undefined, least: number): number {
  const samples = checkPositive("samples", asked ?? Math.max(1500, least));
  if (samples < least) throw wrongValue("samples", `${least} or more`, samples);
  if (samples > MOST_SAMPLES) throw wrongValue("samples", `at most ${MOST_SAMPLES}, all of which are held`, samples);
  return samples;
}

/** The options of `waves`. */
export interface WavesOptions {
  /** Samples in all, from 10 to 2^27. Default 1500. */
  readonly samples?: number | undefined;
  /** Std of the noise on each target, not negative. Default 0.05. */
  readonly noise?: number | undefined;
  /** From 0 to 2^64 - 1. Default 0. */
  readonly seed?: Seed | undefined;
}

/**
 * A regression: sin(3 x) cos(2 y) at random points of the square from -1 to 1, with noise.
 *
 * @param options how many points, with how much noise.
 * @returns data with 2 features and 1 output.
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { waves } from "nn-init/train";
 *
 * const { features, classes, outputs } = waves();
 * console.log(features, classes, outputs); // 2 undefined 1
 * ```
 */
export function waves(options: WavesOptions = {}): TrainingData {
  checkOptions("options", options, ["samples", "noise", "seed"]);
  const samples = checkedCount(options.samples, 10);
  const noise = checkNotNegative("noise", options.noise ?? 0.05);
  const { seed = 0 } = options;
  const points = uniforms(2 * samples, seed, "waves.points");
  const errors = new Float64Array(samples);
  fill(errors, [samples], { scheme: "normal", std: noise }, { seed, name: "waves.noise", dtype: "f64" });
  const inputs = Float32Array.from(points, (u) => 2 * u - 1);
  const targets = Float32Array.from(errors, (error, i) => {
    return sin(3 * (inputs[2 * i] as number)) * cos(2 * (inputs[2 * i + 1] as number)) + error;
  });
  return splitData({ inputs, targets }, { name: "waves", features: 2, outputs: 1, seed });
}
