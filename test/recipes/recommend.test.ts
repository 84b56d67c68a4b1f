/** What `recommend` says, and that signals survive in deep networks that follow it. */
import { describe, expect, test } from "vitest";
import type { Independent } from "../../src/distribution.js";
import * as nn from "../../src/index.js";
import { stdOf } from "../../src/moments.js";
import { recommend } from "../../src/recipes.js";
import { FUNCTIONS } from "../scheme/activations.js";

const std = (scheme: nn.Scheme, shape: readonly number[]) => stdOf(nn.resolve(shape, scheme) as Independent);

test("each kind of layer has the scheme that the literature recommends for its activation", () => {
  expect(recommend().scheme).toEqual(nn.heNormal());
  expect(recommend({ layout: "oi" }).scheme).toEqual(nn.kaimingNormal());
  expect(recommend({ activation: "tanh" }).scheme).toEqual(nn.glorotUniform());
  // Glorot and Bengio derive eq. 16 for a slope of 1 at 0: theirs are 1/4 and 1/6 (Theano's tutorial has the 4 as well).
  expect(recommend({ activation: "sigmoid", layout: "oi" }).scheme).toEqual(
    nn.xavierUniform({ gain: 4, layout: "oi" }),
  );
  expect(recommend({ activation: "hardSigmoid" }).scheme).toEqual(nn.xavierUniform({ gain: 6, layout: "io" }));
  expect(recommend({ activation: "selu" }).scheme).toEqual(nn.lecunNormal());
  expect(recommend({ activation: "linear", layout: "oi" }).scheme).toEqual(nn.lecunNormal({ layout: "oi" }));
  expect(recommend({ layer: "bias" }).scheme).toEqual(nn.zeros());
  expect(recommend({ layer: "normalization" }).scheme).toEqual(nn.ones());
  expect(recommend({ layer: "embedding" }).scheme).toEqual(nn.normal({ std: 0.02 }));
  expect(recommend({ layer: "recurrent" }).scheme).toEqual(nn.orthogonal());
  expect(recommend({ layer: "recurrent", activation: "relu" }).scheme).toEqual(nn.identity());
  expect(recommend({ layer: "attention" }).scheme).toEqual(nn.glorotUniform());
  expect(recommend({ layer: "attention", layout: "oi" }).scheme).toEqual(nn.xavierUniform());
});

test("the last layers of twelve blocks of two branches are scaled by GPT-2's 1 / sqrt(24)", () => {
  const plain = recommend({ activation: "linear" });
  const last = recommend({ residual: true, branches: 24, normalization: "layer" });
  expect(std(plain.scheme, [768, 768]) / std(last.scheme, [768, 768])).toBeCloseTo(Math.sqrt(24), 12);
  expect(last.source).toContain("Radford");
  expect(recommend({ residual: true, branches: 24 }).source).toContain("Hanin");
});

describe.each(["io", "oi"] as const)("in layout %s", (layout) => {
  // A standard normal signal neither vanishes nor explodes in ten layers of the recommended scheme.
  test.each(["relu", "leakyRelu", "elu", "selu", "tanh", "sin", "linear"] as const)(
    "%s keeps its signal through ten layers",
    (activation) => {
      const f = activation === "leakyRelu" ? (x: number) => (x > 0 ? x : 0.01 * x) : FUNCTIONS[activation];
      const N = 200;
      const { scheme } = recommend({ activation, layout });
      let signal = Float64Array.from(nn.init([N], nn.normal({ std: 1 }), { seed: 1, name: "x" }));
      let square = 0;
      for (let layer = 0; layer < 10; ++layer) {
        const weight = nn.init([N, N], scheme, { seed: 1, name: `w${layer}` });
        const next = new Float64Array(N);
        for (let o = 0; o < N; ++o) {
          let sum = 0;
          for (let i = 0; i < N; ++i)
            sum += (weight[layout === "io" ? i * N + o : o * N + i] as number) * (signal[i] as number);
          next[o] = sum;
        }
        square = next.reduce((total, x) => total + x * x, 0) / N;
        signal = next.map(f);
      }
      expect(square).toBeGreaterThan(activation === "tanh" ? 0.03 : 0.3); // tanh with Glorot decays as 1 / layer
      expect(square).toBeLessThan(3);
    },
  );
});

