/** Networks, weights and data that test/vectors/training.py computes, too. */

import type { EngineName } from "../../src/engine/engine.js";
import { columnsOf } from "../../src/engine/product.js";
import { activationFunction } from "../../src/lab/activation.js";
import { networkShape } from "../../src/lab/options.js";
import { layerList } from "../../src/train/list.js";
import { lossOf, type Task } from "../../src/train/loss.js";
import type { OptimizerName } from "../../src/train/names.js";
import { type TrainableNetwork, trainableNetwork } from "../../src/train/network.js";
import { MOMENTS } from "../../src/train/optimizer.js";
import { forEachValue, type Parameter } from "../../src/train/parameter.js";
import type { LayerOptions, NetworkOptions } from "../../src/train.js";

export const [BATCH, FEATURES, CLASSES] = [12, 32, 5];

/** From -0.5 (included) to 0.5 (excluded), multiples of 2^-32. */
export function value(i: number, salt: number): number {
  let h = Math.imul(i + salt * 7919, 0x9e3779b1);
  h ^= h >>> 15;
  h = Math.imul(h, 0x85ebca77);
  h ^= h >>> 13;
  return (h >>> 0) / 4294967296 - 0.5;
}

export interface TestNetwork extends NetworkOptions {
  /** A list of layers, in place of all other options. */
  readonly layers?: readonly LayerOptions[];
  readonly outputs?: number;
}

/** A network in memory, ready to be stepped. */
export function testNetwork(
  options: TestNetwork,
  engine: EngineName,
  dtype: "f32" | "f64",
  method: OptimizerName = "sgd",
  batch = BATCH,
): TrainableNetwork {
  const { kind = "dense", activation = "relu", outputs = CLASSES, layers, ...shape } = options;
  const memory = { engine, dtype, moments: MOMENTS[method] };
  if (layers !== undefined) {
    const list = layerList(layers, FEATURES);
    return trainableNetwork({ network: list.spec, features: FEATURES, outputs, list }, batch, memory);
  }
  const network = { ...networkShape(kind, shape), activation: activationFunction(activation) };
  return trainableNetwork({ network, features: FEATURES, outputs }, batch, memory);
}

/** Weights from -1 to 1 times a standard deviation that keeps variance, biases near 0, scales near 1: as floats. */
export function startTest(parameters: readonly Parameter[]): void {
  for (const [salt, parameter] of parameters.entries()) {
    const { name, shape, role } = parameter;
    const fanIn = shape.slice(1).reduce((product, n) => product * n, 1);
    const isWeight = role === "weight" || role === "head";
    const scale = role === "scale" ? 0.4 : isWeight ? 2 * Math.sqrt(3 / fanIn) : 0.2;
    const offset = role === "scale" || name.endsWith("scale") ? 1 : 0;
    forEachValue(parameter, (at, index) => {
      parameter.values[at] = Math.fround(offset + scale * value(index, salt));
    });
  }
}

/** One batch: fills the input, goes forward and back. @returns the loss. */
export function stepTest(network: TrainableNetwork, step: number, task: Task, outputs = CLASSES): number {
  const { input, columns, samples } = network;
  const positions = columns / samples;
  const channels = FEATURES / positions;
  for (let j = 0; j < samples; ++j) {
    for (let k = 0; k < FEATURES; ++k) {
      const at = (k % channels) * columnsOf(columns) + j * positions + Math.floor(k / channels);
      input[at] = Math.fround(2 * value(j * FEATURES + k, 1000 + step));
    }
  }
  const targets =
    task === "classification"
      ? Array.from({ length: samples }, (_, i) => Math.floor((value(i, 2000 + step) + 0.5) * outputs))
      : Array.from({ length: samples * outputs }, (_, i) => Math.fround(2 * value(i, 2000 + step)));
  const answers = { outputs: network.forward("train"), count: outputs, columns: samples, samples, targets };
  const { loss } = lossOf(task)(answers, network.gradient);
  network.backward();
  return loss / samples;
}
