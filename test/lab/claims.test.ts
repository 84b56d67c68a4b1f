/**
 * What the literature says of initial networks, measured. A network of finite width deviates from its theory: where it is
 * critical, each layer adds a relative variance of about 5 / width, so the factors of 40 layers of 256 units are within a few
 * percent. claims.slow.ts makes the same claims, and those of more activation functions, with more samples,
 * wider networks and more seeds.
 */
import { describe, expect, test } from "vitest";
import { type LabOptions, type LabReport, lab } from "../../src/lab.js";

const FULL = process.env.FULL !== undefined;
const SAMPLES = FULL ? 64 : 16;

const SMALL: LabOptions = {
  depth: 40,
  width: 256,
  samples: SAMPLES,
  seeds: FULL ? 2 : 1,
  recommendation: false,
  jacobian: false,
};
const run = (options: LabOptions): LabReport => lab({ ...SMALL, ...options });
const factors = (report: LabReport) => report.verdict.factorPerLayer;

test("relu is stable with He, and loses half of its signal in each layer with Glorot (He et al. 2015, section 2.2)", () => {
  const he = run({ activation: "relu", scheme: "heNormal" });
  expect(he.verdict.kind).toBe("stable");
  expect(factors(he).backward).toBeCloseTo(1, 1);
  const glorot = run({ activation: "relu", scheme: "glorotUniform" });
  expect(glorot.verdict.kind).toBe("vanishing");
  expect(factors(glorot).forward / 0.5).toBeCloseTo(1, 1);
  expect(factors(glorot).backward / 0.5).toBeCloseTo(1, 1);
});

test("tanh with Glorot decays slowly, since chi_1 is 1 (Schoenholz et al. 2017)", () => {
  const report = run({ activation: "tanh", scheme: "glorotUniform", depth: 80 });
  expect(report.verdict.kind).toBe("stable");
  expect(factors(report).forward).toBeGreaterThan(0.95);
  expect(factors(report).forward).toBeLessThan(1);
  expect(report.meanField?.chi1).toBeCloseTo(1, 6);
  // The cubic term of the length map makes it 1 / (2 l) in layer l.
  const last = report.layers.at(-1)?.forward.mean as number;
  expect(last * 2 * 80).toBeGreaterThan(0.7);
  expect(last * 2 * 80).toBeLessThan(1.4);
});

test("sigmoid with Glorot keeps its signal while gradients vanish (Glorot and Bengio 2010)", () => {
  const report = run({ activation: "sigmoid", scheme: "glorotUniform", seeds: 2 });
  expect(report.verdict.kind).toBe("vanishing");
  expect(factors(report).forward).toBeCloseTo(1, 2);
  expect(factors(report).backward).toBeLessThan(0.07);
});

test("weights that are too small make signals vanish, too large ones make them explode or saturate", () => {
  for (const activation of ["tanh", "relu"] as const) {
    expect(run({ activation, depth: 20, scheme: { scheme: "normal", std: 0.01 } }).verdict.kind).toBe("vanishing");
    expect(run({ activation, depth: 20, scheme: { scheme: "normal", std: 0.3 } }).verdict.kind).toBe("exploding");
  }
  const large = run({ activation: "tanh", scheme: { scheme: "normal", std: 2 } });
  expect(large.layers[20]?.saturated).toBeGreaterThan(0.9);
  // The same where signals leave the range of floats.
  expect(run({ activation: "relu", scheme: { scheme: "normal", std: 50 } }).verdict).toMatchObject({
    kind: "exploding",
    sentence: expect.stringContaining("too large for a float"),
  });
});

