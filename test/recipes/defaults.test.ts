/** The layers of each framework as it constructs them itself (test/vectors), or by the formulas in its sources. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { init, resolve } from "../../src/index.js";
import type { NamedWeights } from "../../src/recipes/defaults/layer.js";
import { defaults, type Framework } from "../../src/recipes.js";

const rows = (file: string) =>
  readFileSync(new URL(`../vectors/${file}`, import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(" | "));

const numbers = (text: string) => text.split(" ").map(Number);
const near = (a: number, b: number) => (b === 0 ? a === 0 : Math.abs(a / b - 1) < 1e-6);

/** The weights of a layer that is described as in the vectors: "convolution 32 64 3x3 4". */
function layer(framework: Framework, description: string): NamedWeights {
  const [kind, a, b, kernel, groups] = description.split(" ") as [string, string, string, string, string];
  const make = defaults(framework);
  const [first, second] = [Number(a), Number(b)];
  if (kind === "linear") return make.dense({ in: first, out: second });
  if (kind === "convolution") {
    const lengths = kernel.split("x").map(Number);
    return make.convolution({ in: first, out: second, kernel: lengths, groups: Number(groups ?? 1) });
  }
  if (kind === "embedding") return make.embedding({ count: first, width: second });
  if (kind === "attention") return make.attention({ width: first, heads: second });
  if (kind === "normalization") return make.normalization({ width: first });
  return make.recurrent({ cell: kind as "lstm", in: first, hidden: second });
}

const TORCH = rows("pytorch_defaults.txt") as [string, string, string, string][];

test.each([...new Set(TORCH.map(([name]) => name))])("torch's defaults for %s are what PyTorch draws", (name) => {
  const weights = layer("torch", name);
  const expected = TORCH.filter(([other]) => other === name);
  expect(Object.keys(weights).sort()).toEqual(expected.map(([, parameter]) => parameter).sort());
  for (const [, parameter, shape, answer] of expected) {
    const weight = weights[parameter] as NamedWeights[string];
    expect(weight.shape).toEqual(numbers(shape));
    const [kind, ...values] = answer.split(" ") as [string, string, string];
    const ours = resolve(weight.shape, weight.scheme);
    expect(ours.kind, parameter).toBe(kind);
    const own = { constant: ["value"], uniform: ["low", "high"], normal: ["mean", "std"] }[kind] as string[];
    own.forEach((key, i) => {
      expect(near((ours as never)[key], Number(values[i])), `${parameter}: ${key}`).toBe(true);
    });
  }
});

const TFJS = rows("tfjs.txt").filter(([name]) => name?.startsWith("layer")) as [string, string, string, string][];

test.each([
  ["linear", "linear 784 512"],
  ["convolution", "convolution 64 128 3x3"],
  ["embedding", "embedding 1000 64"],
  ["normalization", "normalization 64"],
  ["rnn", "rnn 20 25"],
  ["gru", "gru 20 25"],
  ["lstm", "lstm 20 25"],
])("tfjs's defaults for a layer of %s are what TensorFlow.js draws", (name, description) => {
  const weights = layer("tfjs", description);
  const expected = TFJS.filter(([other]) => other === `layer ${name}`);
  expect(Object.keys(weights).sort()).toEqual(expected.map(([, weight]) => weight).sort());
  for (const [, weight, shape, answer] of expected) {
    const ours = weights[weight] as NamedWeights[string];
    expect(ours.shape).toEqual(numbers(shape));
    const drawn = resolve(ours.shape, ours.scheme);
    const [className] = answer.split(" ");
    if (className === "Zeros") expect(drawn).toEqual({ kind: "constant", value: 0 });
    if (className === "Ones") expect(drawn).toEqual({ kind: "constant", value: 1 });
    if (className === "RandomUniform") expect(drawn).toEqual({ kind: "uniform", low: -0.05, high: 0.05 });
    if (className === "Orthogonal") expect(drawn.kind).toBe("orthogonal");
    // VarianceScaling 1 fanAvg normal is glorotNormal, whose drawn std stands in the same file, or is that of a matrix.
    if (className === "VarianceScaling") {
      const theirs = rows("tfjs.txt").find(([name, size]) => name === "glorotNormal" && size === shape)?.[2];
      const [inputs = 0, outputs = 0] = ours.shape;
      const std = theirs === undefined ? Math.sqrt(2 / (inputs + outputs)) : Number(theirs.split(" ")[1]);
      expect(near((drawn as { std: number }).std, std)).toBe(true);
    }
  }
});

const uniform = (bound: number) => ({ kind: "uniform", low: -bound, high: bound });
const constant = (value: number) => ({ kind: "constant", value });
const truncated = (std: number) => ({ kind: "truncated", mean: 0, std: std / 0.87962566103423978, low: -2, high: 2 });

// Keras: glorot_uniform kernels. The fans of an EinsumDense are those of its equation.
const glorot = (fanIn: number, fanOut: number) => uniform(Math.sqrt(6 / (fanIn + fanOut)));
// Flax: lecun_normal kernels.
const lecun = (fanIn: number) => truncated(Math.sqrt(1 / fanIn));

