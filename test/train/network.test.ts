/** Networks that are trained: their gradients against differences, their steps against PyTorch's, and the same bits everywhere. */
import { describe, expect, test } from "vitest";
import { columnsOf } from "../../src/engine/product.js";
import type { OptimizerName } from "../../src/train/names.js";
import { optimizer } from "../../src/train/optimizer.js";
import { forEachValue, type Parameter } from "../../src/train/parameter.js";
import { startNetwork } from "../../src/train/start.js";
import type { LayerOptions } from "../../src/train.js";
import { startTest, stepTest, type TestNetwork, testNetwork } from "./networks.js";

/** Each kind of layer, branches within branches, and dense layers before and after the mean over the positions. */
const LAYERS: readonly LayerOptions[] = [
  { layer: "convolution", units: 3 },
  { layer: "positions" },
  { layer: "activation", function: "tanh" },
  {
    ...{ layer: "residual", scale: 0.5, name: "block" },
    layers: [
      { layer: "normalization", kind: "layer" },
      { layer: "attention" },
      { layer: "residual", layers: [{ layer: "dense", units: 3 }] },
    ],
  },
  { layer: "dense", units: 4, inputs: 3 },
  { layer: "pool" },
  { layer: "normalization", kind: "rms", name: "last" },
  { layer: "activation", function: "gelu" },
  { layer: "dense", units: 6 },
];

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
  ["a list of layers", { layers: LAYERS }],
];

/** A few places of a parameter. */
function placesOf(parameter: Parameter): readonly number[] {
  const places: number[] = [];
  forEachValue(parameter, (at) => places.push(at));
  return [0, 0.4, 1].map((share) => places[Math.round(share * (places.length - 1))] as number);
}

describe.each(NETWORKS)("%s", (_, options) => {
  test.each(["classification", "regression"] as const)("the gradients of a %s are its differences", (task) => {
    const network = testNetwork(options, "scalar", "f64", "sgd", 3);
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
  ["adam", { layers: LAYERS }],
  ["sgd", { depth: 3, width: 13, activation: "tanh" }],
])("by %s, both engines leave the same bits after three steps", (method, options) => {
  const [simd, scalar] = (["simd", "scalar"] as const).map((engine) => {
    const network = testNetwork(options, engine, "f32", method);
    startTest(network.parameters);
    const update = optimizer(method, network.parameters, network.arithmetic);
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

test.each<[string, TestNetwork]>([
  ["dense", { depth: 6, width: 16 }],
  ["attention", { kind: "attention", depth: 2, width: 8, normalization: "layer" }],
])("LSUV gives the output of every linear layer variance 1: %s", (_, options) => {
  const network = testNetwork(options, "simd", "f32");
  startTest(network.parameters);
  stepTest(network, 0, "classification");
  const isWeight = (role: string) => role === "weight" || role === "head";
  const start = ({ role }: { role: string }) => (isWeight(role) ? ({ scheme: "normal", std: 3 } as const) : undefined);
  startNetwork(network, { name: "lsuv", scheme: undefined, start, lsuv: true }, 0n);
  network.forward("train");
  for (const { weight, output, columns } of network.linears) {
    const stride = columnsOf(columns);
    const values = Array.from({ length: weight.rows * columns }, (_, i) => {
      return output[Math.floor(i / columns) * stride + (i % columns)] as number;
    });
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
    expect(Math.abs(variance - 1), weight.name).toBeLessThan(0.101);
  }
  expect(network.linears).toHaveLength(options.kind === "attention" ? 14 : 7);
});
