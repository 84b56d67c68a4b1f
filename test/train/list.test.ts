/** Lists of layers: the same as the built-in networks where they say the same, and refused where they do not fit. */
import { describe, expect, test } from "vitest";
import { layerList } from "../../src/train/list.js";
import { resolvedStrategy } from "../../src/train/strategy.js";
import { type LayerOptions, type ParameterInfo, spiral, splitData, train } from "../../src/train.js";

const inputs = Float32Array.from({ length: 120 * 32 }, (_, i) => ((i * 37) % 101) / 50 - 1);
const targets = Float32Array.from({ length: 120 }, (_, i) => i % 3);
const data = splitData({ inputs, targets }, { name: "own", features: 32, classes: 3 });

/** Values that do not depend on names, which differ. */
const strategy = {
  name: "waves",
  start: ({ role, layer, shape }: ParameterInfo) => {
    const length = shape.reduce((product, n) => product * n, 1);
    return role === "weight" || role === "head"
      ? Array.from({ length }, (_, i) => Math.fround(((i * 31 + layer * 17) % 64) / 128 - 0.25))
      : undefined;
  },
};

const dense = { layer: "dense", units: 12 } as const;
const tanh = { layer: "activation", function: "tanh" } as const;
const relu = { layer: "activation", function: "relu" } as const;
const batch = { layer: "normalization", kind: "batch" } as const;

test("data is split alike, however many classes there might be", () => {
  const split = splitData({ inputs, targets }, { name: "own", features: 32, classes: 2 ** 53 - 1 });
  expect(split).toEqual({ ...data, classes: 2 ** 53 - 1 });
});

test.each<[string, readonly LayerOptions[], object]>([
  ["dense", [dense, tanh, dense, tanh, dense, tanh], { depth: 3, width: 12, activation: "tanh" }],
  ["batch", [dense, batch, relu, dense, batch, relu], { depth: 2, width: 12, normalization: "batch" }],
  [
    "convolution",
    [{ layer: "convolution", units: 5 }, { layer: "positions" }, relu, { layer: "convolution", units: 5 }, relu],
    { kind: "convolution", depth: 2, width: 5 },
  ],
])("%s: the same losses, monitors and answers as the network's options give", (_, layers, options) => {
  const how = { strategy, steps: 12, batch: 12, measurements: 3 };
  const [own, built] = [train(layers, data, how), train(options, data, how)];
  expect(own).toEqual(built);
});

describe("what strategies are told of a layer", () => {
  const branch = [{ layer: "normalization", kind: "layer" }, { ...dense, units: 64, name: "up" }, relu] as const;
  const layers: readonly LayerOptions[] = [
    { ...dense, name: "first" },
    { layer: "activation", function: "sigmoid" },
    { layer: "residual", layers: [...branch, { ...dense, name: "down" }] },
    { layer: "residual", layers: [{ layer: "dense", units: 12, name: "only" }] },
    { layer: "activation", function: "leakyRelu", slope: 0.2 },
  ];
  const { contextOf, spec } = layerList(layers, 32);

  test("is its activation function, and whether it ends a branch, of how many", () => {
    const seen = ["first.weight", "up.weight", "down.bias", "only.weight", "head.weight"].map((name) => {
      const { spec: own, options } = contextOf(name);
      return [own.activation.name, own.residual, own.depth, options.slope];
    });
    expect(seen).toEqual([
      ["sigmoid", false, 2, undefined],
      ["relu", false, 2, undefined],
      ["relu", true, 2, undefined],
      ["leakyRelu", true, 2, 0.2],
      ["leakyRelu", true, 2, 0.2],
    ]);
    expect(spec).toMatchObject({ depth: 3, width: 64, residual: true, normalization: "layer", kind: "dense" });
  });

  test("is that of its own layer, though another is called as default names begin", () => {
    const sigmoid = { layer: "activation", function: "sigmoid" } as const;
    const { contextOf } = layerList([{ ...dense, name: "layers" }, sigmoid, dense, relu], 32);
    const seen = ["layers.weight", "layers.2.weight"].map((name) => contextOf(name).spec.activation.name);
    expect(seen).toEqual(["sigmoid", "relu"]);
  });

  test("decides what is recommended, and the gain of orthogonal matrices", () => {
    const context = { spec, options: { activation: "relu" }, contextOf } as const;
    const of = (strategy: "recommended" | "orthogonal", name: string) => {
      const role = name.startsWith("head") ? "head" : "weight";
      return resolvedStrategy(strategy, context).start({ name, shape: [12, 12], role, layer: 1 });
    };
    expect(of("orthogonal", "up.weight")).toMatchObject({ gain: expect.closeTo(Math.SQRT2, 12) });
    expect(of("recommended", "up.weight")).toMatchObject({ scheme: "heNormal" });
    expect(of("recommended", "down.weight")).not.toMatchObject({ scheme: "heNormal" });
    expect(of("recommended", "head.weight")).not.toEqual(of("recommended", "only.weight"));
  });
});

