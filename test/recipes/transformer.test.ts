/** The stds of recipes against the formulas of their papers, written out here a second time. */
import { describe, expect, test } from "vitest";
import type { Independent } from "../../src/distribution.js";
import { fans, resolve, type Scheme } from "../../src/index.js";
import { truncatedStd } from "../../src/math/truncation.js";
import { stdOf } from "../../src/moments.js";
import {
  deepNorm,
  depthScaled,
  fixup,
  gpt2,
  megatron,
  mitchell,
  muP,
  reZero,
  siren,
  smallInit,
  spectral,
  subLN,
  type TransformerRecipe,
  tFixup,
} from "../../src/recipes.js";

const D = 512;
const std = (scheme: Scheme, shape: readonly number[] = [D, D]) => stdOf(resolve(shape, scheme) as Independent);
const close = (a: number, b: number) => expect(Math.abs(a / b - 1), `${a} and ${b}`).toBeLessThan(1e-13);

test("gpt2 and megatron draw with std 0.02, and the last layers of branches with 0.02 / sqrt(2 layers)", () => {
  const {
    weights,
    multipliers: { residual },
  } = gpt2({ layers: 12 });
  for (const name of ["embedding", "position", "query", "key", "value", "up", "head"] as const)
    close(std(weights[name]), 0.02);
  for (const name of ["output", "down"] as const) close(std(weights[name]), 0.02 / Math.sqrt(24));
  expect([weights.bias, weights.scale, residual]).toEqual([{ scheme: "zeros" }, { scheme: "ones" }, 1]);
  close(std(megatron({ layers: 2, std: 0.006 }).weights.down), 0.003);
});

test("depthScaled divides the last layers of block l by sqrt(2 (l + 1))", () => {
  for (const layer of [0, 1, 31]) {
    const { weights } = depthScaled({ layer });
    close(std(weights.query), 0.02);
    close(std(weights.down), 0.02 / Math.sqrt(2 * (layer + 1)));
  }
});

test("smallInit has the std sqrt(2 / (5 width)), and with a depth Wang's std for the last layers of branches", () => {
  const plain = smallInit({ width: D });
  for (const name of ["query", "down"] as const) close(std(plain.weights[name]), Math.sqrt(2 / (5 * D)));
  const deep = smallInit({ width: D, layers: 24 });
  close(std(deep.weights.output), 2 / 24 / Math.sqrt(D));
  close(std(deep.weights.up), Math.sqrt(2 / (5 * D)));
});

test("mitchell draws normals truncated at 3 std, and divides the last layers of block l by sqrt(2 (l + 1))", () => {
  const share = truncatedStd(-3, 3);
  const { weights } = mitchell({ width: D, layer: 3 });
  close(std(weights.up), share / Math.sqrt(D));
  close(std(weights.output), share / Math.sqrt(2 * D * 4));
  close(std(weights.down), share / Math.sqrt(2 * 4 * D * 4));
  close(std(mitchell({ width: D, hidden: 1000, layer: 0 }).weights.down), share / Math.sqrt(2000));
});

const xavier = Math.sqrt(2 / (2 * D));

type Stack = TransformerRecipe<"position" | "bias" | "scale">;

function gains(recipe: Stack | undefined, gain: number): void {
  const { weights } = recipe as Stack;
  for (const name of ["value", "output", "up", "down"] as const) close(std(weights[name]), gain * xavier);
  for (const name of ["query", "key"] as const) close(std(weights[name]), xavier);
}

test("deepNorm has the gains and multipliers of figure 2", () => {
  const N = 18;
  const M = 6;
  for (const alone of [deepNorm({ encoder: N }).encoder, deepNorm({ decoder: N }).decoder]) {
    gains(alone, (8 * N) ** -0.25);
    close(alone?.multipliers.residual as number, (2 * N) ** 0.25);
  }
  const { encoder, decoder } = deepNorm({ encoder: N, decoder: M });
  gains(encoder, 0.87 * (N ** 4 * M) ** (-1 / 16));
  close(encoder?.multipliers.residual as number, 0.81 * (N ** 4 * M) ** (1 / 16));
  gains(decoder, (12 * M) ** -0.25);
  close(decoder?.multipliers.residual as number, (3 * M) ** 0.25);
});

test("deepNorm keeps an update bounded: beta^2 of a stack's sum falls as 1 / N, where the code's 1.15 is larger than 1", () => {
  const beta = (n: number) => std((deepNorm({ encoder: n, decoder: n }).encoder as Stack).weights.value) / xavier;
  expect(beta(1)).toBeLessThan(1);
  close(beta(1000), 0.87 * 1000 ** (-5 / 16));
});

test("subLN has the gains of its paper for an encoder, a decoder and both", () => {
  gains(subLN({ encoder: 12 }).encoder, Math.sqrt(Math.log(24)));
  gains(subLN({ decoder: 24 }).decoder, Math.sqrt(Math.log(48)));
  const { encoder, decoder } = subLN({ encoder: 12, decoder: 6 });
  gains(encoder, Math.sqrt((Math.log(18) * Math.log(24)) / 3));
  gains(decoder, Math.sqrt(Math.log(18)));
});

