/** Networks that are trained: their gradients against differences, their steps against PyTorch's, and the same bits everywhere. */
import { describe, expect, test } from "vitest";
import type { OptimizerName } from "../../src/train/names.js";
import { optimizer } from "../../src/train/optimizer.js";
import { forEachValue, type Parameter } from "../../src/train/parameter.js";
import { startTest, stepTest, type TestNetwork, testNetwork } from "./networks.js";

const NETWORKS: readonly (readonly [name: string, options: TestNetwork])[] = [
  ["dense, tanh", { depth: 2, width: 5, activation: "tanh" }],
  ["dense, RMS normalization", { depth: 2, width: 5, activation: "silu", normalization: "rms" }],
  ["dense, batch normalization", { depth: 2, width: 5, activation: "gelu", normalization: "batch" }],
  [
    "dense, residual, layer normalization",
    { depth: 2, width: 5, activation: "tanh", residual: true, normalization: "layer" },
  ],
  [
    "dense, residual, normalized after the addition",
    {
      depth: 2,
      width: 5,
      activation: "tanh",
      residual: true,
      normalization: "layer",
      normalizationAt: "post",
      branchScale: 0.3,
    },
  ],
  ["convolution", { kind: "convolution", depth: 2, width: 3, activation: "softplus" }],
  [
    "convolution, residual, batch",
    { kind: "convolution", depth: 1, width: 3, activation: "elu", residual: true, normalization: "batch" },
  ],
  ["attention", { kind: "attention", depth: 1, width: 4, activation: "gelu", normalization: "layer" }],
];

/** A few places of a parameter. */
function placesOf(parameter: Parameter): readonly number[] {
  const places: number[] = [];
  forEachValue(parameter, (at) => places.push(at));
  return [0, 0.4, 1].map((share) => places[Math.round(share * (places.length - 1))] as number);
}

describe.each(NETWORKS)("%s", (_, options) => {
  test.each(["classification", "regression"] as const)("the gradients of a %s are its differences", (task) => {
    const network = testNetwork(options, "scalar", "f64", 3);
    startTest(network.parameters);
    stepTest(network, 0, task);
    const gradients = network.parameters.map(({ gradient }) => gradient.slice());
    const step = 1e-5;
    for (const [i, parameter] of network.parameters.entries()) {
      const size = Math.max(1e-2, ...(gradients[i] as Float64Array).map(Math.abs));
      for (const at of new Set(placesOf(parameter))) {
        const { values, name } = parameter;
        const kept = values[at] as number;
        const [high, low] = [step, -step].map((change) => {
          values[at] = kept + change;
          return stepTest(network, 0, task);
        }) as [number, number];
        values[at] = kept;
        const difference = (high - low) / (2 * step);
        const gradient = (gradients[i] as Float64Array)[at] as number;
        expect(Math.abs(gradient - difference) / size, `${name}[${at}]`).toBeLessThan(1e-6);
      }
    }
  });
});

test.each<[OptimizerName, TestNetwork]>([
  ["sgd", { kind: "attention", depth: 1, width: 12, activation: "gelu", normalization: "rms" }],
  ["adam", { kind: "convolution", depth: 2, width: 5, activation: "relu", normalization: "batch" }],
  ["momentum", { depth: 3, width: 21, activation: "tanh", residual: true, normalization: "layer" }],
])("by %s, both engines leave the same bits after three steps", (method, options) => {
  const [simd, scalar] = (["simd", "scalar"] as const).map((engine) => {
    const network = testNetwork(options, engine, "f32");
    startTest(network.parameters);
    const update = optimizer(method, network.parameters);
    const losses = [0, 1, 2].map((step) => {
      const loss = stepTest(network, step, "classification");
      update(0.02);
      return loss;
    });
    return { losses, values: network.parameters.map(({ values }) => new Uint32Array(values.slice().buffer)) };
  });
  expect(simd).toEqual(scalar);
  expect(simd?.losses.every(Number.isFinite)).toBe(true);
});
