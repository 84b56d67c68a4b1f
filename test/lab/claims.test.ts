/**
 * The claims of the field, measured: each within what theory says of a network of finite width. A relative variance of some
 * 5 / width a layer adds up where a network is critical, so factors of 40 layers of 256 are within a few percent.
 */
import { describe, expect, test } from "vitest";
import { type LabOptions, type LabReport, lab } from "../../src/lab.js";

const small: LabOptions = { depth: 40, width: 256, samples: 64, seeds: 2, recommendation: false, jacobian: false };
const run = (options: LabOptions): LabReport => lab({ ...small, ...options });
const factors = (report: LabReport) => report.verdict.factorPerLayer;

test("relu with He is stable, and with Glorot loses half in each layer (He et al. 2015, section 2.2)", () => {
  const he = run({ activation: "relu", scheme: "heNormal" });
  expect(he.verdict.kind).toBe("stable");
  expect(factors(he).backward).toBeCloseTo(1, 1);
  const glorot = run({ activation: "relu", scheme: "glorotUniform" });
  expect(glorot.verdict.kind).toBe("vanishing");
  expect(factors(glorot).forward / 0.5).toBeCloseTo(1, 1);
  expect(factors(glorot).backward / 0.5).toBeCloseTo(1, 1);
});

test("tanh with Glorot decays, but only slowly: chi_1 towards 1 (Schoenholz et al. 2017)", () => {
  const report = run({ activation: "tanh", scheme: "glorotUniform", depth: 80 });
  expect(report.verdict.kind).toBe("stable");
  expect(factors(report).forward).toBeGreaterThan(0.95);
  expect(factors(report).forward).toBeLessThan(1);
  expect(report.meanField?.chi1).toBeCloseTo(1, 6);
  // 1 / (2 l), as the length map's cubic term makes it.
  const last = report.layers.at(-1)?.forward.mean as number;
  expect(last * 2 * 80).toBeGreaterThan(0.7);
  expect(last * 2 * 80).toBeLessThan(1.4);
});

test("sigmoid with Glorot keeps its forward signal while gradients vanish (Glorot and Bengio 2010)", () => {
  const report = run({ activation: "sigmoid", scheme: "glorotUniform" });
  expect(report.verdict.kind).toBe("vanishing");
  expect(factors(report).forward).toBeCloseTo(1, 2);
  expect(factors(report).backward).toBeLessThan(0.07);
});

test("too small vanishes, too large explodes, or with a bounded activation saturates", () => {
  for (const activation of ["tanh", "relu"] as const) {
    expect(run({ activation, scheme: { scheme: "normal", std: 0.01 } }).verdict.kind).toBe("vanishing");
    expect(run({ activation, scheme: { scheme: "normal", std: 0.3 } }).verdict.kind).toBe("exploding");
  }
  const large = run({ activation: "tanh", scheme: { scheme: "normal", std: 2 } });
  expect(large.layers[20]?.saturated).toBeGreaterThan(0.9);
  // Overflow counts as well.
  expect(run({ activation: "relu", scheme: { scheme: "normal", std: 50 } }).verdict).toMatchObject({
    kind: "exploding",
    sentence: expect.stringContaining("too large for a float"),
  });
});

test("saturated alone: a bounded activation whose gradient is kept by normalization", () => {
  const report = run({
    activation: "hardTanh",
    scheme: { scheme: "normal", std: 0.01 },
    normalization: "rms",
    residual: true,
    branchScale: 0,
  });
  expect(report.verdict.kind).toBe("stable");
  const flat = run({
    activation: (x) => Math.max(-0.2, Math.min(0.2, x)),
    scheme: { scheme: "normal", std: 0.02 },
    normalization: "rms",
    residual: true,
  });
  expect(flat.verdict.kind).toBe("saturated");
});

test("zero and constant starts are symmetric", () => {
  for (const scheme of [{ scheme: "zeros" }, { scheme: "constant", value: 0.05 }, { scheme: "ones" }] as const) {
    for (const activation of ["relu", "tanh"] as const) {
      const report = run({ activation, scheme });
      expect(report.verdict.kind, JSON.stringify(scheme)).toBe("symmetric");
      expect(report.layers.every(({ equal }) => equal === 1) || report.layers[0]?.equal === 1).toBe(true);
    }
  }
  expect(run({ scheme: "heNormal" }).layers.every(({ equal }) => equal < 1)).toBe(true);
});

test("orthogonal keeps deep linear networks isometric, normal ones do not (Saxe et al. 2014)", () => {
  const orthogonal = run({ activation: "linear", scheme: "orthogonal", jacobian: true, width: 128 });
  expect(orthogonal.jacobian?.conditionNumber).toBeCloseTo(1, 4);
  expect(orthogonal.verdict.kind).toBe("stable");
  const normal = run({ activation: "linear", scheme: "lecunNormal", jacobian: true, width: 128 });
  expect(normal.jacobian?.conditionNumber).toBeGreaterThan(100);
  expect(normal.verdict.kind).toBe("stable"); // on average all the same
});