test("a bounded activation saturates where normalization and a skip connection keep its gradient", () => {
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

test("a unit is dead where its activation function is flat for every sample", () => {
  // In the first layer of 64 inputs and weights of std 1 a value lies between 0 and 6, where relu6 rises, with probability
  // 0.27: for none of 4 independent samples with 0.28, and of samples that are correlated in pairs somewhat more.
  const first = (options: LabOptions) => run({ width: 64, depth: 2, samples: 4, seeds: 8, ...options }).layers[0];
  const dead = first({ activation: "relu6", scheme: { scheme: "normal", std: 1 } })?.dead;
  expect(dead).toBeGreaterThan(0.25);
  expect(dead).toBeLessThan(0.4);
  expect(first({ activation: "tanh", scheme: "heNormal" })?.dead).toBe(0);
});

test("zero and constant starts are symmetric, random ones are not", () => {
  for (const scheme of [{ scheme: "zeros" }, { scheme: "constant", value: 0.05 }, { scheme: "ones" }] as const) {
    for (const activation of ["relu", "tanh"] as const) {
      const report = run({ activation, scheme, depth: 10 });
      expect(report.verdict.kind, JSON.stringify(scheme)).toBe("symmetric");
      expect(report.layers.every(({ equal }) => equal === 1) || report.layers[0]?.equal === 1).toBe(true);
    }
  }
  expect(run({ scheme: "heNormal" }).layers.every(({ equal }) => equal < 1)).toBe(true);
});

test("orthogonal weights keep deep linear networks isometric, normal ones do not (Saxe et al. 2014)", () => {
  const orthogonal = run({ activation: "linear", scheme: "orthogonal", jacobian: true, width: 128 });
  expect(orthogonal.jacobian?.conditionNumber).toBeCloseTo(1, 4);
  expect(orthogonal.verdict.kind).toBe("stable");
  const normal = run({ activation: "linear", scheme: "lecunNormal", jacobian: true, width: 128 });
  expect(normal.jacobian?.conditionNumber).toBeGreaterThan(100);
  expect(normal.verdict.kind).toBe("stable"); // on average
});

test("signals double in each layer with a skip connection, and do not grow with scaled branches (Hanin and Rolnick 2018)", () => {
  const plain = run({ activation: "relu", scheme: "heNormal", residual: true, seeds: 2 });
  expect(plain.verdict.kind).toBe("exploding");
  expect(factors(plain).forward / 2).toBeCloseTo(1, 1);
  const scaled = run({
    activation: "relu",
    scheme: "heNormal",
    residual: true,
    branchScale: 1 / Math.sqrt(40),
    seeds: 2,
  });
  expect(scaled.verdict.kind).toBe("stable");
  expect((scaled.layers.at(-1)?.forward.mean as number) / Math.E).toBeCloseTo(1, 0);
  const recommended = run({ activation: "relu", residual: true, seeds: 2 });
  expect(recommended.verdict.kind).toBe("stable");
  // With normalized branches the signal grows linearly with depth, not exponentially.
  const normed = run({ activation: "relu", scheme: "heNormal", residual: true, normalization: "layer", seeds: 2 });
  expect((normed.layers.at(-1)?.forward.mean as number) / 41).toBeCloseTo(1, 1);
});

test("selu with LeCun brings signals of any size to variance 1 (Klambauer et al. 2017)", () => {
  for (const size of [0.3, 1, 3]) {
    const data = Float32Array.from({ length: SAMPLES * 256 }, (_, i) => size * Math.SQRT2 * Math.sin(i * i));
    const report = run({ activation: "selu", scheme: "lecunNormal", data });
    expect(report.layers.at(-1)?.forward.mean).toBeGreaterThan(0.85);
    expect(report.layers.at(-1)?.forward.mean).toBeLessThan(1.15);
  }
});

test("two inputs become alike in an ordered network and unlike in a chaotic one (Poole et al. 2016)", () => {
  const ordered = run({ activation: "relu", scheme: "heNormal" });
  expect(ordered.layers.at(-1)?.correlation.mean).toBeGreaterThan(0.95);
  const chaotic = run({ activation: "tanh", scheme: { scheme: "normal", std: 0.2 } });
  expect(Math.abs(chaotic.layers.at(-1)?.correlation.mean as number)).toBeLessThan(0.1);
});

describe("mean field theory", () => {
  // Where inputs have become alike (sigmoid), the mean square of a layer is that of as many weights as it has units: over S
  // seeds it deviates with a std of sqrt(2 / width / S), 1.4% and 2.2% here. The limits of a layer are some three times that,
  // those of the mean of all layers lower. Relu is critical and its fluctuations add up with depth: only its first layers are held.
  const {
    width,
    seeds,
    depth: most,
    single,
    mean,
  } = FULL
    ? { width: 1024, seeds: 10, depth: 20, single: 0.05, mean: 0.02 }
    : { width: 512, seeds: 8, depth: 12, single: 0.06, mean: 0.03 };
  test.each([
    ...([
      ["tanh", most],
      ["gelu", 4],
      ["relu", 4],
    ] as const),
    ...(FULL
      ? ([
          ["erf", most],
          ["sigmoid", most],
          ["selu", most],
          ["silu", 4],
        ] as const)
      : []),
  ])("predicts the variance of signals and gradients of %s in %i layers", (activation, depth) => {
    const scheme = { scheme: "normal", std: 1.2 / Math.sqrt(width) } as const;
    const { layers } = run({ activation, depth, width, samples: FULL ? 64 : 32, seeds, scheme });
    let sum = 0;
    for (const { layer, forward, backward } of layers) {
      const off = forward.mean / (forward.theory as number) - 1;
      sum += off;
      expect(Math.abs(off), `layer ${layer}`).toBeLessThan(single);
      expect(Math.abs(backward.mean / (backward.theory as number) - 1), `gradient ${layer}`).toBeLessThan(single);
    }
    expect(Math.abs(sum / depth)).toBeLessThan(mean);
  });

  test.each<[string, LabOptions]>([
    ["of convolutions", { network: "convolution", samples: 8, width: 96, scheme: "heNormal" }],
    ["with skip connections", { residual: true }],
    ["with scaled branches", { residual: true, branchScale: 0.4, scheme: "heNormal" }],
    ["with normalization", { normalization: "layer", scheme: "heNormal" }],
    [
      "with skip connections and normalization",
      { residual: true, normalization: "rms", activation: "tanh", scheme: "glorotNormal" },
    ],
    ["with orthogonal weights", { activation: "tanh", scheme: "orthogonal", width: 128 }],
  ])("predicts signals, gradients and correlations %s", (_, options) => {
    const { layers } = run({ depth: 12, samples: 64, seeds: 4, ...options });
    for (const { layer, forward, backward, correlation } of layers) {
      expect(Math.abs(forward.mean / (forward.theory as number) - 1), `layer ${layer}`).toBeLessThan(0.25);
      expect(Math.abs(backward.mean / (backward.theory as number) - 1), `gradient ${layer}`).toBeLessThan(0.25);
      expect(Math.abs(correlation.mean - (correlation.theory as number)), `correlation ${layer}`).toBeLessThan(0.06);
    }
  });
});