test("tFixup has the gains and embeddings of its paper for an encoder and a decoder", () => {
  const { encoder, decoder } = tFixup({ width: D, encoder: 6, decoder: 8 });
  gains(encoder, 0.67 * 6 ** -0.25);
  gains(decoder, (9 * 8) ** -0.25);
  close(std((decoder as Stack).weights.embedding), (9 * 8) ** -0.25 * D ** -0.5);
  close(std((encoder as Stack).weights.embedding), (9 * 6) ** -0.25 * D ** -0.5);
  expect(Object.keys(tFixup({ width: D, decoder: 8 }))).toEqual(["decoder"]);
  gains(tFixup({ width: D, decoder: 8 }).decoder, (9 * 8) ** -0.25);
});

describe("weights outside of blocks", () => {
  const VOCABULARY = 50257;

  test("deepNorm and subLN, by torchscale's embedding.py and decoder.py: N(0, 1 / width), whatever the vocabulary", () => {
    for (const stacks of [deepNorm({ encoder: 12, decoder: 24 }), subLN({ encoder: 12, decoder: 24 })]) {
      for (const { weights } of [stacks.encoder, stacks.decoder] as Stack[]) {
        for (const name of ["embedding", "head"] as const) {
          close(std(weights[name], [VOCABULARY, D]), 1 / Math.sqrt(D));
          close(std(weights[name], [100, D]), 1 / Math.sqrt(D));
        }
      }
    }
  });

  test("tFixup: the head by Xavier, as all but the embeddings (Huang et al. 2020)", () => {
    close(std((tFixup({ width: D, decoder: 8 }).decoder as Stack).weights.head, [100, D]), Math.sqrt(2 / (100 + D)));
  });

  test("what the sources do not say is not there", () => {
    const names = (recipe: object | undefined) => Object.keys((recipe as Stack).weights).sort();
    const block = ["down", "key", "output", "query", "up", "value"];
    expect(names(deepNorm({ decoder: 2 }).decoder)).toEqual([...block, "embedding", "head", "scale"].sort());
    expect(names(subLN({ encoder: 2 }).encoder)).toEqual([...block, "embedding", "head", "scale"].sort());
    expect(names(tFixup({ width: D, encoder: 2 }).encoder)).toEqual([...block, "embedding", "head", "bias"].sort());
    expect(names(depthScaled({ layer: 0 }))).toEqual([...block, "scale"].sort());
    const all = [...block, "embedding", "position", "head", "bias", "scale"].sort();
    for (const recipe of [gpt2({ layers: 2 }), smallInit({ width: D }), mitchell({ width: D, layer: 0 })]) {
      expect(names(recipe)).toEqual(all);
    }
  });

  test("smallInit and mitchell, by the code of GPT-NeoX and of OLMo", () => {
    for (const name of ["embedding", "position", "head"] as const) {
      close(std(smallInit({ width: D, layers: 4 }).weights[name], [VOCABULARY, D]), Math.sqrt(2 / (5 * D)));
      close(std(mitchell({ width: D, layer: 3 }).weights[name], [VOCABULARY, D]), truncatedStd(-3, 3) / Math.sqrt(D));
    }
  });
});

test("fixup", () => {
  const { weights, scalars } = fixup({ branches: 54 });
  close(std(weights.inner, [64, 64, 3, 3]), Math.sqrt(2 / 576) * 54 ** -0.5);
  close(std(fixup({ branches: 16, layers: 3 }).weights.inner, [64, 64]), Math.sqrt(2 / 64) * 16 ** -0.25);
  close(std(weights.other, [64, 3, 3, 3]), Math.sqrt(2 / 27));
  expect([weights.last, weights.head, scalars.multiplier, scalars.bias].map(({ scheme }) => scheme)).toEqual([
    "zeros",
    "zeros",
    "ones",
    "zeros",
  ]);
});

test("reZero starts every gate at zero", () => expect(reZero().scalars.gate).toEqual({ scheme: "zeros" }));

test("muP scales hidden and output weights, learning rates and attention with the width", () => {
  const recipe = muP({ width: 4096, base: 256 });
  close(std(recipe.weights.input), 0.02);
  close(std(recipe.weights.hidden), 0.02 / 4);
  expect(recipe.weights.output).toEqual({ scheme: "zeros" });
  close(std(muP({ width: 4096, base: 256, zeroOutput: false }).weights.output), 0.02 / 16);
  expect(recipe.learningRates).toEqual({
    adam: { input: 1, hidden: 1 / 16, output: 1 / 16 },
    sgd: { input: 16, hidden: 1, output: 1 / 16 },
  });
  expect(recipe.multipliers.attention).toBe(0.25);
  const same = muP({ width: 256, base: 256, zeroOutput: false });
  expect(new Set(Object.values(same.weights).map((scheme) => std(scheme)))).toEqual(new Set([0.02]));
});