test("residual networks grow with depth, and with branch scaling do not (Hanin and Rolnick 2018)", () => {
  const plain = run({ activation: "relu", scheme: "heNormal", residual: true });
  expect(plain.verdict.kind).toBe("exploding");
  expect(factors(plain).forward / 2).toBeCloseTo(1, 1);
  const scaled = run({ activation: "relu", scheme: "heNormal", residual: true, branchScale: 1 / Math.sqrt(40) });
  expect(scaled.verdict.kind).toBe("stable");
  expect((scaled.layers.at(-1)?.forward.mean as number) / Math.E).toBeCloseTo(1, 0);
  const advised = run({ activation: "relu", residual: true });
  expect(advised.verdict.kind).toBe("stable");
  // With normalization in the branches it grows as the depth does, not as its power.
  const normed = run({ activation: "relu", scheme: "heNormal", residual: true, normalization: "layer" });
  expect((normed.layers.at(-1)?.forward.mean as number) / 41).toBeCloseTo(1, 1);
});

test("selu with LeCun normalizes itself: variance 1 from any start (Klambauer et al. 2017)", () => {
  for (const size of [0.3, 1, 3]) {
    const data = Float32Array.from({ length: 64 * 256 }, (_, i) => size * Math.SQRT2 * Math.sin(i * i));
    const report = run({ activation: "selu", scheme: "lecunNormal", data });
    expect(report.layers.at(-1)?.forward.mean).toBeGreaterThan(0.85);
    expect(report.layers.at(-1)?.forward.mean).toBeLessThan(1.15);
  }
});

test("order makes two inputs alike, chaos makes them unlike (Poole et al. 2016)", () => {
  const ordered = run({ activation: "relu", scheme: "heNormal" });
  expect(ordered.layers.at(-1)?.correlation.mean).toBeGreaterThan(0.95);
  const chaotic = run({ activation: "tanh", scheme: { scheme: "normal", std: 0.2 } });
  expect(Math.abs(chaotic.layers.at(-1)?.correlation.mean as number)).toBeLessThan(0.1);
});

describe("mean field theory", () => {
  // At width 1024, the mean of ten seeds. Where inputs have become alike (sigmoid), a layer's mean square is that of some 1024
  // weights alone: its deviation has a std of sqrt(2 / 1024 / 10) = 1.4%, so single layers are held to 5, their mean to 2%.
  // Relu is critical: its fluctuations add up with depth, so it is held in its first layers.
  test.each([
    ...([
      ["tanh", 20],
      ["erf", 20],
      ["sigmoid", 20],
      ["selu", 20],
    ] as const),
    ...([
      ["gelu", 4],
      ["silu", 4],
      ["relu", 4],
    ] as const),
  ])("%s in %i layers: variance within 2 percent of measurement", (activation, depth) => {
    const scheme = { scheme: "normal", std: 1.2 / 32 } as const;
    const { layers } = lab({ ...small, activation, depth, width: 1024, samples: 64, seeds: 10, scheme });
    let sum = 0;
    for (const { layer, forward, backward } of layers) {
      const off = forward.mean / (forward.theory as number) - 1;
      sum += off;
      expect(Math.abs(off), `layer ${layer}`).toBeLessThan(0.05);
      expect(Math.abs(backward.mean / (backward.theory as number) - 1), `gradient ${layer}`).toBeLessThan(0.05);
    }
    expect(Math.abs(sum / depth)).toBeLessThan(0.02);
  });

  test.each<[string, LabOptions]>([
    ["convolutions", { network: "convolution", samples: 8, width: 96, scheme: "heNormal" }],
    ["residual", { residual: true }],
    ["normalized", { normalization: "layer", scheme: "heNormal" }],
    ["residual and normalized", { residual: true, normalization: "rms", activation: "tanh", scheme: "glorotNormal" }],
    ["orthogonal", { activation: "tanh", scheme: "orthogonal", width: 128 }],
  ])("%s: signals, gradients and correlations", (_, options) => {
    const { layers } = run({ depth: 12, seeds: 4, ...options });
    for (const { layer, forward, backward, correlation } of layers) {
      expect(Math.abs(forward.mean / (forward.theory as number) - 1), `layer ${layer}`).toBeLessThan(0.25);
      expect(Math.abs(backward.mean / (backward.theory as number) - 1), `gradient ${layer}`).toBeLessThan(0.25);
      expect(Math.abs(correlation.mean - (correlation.theory as number)), `correlation ${layer}`).toBeLessThan(0.06);
    }
  });
});