test.each<[Framework, string, Record<string, [readonly number[], object]>]>([
  ["keras", "linear 784 512", { kernel: [[784, 512], glorot(784, 512)], bias: [[512], constant(0)] }],
  ["keras", "convolution 64 128 3x3", { kernel: [[3, 3, 64, 128], glorot(576, 1152)], bias: [[128], constant(0)] }],
  ["keras", "convolution 32 64 3x3 4", { kernel: [[3, 3, 8, 64], glorot(72, 576)], bias: [[64], constant(0)] }],
  ["keras", "embedding 1000 64", { embeddings: [[1000, 64], uniform(0.05)] }],
  [
    "keras",
    "attention 64 8",
    {
      "query.kernel": [[64, 8, 8], glorot(64, 64)],
      "query.bias": [[8, 8], constant(0)],
      "attention_output.kernel": [[8, 8, 64], glorot(64, 64)],
      "attention_output.bias": [[64], constant(0)],
    },
  ],
  ["keras", "normalization 64", { gamma: [[64], constant(1)], beta: [[64], constant(0)] }],
  ["flax", "linear 784 512", { kernel: [[784, 512], lecun(784)], bias: [[512], constant(0)] }],
  ["flax", "convolution 32 64 3x3 4", { kernel: [[3, 3, 8, 64], lecun(72)], bias: [[64], constant(0)] }],
  ["flax", "embedding 1000 64", { embedding: [[1000, 64], { kind: "normal", mean: 0, std: 1 / 8 }] }],
  ["flax", "attention 64 4", { "key.kernel": [[64, 4, 16], lecun(64)], "out.kernel": [[4, 16, 64], lecun(64)] }],
  ["flax", "normalization 64", { scale: [[64], constant(1)], bias: [[64], constant(0)] }],
  ["mlx", "linear 784 512", { weight: [[512, 784], uniform(1 / 28)], bias: [[512], uniform(1 / 28)] }],
  ["mlx", "convolution 64 128 3x3", { weight: [[128, 3, 3, 64], uniform(1 / 24)], bias: [[128], constant(0)] }],
  ["mlx", "embedding 1000 64", { weight: [[1000, 64], { kind: "normal", mean: 0, std: 1 / 8 }] }],
  ["mlx", "lstm 20 25", { Wx: [[100, 20], uniform(0.2)], Wh: [[100, 25], uniform(0.2)], bias: [[100], uniform(0.2)] }],
  ["mlx", "gru 20 25", { Wx: [[75, 20], uniform(0.2)], b: [[75], uniform(0.2)], bhn: [[25], uniform(0.2)] }],
  ["mlx", "rnn 20 25", { Wxh: [[25, 20], uniform(0.2)], Whh: [[25, 25], uniform(0.2)], bias: [[25], uniform(0.2)] }],
  ["mlx", "attention 64 8", { "query_proj.weight": [[64, 64], uniform(1 / 8)] }],
  ["mlx", "normalization 64", { weight: [[64], constant(1)], bias: [[64], constant(0)] }],
])("%s's defaults for %s follow its sources", (framework, description, expected) => {
  const weights = layer(framework, description);
  for (const [name, [shape, distribution]] of Object.entries(expected)) {
    const weight = weights[name] as NamedWeights[string];
    expect(weight.shape, name).toEqual(shape);
    const ours = resolve(weight.shape, weight.scheme) as unknown as Record<string, unknown>;
    for (const [key, value] of Object.entries(distribution)) {
      if (typeof value === "number") expect(near(ours[key] as number, value), `${name}: ${key}`).toBe(true);
      else expect(ours[key], name).toBe(value);
    }
  }
});

test("every tensor of every layer of every framework can be drawn", () => {
  for (const framework of ["torch", "keras", "flax", "tfjs", "mlx"] as const) {
    const layers = ["linear 4 3", "convolution 4 6 3 2", "embedding 5 4", "normalization 4"];
    const recurrent = ["rnn 4 3", "lstm 4 3", "gru 4 3"];
    const attention = framework === "tfjs" ? [] : ["attention 4 2"];
    for (const description of [...layers, ...recurrent, ...attention]) {
      for (const [name, { shape, scheme }] of Object.entries(layer(framework, description))) {
        expect(init(shape, scheme, { seed: 1, name })).toHaveLength(shape.reduce((size, n) => size * n, 1));
      }
    }
  }
});

