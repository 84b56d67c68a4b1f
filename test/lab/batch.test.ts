/**
 * Batch normalization, post-normalization and biases: against closed forms and mean field theory, within what a network of
 * finite width and a batch of finite size allow.
 */
import { describe, expect, test } from "vitest";
import { columnsOf } from "../../src/engine/product.js";
import { type NormalizationSpec, normalize } from "../../src/lab/normalization.js";
import { type LabOptions, lab } from "../../src/lab.js";

const base: LabOptions = { depth: 8, width: 128, samples: 96, seeds: 2, recommendation: false, jacobian: false };
const normal = (variance: number, width: number) => ({ scheme: "normal", std: Math.sqrt(variance / width) }) as const;

test("relu behind batch normalization: gradients grow by pi / (pi - 1) per layer (Yang et al. 2019)", () => {
  const { verdict, layers } = lab({
    ...base,
    depth: 16,
    width: 192,
    samples: 192,
    seeds: 1,
    normalization: "batch",
    scheme: "heNormal",
  });
  const factor = Math.PI / (Math.PI - 1); // E f'^2 / Var f = (1/2) / (1/2 - 1 / (2 pi)) of a standard normal: 1.467
  expect(verdict.kind).toBe("exploding");
  expect(Math.abs(verdict.factorPerLayer.backward / factor - 1)).toBeLessThan(0.05);
  expect(verdict.factorPerLayer.forward).toBeCloseTo(1, 1);
  const theory = layers.map(({ backward }) => backward.theory as number);
  expect((theory[10] as number) / (theory[11] as number)).toBeCloseTo(factor, 4);
});

test("any scale of the weights gives the same: it is divided out again (Ioffe, Szegedy 2015, section 3.3)", () => {
  const [small, large] = [0.5, 8].map((variance) => {
    return lab({ ...base, normalization: "batch", scheme: normal(variance, 128) }).verdict.factorPerLayer;
  });
  expect((small?.backward as number) / (large?.backward as number)).toBeCloseTo(1, 3);
});

test("after batch normalization each unit has mean 0 and variance 1 over the batch; padding is left out", () => {
  for (const columns of [5, 8, 13]) {
    const [spec, stride]: [NormalizationSpec, number] = [{ normalization: "batch", width: 3 }, columnsOf(columns)];
    const from = Float32Array.from({ length: 3 * stride }, (_, i) => (i % stride < columns ? Math.sin(i) + i : 1e6));
    const to = new Float32Array(from.length).fill(7);
    normalize(spec, to, from, columns);
    for (let i = 0; i < 3; ++i) {
      const row = [...to.subarray(i * stride, i * stride + columns)];
      expect(row.reduce((sum, x) => sum + x, 0) / columns).toBeCloseTo(0, 6);
      expect(row.reduce((sum, x) => sum + x * x, 0) / columns).toBeCloseTo(1, 4);
      expect([...to.subarray(i * stride + columns, (i + 1) * stride)].every((x) => x === 0)).toBe(true);
    }
  }
});

describe("theory", () => {
  test.each<[string, LabOptions]>([
    ["batch", { normalization: "batch", scheme: "heNormal" }],
    ["batch, tanh", { normalization: "batch", activation: "tanh" }],
    ["batch, residual", { normalization: "batch", residual: true, scheme: "heNormal" }],
    ["batch, after", { normalization: "batch", residual: true, scheme: "heNormal", normalizationAt: "post" }],
    [
      "layer, after",
      { normalization: "layer", residual: true, scheme: "heNormal", normalizationAt: "post", width: 192 },
    ],
    ["rms, after", { normalization: "rms", residual: true, activation: "tanh", normalizationAt: "post" }],
    ["biases", { activation: "tanh", biasVariance: 0.05, scheme: normal(1.76, 128) }],
    ["biases, relu", { seeds: 8, biasVariance: 0.3, scheme: normal(1.2, 128) }],
    ["biases, residual", { biasVariance: 0.1, residual: true, branchScale: 0.5, scheme: "heNormal" }],
    ["biases, batch", { biasVariance: 0.2, normalization: "batch", scheme: "heNormal" }],
    [
      "biases, batch, convolution",
      { network: "convolution", samples: 8, biasVariance: 0.1, normalization: "batch", activation: "tanh", width: 96 },
    ],
  ])("%s: signals, gradients and correlations", (_, options) => {
    const { layers } = lab({ ...base, ...options });
    for (const { layer, forward, backward, correlation } of layers) {
      expect(Math.abs(forward.mean / (forward.theory as number) - 1), `layer ${layer}`).toBeLessThan(0.15);
      expect(Math.abs(backward.mean / (backward.theory as number) - 1), `gradient ${layer}`).toBeLessThan(0.25);
      expect(Math.abs(correlation.mean - (correlation.theory as number)), `correlation ${layer}`).toBeLessThan(0.08);
    }
  });

  test("biases: relu with 1.2 / n and variance 0.3 tends to 0.3 / (1 - 1.2 / 2)", () => {
    const { layers, meanField } = lab({
      ...base,
      depth: 30,
      width: 16,
      seeds: 1,
      biasVariance: 0.3,
      scheme: normal(1.2, 16),
    });
    expect(layers.at(-1)?.forward.theory).toBeCloseTo(0.75, 5);
    expect(meanField?.fixedPoint).toBeCloseTo(0.75, 5);
  });

  test("post-norm: each layer of relu with He halves the sum of its two parts, and so keeps signal and gradient", () => {
    const options = { residual: true, normalization: "rms", normalizationAt: "post", scheme: "heNormal" } as const;
    const { layers, verdict } = lab({ ...base, depth: 6, width: 64, ...options });
    for (const { forward, backward } of layers) {
      expect(forward.mean).toBeCloseTo(1, 4);
      expect(backward.theory).toBeCloseTo(1, 2);
    }
    expect(verdict.kind).toBe("stable");
  });
});

describe("refused", () => {
  test.each<[string, object, RegExp]>([
    [
      "post-norm without branches",
      { normalization: "layer", normalizationAt: "post" },
      /normalizationAt: expected "pre"/,
    ],
    ["post-norm of nothing", { residual: true, normalizationAt: "post" }, /normalizationAt: expected "pre" unless/],
    ["an unknown place", { normalizationAt: "after" }, /normalizationAt: expected one of "pre", "post"/],
    ["an unknown normalization", { normalization: "bach" }, /normalization: expected one of .*\(perhaps "batch"\)/],
    ["a negative variance", { biasVariance: -1 }, /biasVariance: expected a number not below 0/],
    ["a variance of text", { biasVariance: "1" }, /biasVariance: expected a number/],
    ["the Jacobian of a sample in a batch", { normalization: "batch", jacobian: true }, /jacobian: expected false/],
  ])("%s", (_, options, message) => expect(() => lab({ ...base, ...options } as never)).toThrow(message));

  test("by default there is no Jacobian with batch normalization, and there is one without", () => {
    const tiny = { depth: 2, width: 8, samples: 8, seeds: 1, recommendation: false };
    expect(lab({ ...tiny, normalization: "batch" }).jacobian).toBeNull();
    expect(lab({ ...tiny, normalization: "layer" }).jacobian).not.toBeNull();
  });
});
