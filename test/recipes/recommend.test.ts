/** What `recommend` says, and that signals survive in deep networks that follow it. */
import { describe, expect, test } from "vitest";
import type { Independent } from "../../src/distribution.js";
import * as nn from "../../src/index.js";
import { stdOf } from "../../src/moments.js";
import { EXPONENTS } from "../../src/recipes/recommend.js";
import { recommend } from "../../src/recipes.js";
import { FUNCTIONS } from "../scheme/activations.js";

const std = (scheme: nn.Scheme, shape: readonly number[]) => stdOf(nn.resolve(shape, scheme) as Independent);

test("each kind of layer has the scheme that the literature recommends for its activation", () => {
  expect(recommend().scheme).toEqual(nn.heNormal());
  expect(recommend({ layout: "oi" }).scheme).toEqual(nn.kaimingNormal());
  expect(recommend({ activation: "tanh" }).scheme).toEqual(nn.glorotUniform());
  expect(recommend({ activation: "sigmoid", layout: "oi" }).scheme).toEqual(nn.xavierUniform());
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

// Activations that do not keep a signal's size by themselves. The reason gives the exponent.
test.each(["silu", "quickGelu", "geluTanh", "gelu", "mish", "hardSwish", "reluSquared"] as const)(
  "the reason for %s says how a mean square moves away from 1",
  (activation) => {
    const f = FUNCTIONS[activation];
    const logSquare = (q: number) => -2 * Math.log(nn.gain((x) => f(Math.sqrt(q) * x)));
    const exponent = (logSquare(1.001) - logSquare(1 / 1.001)) / (2 * Math.log(1.001));
    expect(EXPONENTS[activation]).toBeCloseTo(exponent, 2);
    expect(recommend({ activation }).reason).toContain(`q^${EXPONENTS[activation]}`);
  },
);

test("tanh, sin, relu and softplus do not move a mean square away from 1", () => {
  for (const f of [FUNCTIONS.tanh, FUNCTIONS.sin, FUNCTIONS.relu, FUNCTIONS.softplus]) {
    const logSquare = (q: number) => -2 * Math.log(nn.gain((x) => f(Math.sqrt(q) * x)));
    expect((logSquare(1.001) - logSquare(1 / 1.001)) / (2 * Math.log(1.001))).toBeLessThan(1 + 1e-9);
  }
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
  ["0 branches", () => recommend({ residual: true, branches: 0 }), RangeError, /^branches/],
  ["half a branch", () => recommend({ residual: true, branches: 1.5 }), RangeError, /^branches/],
  ["residual that is a string", () => recommend({ residual: "yes" as never }), TypeError, /^residual/],
  ["a slope beside gelu", () => recommend({ activation: "gelu", slope: 0.1 }), TypeError, /^slope/],
  ["an unknown normalization", () => recommend({ normalization: "group" as never }), RangeError, /^normalization/],
])("recommend refuses %s", (_, call, type, message) => {
  expect(call).toThrow(type);
  expect(call).toThrow(message);
});