test("spectral draws matrices whose norm is of the order of sqrt(fan out / fan in)", async () => {
  const { init } = await import("../../src/index.js");
  for (const [fanIn, fanOut] of [
    [200, 200],
    [200, 50],
    [50, 200],
  ] as const) {
    const scheme = spectral({ fans: { in: fanIn, out: fanOut } }).weights.weight;
    close(std(scheme), Math.min(1, Math.sqrt(fanOut / fanIn)) / Math.sqrt(fanIn));
    const w = init([fanOut, fanIn], scheme, { seed: 1, name: "w", dtype: "f64" });
    let v = new Float64Array(fanIn).fill(1);
    let norm = 0;
    for (let turn = 0; turn < 200; ++turn) {
      const u = Float64Array.from({ length: fanOut }, (_, i) =>
        v.reduce((sum, x, j) => sum + x * (w[i * fanIn + j] as number), 0),
      );
      const back = Float64Array.from({ length: fanIn }, (_, j) =>
        u.reduce((sum, x, i) => sum + x * (w[i * fanIn + j] as number), 0),
      );
      norm = Math.sqrt(Math.hypot(...back));
      v = back.map((x) => x / norm ** 2);
    }
    const ratio = norm / Math.sqrt(fanOut / fanIn);
    expect(ratio).toBeGreaterThan(0.9);
    expect(ratio).toBeLessThan(3.1); // 2 for a square matrix; 1 + sqrt(in / out), or that over sqrt(out / in)
  }
});

test("spectral takes the fans of a strided convolution, which need not be whole", () => {
  const strided = fans([1, 8, 3, 3], { layout: "oi", stride: 2 });
  expect(strided).toEqual({ in: 72, out: 2.25 });
  close(std(spectral({ fans: strided }).weights.weight), Math.sqrt(2.25) / 72);
});

test("siren has the bounds of its paper for the first and for hidden layers", () => {
  const { first, hidden } = siren({ inputs: 2 }).weights;
  expect(resolve([256, 2], first)).toEqual({ kind: "uniform", low: -0.5, high: 0.5 });
  close((resolve([256, 128], hidden) as { high: number }).high, Math.sqrt(6 / 128) / 30);
  close(
    (resolve([100, 7], siren({ inputs: 2, omega: 1, layout: "io" }).weights.hidden) as { high: number }).high,
    Math.sqrt(6 / 100),
  );
});

test("recipes go to JSON and back, and name the year of their source", () => {
  for (const recipe of [
    gpt2({ layers: 2 }),
    mitchell({ width: 8, layer: 0 }),
    fixup({ branches: 2 }),
    muP({ width: 2, base: 1 }),
  ]) {
    expect(JSON.parse(JSON.stringify(recipe))).toEqual(recipe);
    expect(recipe.source).toMatch(/\b(19|20)\d\d\b/);
  }
});

describe("recipes refuse", () => {
  test.each<[string, () => unknown, RegExp]>([
    ["a missing number of layers", () => gpt2({} as never), /^layers: expected a whole number/],
    ["0 layers", () => gpt2({ layers: 0 }), /^layers: expected a whole number from 1/],
    ["half a layer", () => gpt2({ layers: 1.5 }), /^layers/],
    ["an unknown option", () => gpt2({ layers: 1, depth: 2 } as never), /^options: .*got "depth"/],
    ["a negative std", () => gpt2({ layers: 1, std: -1 }), /^std/],
    ["no layer", () => depthScaled({} as never), /^layer: expected a whole number, got undefined/],
    ["no layer beside a width", () => mitchell({ width: 8 } as never), /^layer: expected a whole number/],
    ["a negative layer", () => depthScaled({ layer: -1 }), /^layer/],
    ["a width of 0", () => smallInit({ width: 0 }), /^width/],
    ["layers that are a string", () => smallInit({ width: 8, layers: "2" as never }), /^layers/],
    ["a hidden width of 0", () => mitchell({ width: 8, layer: 0, hidden: 0 }), /^hidden/],
    ["neither encoder nor decoder", () => deepNorm({}), /^encoder, decoder/],
    ["an encoder of 0 layers", () => deepNorm({ encoder: 0 }), /^encoder/],
    ["a decoder of NaN layers", () => subLN({ encoder: 1, decoder: Number.NaN }), /^decoder/],
    ["a missing width", () => tFixup({ encoder: 1 } as never), /^width/],
    ["branches of one layer", () => fixup({ branches: 3, layers: 1 }), /^layers: expected 2 or more/],
    ["0 branches", () => fixup({ branches: 0 }), /^branches/],
    ["a base width of 0", () => muP({ width: 8, base: 0 }), /^base/],
    ["zeros by a word", () => muP({ width: 8, base: 4, zeroOutput: "no" as never }), /^zeroOutput: expected a boolean/],
    ["a fan of 0", () => spectral({ fans: { in: 0, out: 1 } }), /^fans.in/],
    ["an omega of 0", () => siren({ inputs: 2, omega: 0 }), /^omega/],
    ["an unknown layout", () => siren({ inputs: 2, layout: "oihw" as never }), /^layout/],
  ])("%s", (_, run, message) => expect(run).toThrow(message));
});