const late = { layer: "attention", name: "late" } as const;
const convolution = { layer: "convolution", units: 4 } as const;
const deep = (depth: number): LayerOptions => ({ layer: "residual", layers: [depth === 0 ? dense : deep(depth - 1)] });

test.each<[given: unknown, message: string]>([
  ["dense", 'network: expected an object, got "dense"'],
  [[], "network: expected one layer or more, got []"],
  [[null], "network[0]: expected an object, got null"],
  [[dense, 7], "network[1]: expected an object, got 7"],
  [[{ layer: "dens", units: 4 }], "network[0].layer: expected one of"],
  [[{ layer: "dense" }], "network[0].units: expected a whole number, got undefined"],
  [[{ layer: "dense", units: 0 }], "network[0].units: expected a whole number from 1, got 0"],
  [[{ ...dense, function: "relu" }], "network[0] (dense): expected options among layer, name, units, inputs"],
  [[{ ...dense, inputs: 8 }], "network[0] (dense): expected 32 inputs, the units that come in, got 8"],
  [[dense, { ...dense, inputs: 8, name: "b" }], 'network[1] (dense "b"): expected 12 inputs'],
  [
    [dense, { layer: "residual", name: "r", layers: [{ ...dense, units: 9 }] }],
    'network[1] (residual "r"): expected a branch that gives 12 units, as many as come in, got 9',
  ],
  [[dense, { layer: "residual", layers: [] }], "network[1].layers: expected one layer or more"],
  [[dense, { layer: "residual", layers: [dense], scale: -1 }], "network[1].scale: expected a number not below 0"],
  [[dense, { layer: "residual", layers: [dense, {}] }], "network[1].layers[1].layer: expected one of"],
  [[convolution, { layer: "pool" }, late], 'network[2] (attention "late"): expected it before pool'],
  [[convolution, { layer: "residual", layers: [{ layer: "pool" }] }], "network[1] (residual): expected no pool"],
  [[relu], 'network: expected a dense layer, a convolution or attention, got ["activation"]'],
  [[{ layer: "activation", function: "rleu" }, dense], "network[0].function: expected one of"],
  [[{ ...relu, slope: Number.NaN }, dense], "network[0].slope: expected a finite number"],
  [[{ ...relu, slope: 0.1 }, dense], 'network[0].slope: expected function "leakyRelu" next to it, got "relu"'],
  [[{ layer: "normalization", kind: "none" }, dense], 'network[0].kind: expected one of "layer", "rms", "batch"'],
  [[{ ...dense, name: "a.b" }], "network[0].name: expected letters"],
  [[{ ...dense, name: "head" }], "network[0].name: expected a name that no other layer has"],
  [[{ ...dense, units: 2 ** 40 }], "network: expected a network of less than 134217728 weights"],
  [[deep(20)], "at most 16 branches inside each other"],
  [Array.from({ length: 1001 }, () => dense), "network: expected at most 1000 layers in all, got 1001"],
])("refuses %j", (given, message) => {
  expect(() => train(given as LayerOptions[], data, { steps: 1 })).toThrow(message);
});

test("data without positions is refused with the layer that needs them", () => {
  expect(() => train([{ layer: "dense", units: 4 }, convolution], spiral())).toThrow(
    "network[1] (convolution): expected data of a multiple of 16 features, its positions, got 2",
  );
});