test("gated units: the gain of the layer after one is 1 / sqrt(E a^2 E f(b)^2)", () => {
  for (const [unit, gain] of [
    ["glu", 1.846229],
    ["swiglu", 1.676532],
    ["geglu", 1.53353],
    ["reglu", Math.SQRT2],
  ] as const) {
    const { scheme, reason } = recommend({ activation: unit, layout: "oi" });
    expect(std(scheme, [64, 256]) * 16).toBeCloseTo(gain, 5);
    expect(reason).toContain(
      `the gain ${nn
        .gain(({ glu: "sigmoid", swiglu: "silu", geglu: "gelu", reglu: "relu" } as const)[unit])
        .toPrecision(6)
        .replace(/0+$/, "")}`,
    );
    const last = recommend({ activation: unit, residual: true, branches: 24, normalization: "rms" });
    expect(std(last.scheme, [256, 64]) * 16).toBeCloseTo(gain / Math.sqrt(24), 5);
  }
  expect(std(recommend({ layer: "gate" }).scheme, [256, 64])).toBeCloseTo(1 / 16, 12);
  expect(std(recommend({ layer: "gate", layout: "oi" }).scheme, [64, 256])).toBeCloseTo(1 / 16, 12);
});

test("a gated feed-forward network keeps the mean square of what it is given", () => {
  const N = 256;
  const draw = (scheme: nn.Scheme, name: string) => nn.init([N, N], scheme, { seed: 1, name });
  const times = (x: ArrayLike<number>, w: Float32Array) =>
    Float64Array.from({ length: N }, (_, o) => {
      let sum = 0;
      for (let i = 0; i < N; ++i) sum += (x[i] as number) * (w[i * N + o] as number);
      return sum;
    });
  const { scheme } = recommend({ layer: "gate" });
  const [up, gate] = [draw(scheme, "up"), draw(scheme, "gate")];
  const down = draw(recommend({ activation: "swiglu" }).scheme, "down");
  let square = 0;
  for (let sample = 0; sample < 20; ++sample) {
    const x = nn.init([N], nn.normal({ std: 1 }), { seed: 2, name: `x${sample}` });
    const b = times(x, gate);
    const y = times(
      times(x, up).map((a, i) => a * FUNCTIONS.silu(b[i] as number)),
      down,
    );
    square += y.reduce((sum, value) => sum + value * value, 0) / N / 20;
  }
  expect(Math.abs(square - 1)).toBeLessThan(0.15);
});

test("low-rank adapters: PEFT's A within 1 / sqrt(fan in), B zero (Hu et al. 2021)", () => {
  expect(nn.resolve([8, 400], recommend({ layer: "loraA", layout: "oi" }).scheme)).toEqual({
    kind: "uniform",
    low: expect.closeTo(-0.05, 15),
    high: expect.closeTo(0.05, 15),
  });
  expect((nn.resolve([400, 8], recommend({ layer: "loraA" }).scheme) as { high: number }).high).toBeCloseTo(0.05, 15);
  expect(recommend({ layer: "loraB" }).scheme).toEqual(nn.zeros());
});

test("output layers", () => {
  expect(recommend({ layer: "head" }).scheme).toEqual(nn.normal({ std: 0.01 })); // Goyal et al. 2017, section 5.1
  // Lin et al. 2017, section 4.1: -ln((1 - p) / p), for p = 0.01 -ln 99.
  const { scheme } = recommend({ layer: "bias", prior: 0.01 });
  expect((scheme as { value: number }).value).toBeCloseTo(-4.59511985013459, 13);
  expect(recommend({ layer: "bias", prior: 0.5 }).scheme).toEqual(nn.constant(0));
});

test("layer scale, by blocks of two branches: Touvron et al. 2021, section 2", () => {
  for (const [blocks, value] of [
    [12, 0.1],
    [18, 0.1],
    [24, 1e-5],
    [36, 1e-6],
    [48, 1e-6],
  ] as const) {
    expect(recommend({ layer: "layerScale", branches: 2 * blocks }).scheme).toEqual(nn.constant(value));
  }
});

