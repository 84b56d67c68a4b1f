/**
 * Every scheme on many shapes against the frameworks' own formulas, from their sources: torch/nn/init.py
 * (`_calculate_fan_in_and_fan_out`), keras/src/initializers/random_initializers.py (`compute_fans`), and
 * jax/_src/nn/initializers.py (`_compute_fans`).
 */
import { describe, expect, test } from "vitest";
import * as nn from "../../src/index.js";

const product = (list: readonly number[]) => list.reduce((a, b) => a * b, 1);

const SHAPES = [
  [784, 512],
  [512, 784],
  [1, 1],
  [3, 7],
  [5, 3, 16],
  [16, 3, 5],
  [64, 3, 7, 7],
  [3, 3, 64, 128],
  [2, 3, 4, 5, 6],
];

/** torch: [out, in, *kernel]. */
function torchFans(shape: readonly number[]) {
  const field = product(shape.slice(2));
  return { in: (shape[1] as number) * field, out: (shape[0] as number) * field };
}

/** Keras: [*kernel, in, out]. */
function kerasFans(shape: readonly number[]) {
  const field = product(shape.slice(0, -2));
  return { in: (shape.at(-2) as number) * field, out: (shape.at(-1) as number) * field };
}

const TRUNCATED = 0.87962566103423978; // in Keras and JAX
const uniform = (bound: number) => ({ kind: "uniform", low: -bound, high: bound });
const normal = (std: number) => ({ kind: "normal", mean: 0, std });
const truncated = (std: number) => ({ kind: "truncated", mean: 0, std: std / TRUNCATED, low: -2, high: 2 });

/** The same kind of distribution; its numbers within a relative error of 1e-14. */
function expectDistribution(scheme: nn.Scheme, shape: readonly number[], expected: Record<string, number | string>) {
  const distribution = nn.resolve(shape, scheme) as unknown as Record<string, number | string>;
  expect(Object.keys(distribution).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) {
    if (typeof value === "string" || value === 0) expect(distribution[name]).toBe(value);
    else {
      const error = Math.abs((distribution[name] as number) / value - 1);
      expect(error, `${name} of ${JSON.stringify(distribution)}`).toBeLessThan(1e-14);
    }
  }
}

describe.each(SHAPES.map((shape) => [JSON.stringify(shape), shape] as const))(
  "for a weight of %s PyTorch has the distribution of",
  (_, shape) => {
    const { in: fanIn, out: fanOut } = torchFans(shape);
    const xavier = (gain: number) => gain * Math.sqrt(2 / (fanIn + fanOut));

    test.each([1, Math.sqrt(2), 5 / 3])("xavierNormal and xavierUniform with gain %d", (gain) => {
      expectDistribution(nn.xavierNormal({ gain }), shape, normal(xavier(gain)));
      expectDistribution(nn.xavierUniform({ gain }), shape, uniform(Math.sqrt(3) * xavier(gain)));
    });

    test.each([
      [{}, Math.sqrt(2 / (1 + 0)), fanIn], // kaiming_normal_(w): a = 0, fan_in, leaky_relu
      [{ mode: "fan_out", activation: "relu" }, Math.sqrt(2), fanOut],
      [{ activation: "linear" }, 1, fanIn],
      [{ slope: Math.sqrt(5) }, Math.sqrt(2 / 6), fanIn], // nn.Linear's reset_parameters
      [{ activation: "leakyRelu", slope: 0.2 }, Math.sqrt(2 / (1 + 0.2 ** 2)), fanIn],
      [{ gain: 0.5 }, 0.5, fanIn],
    ] as const)("kaimingNormal and kaimingUniform with %j", (options, gain, fan) => {
      expectDistribution(nn.kaimingNormal(options), shape, normal(gain / Math.sqrt(fan)));
      expectDistribution(nn.kaimingUniform(options), shape, uniform((Math.sqrt(3) * gain) / Math.sqrt(fan)));
    });

    test("kaimingUniform with slope sqrt(5), which is U(+-1 / sqrt(fan in))", () => {
      expectDistribution(nn.kaimingUniform({ slope: Math.sqrt(5) }), shape, uniform(1 / Math.sqrt(fanIn)));
    });

    test("heNormal in layout oi, but for the truncation", () => {
      expectDistribution(nn.heNormal({ layout: "oi" }), shape, truncated(Math.sqrt(2 / fanIn)));
    });
  },
);