describe("recurrent kernels are orthogonal", () => {
  const kindsOf = (weights: NamedWeights) =>
    Object.fromEntries(
      Object.entries(weights).map(([name, { shape, scheme }]) => [name, [shape, resolve(shape, scheme).kind]]),
    );

  test("in keras, where the gates are packed", () => {
    const { recurrent } = defaults("keras");
    const lstm = recurrent({ cell: "lstm", in: 20, hidden: 25 });
    expect(kindsOf(lstm)).toEqual({
      kernel: [[20, 100], "uniform"],
      recurrent_kernel: [[25, 100], "orthogonal"],
      bias: [[100], "split"],
    });
    expect([...init(lstm.bias.shape, lstm.bias.scheme)]).toEqual([0, 1, 0, 0].flatMap((x) => new Array(25).fill(x)));
    expect(recurrent({ cell: "gru", in: 20, hidden: 25 }).bias.shape).toEqual([2, 75]);
    expect(kindsOf(recurrent({ cell: "rnn", in: 20, hidden: 25 }))).toEqual({
      kernel: [[20, 25], "uniform"],
      recurrent_kernel: [[25, 25], "orthogonal"],
      bias: [[25], "constant"],
    });
  });

  test("in flax, where each gate is a layer", () => {
    const { recurrent } = defaults("flax");
    const lstm = kindsOf(recurrent({ cell: "lstm", in: 20, hidden: 25 }));
    expect(Object.keys(lstm)).toHaveLength(12);
    expect(lstm["ig.kernel"]).toEqual([[20, 25], "truncated"]);
    expect(lstm["hf.kernel"]).toEqual([[25, 25], "orthogonal"]);
    expect(lstm["ho.bias"]).toEqual([[25], "constant"]);
    const biases = Object.keys(recurrent({ cell: "gru", in: 20, hidden: 25 })).filter((name) => name.endsWith("bias"));
    expect(biases.sort()).toEqual(["hn.bias", "in.bias", "ir.bias", "iz.bias"]);
    expect(Object.keys(recurrent({ cell: "rnn", in: 20, hidden: 25 })).sort()).toEqual([
      "h.kernel",
      "i.bias",
      "i.kernel",
    ]);
  });
});

test("layers without biases have weights alone", () => {
  expect(Object.keys(defaults("torch").dense({ in: 2, out: 3, bias: false }))).toEqual(["weight"]);
  expect(Object.keys(defaults("torch").recurrent({ cell: "gru", in: 2, hidden: 3, bias: false }))).toEqual([
    "weight_ih_l0",
    "weight_hh_l0",
  ]);
  expect(Object.keys(defaults("mlx").recurrent({ cell: "gru", in: 2, hidden: 3, bias: false }))).toEqual(["Wx", "Wh"]);
});

test("mlx's attention has biases when they are asked for", () => {
  const { attention } = defaults("mlx");
  expect(Object.keys(attention({ width: 64, heads: 8 }))).toHaveLength(4);
  const weights = attention({ width: 64, heads: 8, bias: true });
  expect(Object.keys(weights)).toHaveLength(8);
  expect(resolve([64], weights["out_proj.bias"]?.scheme as never)).toEqual({
    kind: "uniform",
    low: -0.125,
    high: 0.125,
  });
  expect(Object.keys(attention({ width: 64, heads: 8, bias: false }))).toHaveLength(4);
});

describe("defaults refuse", () => {
  const torch = defaults("torch");
  test.each<[string, () => unknown, RegExp]>([
    ["an unknown framework", () => defaults("tensorflow" as never), /^framework/],
    ["a layer without sizes", () => torch.dense({} as never), /^in: expected a whole number/],
    ["a size of 0", () => torch.dense({ in: 3, out: 0 }), /^out/],
    ["an unknown size", () => torch.dense({ in: 3, out: 1, units: 2 } as never), /^shape: .*got "units"/],
    ["a bias that is a string", () => torch.dense({ in: 3, out: 1, bias: "no" as never }), /^bias/],
    ["a kernel that is a number", () => torch.convolution({ in: 3, out: 1, kernel: 3 as never }), /^kernel/],
    [
      "a kernel that leaves an axis out",
      () => torch.convolution({ in: 3, out: 1, kernel: Object.assign(Array(2), { 0: 3 }) }),
      /^kernel\[1\]: .* got undefined/,
    ],
    ["a kernel of no axis", () => torch.convolution({ in: 3, out: 1, kernel: [] }), /^kernel: .* got 0/],
    ["a kernel of four axes", () => torch.convolution({ in: 3, out: 1, kernel: [1, 1, 1, 1] }), /^kernel: .* got 4/],
    ["a kernel of 0", () => torch.convolution({ in: 3, out: 1, kernel: [0] }), /^kernel\[0\]/],
    [
      "groups that do not divide",
      () => torch.convolution({ in: 3, out: 4, kernel: [3], groups: 2 }),
      /^groups.*in \(3\)/,
    ],
    ["heads that do not divide", () => torch.attention({ width: 10, heads: 3 }), /^heads/],
    ["an unknown cell", () => torch.recurrent({ cell: "mgu" as never, in: 1, hidden: 1 }), /^cell/],
    [
      "attention in TensorFlow.js",
      () => defaults("tfjs").attention({ width: 4, heads: 2 }),
      /^framework: .*attention.*"tfjs"/,
    ],
  ])("%s", (_, run, message) => expect(run).toThrow(message));
});