test("a convolution before a pixel shuffle: the scheme of a convolution, and ICNR", () => {
  const { scheme, reason, source } = recommend({ layer: "subPixel", activation: "relu", layout: "oi" });
  expect(scheme).toEqual(nn.kaimingNormal());
  expect(reason).toMatch(/outputs \/ r\^2 .* repeat each of them r\^2 times, side by side \(ICNR\)/);
  expect(source).toContain("Aitken");
  // Its fan in, and so its std, is that of the whole layer.
  expect(std(scheme, [16, 64, 3, 3])).toBe(std(scheme, [64, 64, 3, 3]));
});

test("every activation has a recommendation with reason and source", () => {
  for (const activation of [
    "relu6",
    "reluSquared",
    "gelu",
    "geluTanh",
    "quickGelu",
    "mish",
    "softplus",
    "softsign",
    "erf",
  ] as const) {
    const { scheme, reason, source } = recommend({ activation });
    expect(std(scheme, [64, 64])).toBeGreaterThan(0);
    expect(reason).toMatch(/^\S.*\.$/);
    expect(source).toMatch(/, (19|20)\d\d/);
    expect(nn.scheme(JSON.parse(JSON.stringify(scheme)))).toEqual(scheme);
  }
  expect(recommend({ activation: "leakyRelu" }).scheme).toMatchObject({ slope: 0.01 });
  expect(recommend({ activation: "leakyRelu", slope: 0.2 }).scheme).toEqual(
    nn.kaimingNormal({ activation: "leakyRelu", slope: 0.2, layout: "io" }),
  );
});

test.each<[string, () => unknown, typeof TypeError | typeof RangeError, RegExp]>([
  [
    "an unknown activation",
    () => recommend({ activation: "reul" as never }),
    RangeError,
    /^activation.*perhaps "relu"/,
  ],
  [
    "an unknown layer",
    () => recommend({ layer: "convolutional" as never }),
    RangeError,
    /^layer.*perhaps "convolution"/,
  ],
  ["an unknown option", () => recommend({ layers: "dense" } as never), TypeError, /^options/],
  ["residual without branches", () => recommend({ residual: true }), TypeError, /^branches/],
  ["branches 0", () => recommend({ residual: true, branches: 0 }), RangeError, /^branches/],
  ["branches fractional", () => recommend({ residual: true, branches: 1.5 }), RangeError, /^branches/],
  ["residual text", () => recommend({ residual: "yes" as never }), TypeError, /^residual/],
  ["branches without residual", () => recommend({ branches: 2 }), TypeError, /^branches: expected residual: true/],
  ["layer scale without branches", () => recommend({ layer: "layerScale" }), TypeError, /^branches.*layerScale/],
  [
    "an activation for a bias",
    () => recommend({ layer: "bias", activation: "relu" }),
    TypeError,
    /^activation: .*"bias"/,
  ],
  [
    "a gated unit for a state",
    () => recommend({ layer: "recurrent", activation: "swiglu" }),
    RangeError,
    /^activation/,
  ],
  ["a slope beside swiglu", () => recommend({ activation: "swiglu", slope: 0.1 }), TypeError, /^slope/],
  ["a prior of 1", () => recommend({ layer: "bias", prior: 1 }), RangeError, /^prior/],
  ["a prior of 0", () => recommend({ layer: "bias", prior: 0 }), RangeError, /^prior/],
  ["swish", () => recommend({ activation: "swish" as never }), RangeError, /^activation.*perhaps "silu"/],
  ["prelu", () => recommend({ activation: "prelu" as never }), RangeError, /^activation.*perhaps "leakyRelu"/],
  ["a slope beside gelu", () => recommend({ activation: "gelu", slope: 0.1 }), TypeError, /^slope/],
  ["an unknown normalization", () => recommend({ normalization: "group" as never }), RangeError, /^normalization/],
])("recommend refuses %s", (_, call, type, message) => {
  expect(call).toThrow(type);
  expect(call).toThrow(message);
});