describe.each(SHAPES.map((shape) => [JSON.stringify(shape), shape] as const))(
  "for a weight of %s Keras and TensorFlow.js have the distribution of",
  (_, shape) => {
    const { in: fanIn, out: fanOut } = kerasFans(shape);
    const average = (fanIn + fanOut) / 2;

    test.each([
      ["glorot", nn.glorotNormal(), nn.glorotUniform(), 1 / average],
      ["he", nn.heNormal(), nn.heUniform(), 2 / fanIn],
      ["lecun", nn.lecunNormal(), nn.lecunUniform(), 1 / fanIn],
    ] as const)("%sNormal and its uniform twin", (_, normalScheme, uniformScheme, variance) => {
      expectDistribution(normalScheme, shape, truncated(Math.sqrt(variance)));
      expectDistribution(uniformScheme, shape, uniform(Math.sqrt(3 * variance)));
    });

    test.each([
      ["fan_in", fanIn],
      ["fan_out", fanOut],
      ["fan_avg", average],
      ["fan_geo_avg", Math.sqrt(fanIn * fanOut)], // JAX alone
    ] as const)("varianceScaling by %s", (mode, fan) => {
      for (const scale of [1, 2, 0.1]) {
        const options = { scale, mode, layout: "io" } as const;
        expectDistribution(
          nn.varianceScaling({ ...options, distribution: "normal" }),
          shape,
          normal(Math.sqrt(scale / fan)),
        );
        expectDistribution(
          nn.varianceScaling({ ...options, distribution: "uniform" }),
          shape,
          uniform(Math.sqrt((3 * scale) / fan)),
        );
        expectDistribution(
          nn.varianceScaling({ ...options, distribution: "truncated" }),
          shape,
          truncated(Math.sqrt(scale / fan)),
        );
      }
    });
  },
);

// jax.nn.initializers: in_axis, out_axis, batch_axis; all other axes are the receptive field.
test.each([
  [[3, 3, 64, 128], { in: -2, out: -1 }, 576, 1152],
  [[128, 64, 3, 3], { in: 1, out: 0 }, 576, 1152],
  [[512, 8, 64], { in: 0, out: [1, 2] }, 512, 512], // attention: model to heads x head
  [[8, 64, 512], { in: [0, 1], out: 2 }, 512, 512],
  [[16, 512, 2048], { in: 1, out: 2, batch: 0 }, 512, 2048], // experts
  [[4, 16, 512, 2048], { in: -2, out: -1, batch: [0, 1] }, 512, 2048],
  [[64, 3, 3, 128], { in: 3, out: 0 }, 1152, 576], // OHWI
  [[7], { in: [], out: 0 }, undefined, undefined],
] as const)("a weight of shape %j with axes %j has JAX's fans", (shape, axes, fanIn, fanOut) => {
  if (fanIn === undefined) expect(() => nn.fans(shape, { axes })).toThrow(RangeError);
  else {
    expect(nn.fans(shape, { axes })).toEqual({ in: fanIn, out: fanOut });
    expectDistribution(nn.lecunUniform({ axes }), shape, uniform(Math.sqrt(3 / fanIn)));
  }
});

test("the gains of relu and leakyRelu are those of He et al. 2015, eqs. 10 and 14", () => {
  expect(nn.gain("linear")).toBe(1);
  expect(nn.gain("relu")).toBe(Math.SQRT2);
  expect(nn.gain("leakyRelu")).toBe(Math.sqrt(2 / 1.0001));
  expect(nn.gain("leakyRelu", { slope: 1 })).toBe(1);
});
