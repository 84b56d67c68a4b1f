/** The lab's options and reports, and what it refuses; both engines give the same bits. */
import { describe, expect, test } from "vitest";
import { type LabOptions, lab } from "../../src/lab.js";

const tiny: LabOptions = { depth: 4, width: 24, samples: 8, seeds: 2 };

test.each([
  [{ activation: "gelu" }],
  [{ network: "convolution", activation: "tanh", scheme: "kaimingUniform" }],
  [{ network: "attention", normalization: "layer", depth: 2, width: 12 }],
  [{ residual: true, normalization: "rms", activation: (x: number) => x / (1 + x * x) }],
] as LabOptions[][])("the same bits on both engines, and every time: %o", (options) => {
  const [a, b, c] = (["simd", "scalar", undefined] as const).map((engine) =>
    JSON.stringify(lab({ ...tiny, ...options, ...(engine && { engine }) })),
  );
  expect(b).toBe(a);
  expect(c).toBe(a);
});

test("a report has the network, every layer, the Jacobian and the recommendation", () => {
  const report = lab({ ...tiny, scheme: "glorotNormal" });
  expect(report.network).toEqual({
    ...{ kind: "dense", depth: 4, width: 24, residual: false, normalization: "none", branchScale: 1 },
    ...{ normalizationAt: "pre", biasVariance: 0, activation: "relu", samples: 8, seeds: 2 },
  });
  expect(report.layers.map(({ layer }) => layer)).toEqual([1, 2, 3, 4]);
  expect(report.layers[3]?.backward.mean).toBeCloseTo(1, 12);
  for (const { forward, histogram } of report.layers) {
    expect(forward.low).toBeLessThanOrEqual(forward.mean);
    expect(forward.high).toBeGreaterThanOrEqual(forward.mean);
    expect(histogram).toHaveLength(41);
    expect(histogram.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
  }
  expect(report.jacobian?.singularValues).toHaveLength(24);
  expect(report.recommendation).toMatchObject({
    scheme: { scheme: "heNormal" },
    reason: expect.stringContaining("relu"),
  });
  expect(report.recommendation?.run?.layers).toHaveLength(4);
  expect(lab({ ...tiny, scheme: "heNormal" }).recommendation?.run).toBeNull();
  expect(lab({ ...tiny, recommendation: false, jacobian: false })).toMatchObject({
    recommendation: null,
    jacobian: null,
  });
  expect(lab({ ...tiny, seeds: 1, seed: 5 })).not.toEqual(lab({ ...tiny, seeds: 1, seed: 6 }));
});

test("widths and samples may be anything: no multiple of a vector, a single unit, a single layer", () => {
  for (const width of [1, 2, 3, 5, 7, 9, 33]) {
    for (const samples of [2, 4, 6, 10]) {
      const { layers } = lab({ depth: 3, width, samples, seeds: 1, scheme: "heNormal", recommendation: false });
      expect(layers).toHaveLength(3);
      expect(layers[0]?.forward.mean).toBeGreaterThan(0);
    }
  }
  expect(lab({ ...tiny, depth: 1 }).verdict.factorPerLayer).toEqual({ forward: 1, backward: 1 });
});

test("mean field theory starts where the first layer's signals are", () => {
  const options = { ...tiny, activation: "linear", scheme: "lecunNormal", recommendation: false } as const;
  const { meanField, layers } = lab({ ...options, data: new Float32Array(8 * 24).fill(3) });
  expect(layers[0]?.forward.theory).toBeCloseTo(9, 5);
  expect(meanField?.fixedPoint).toBeCloseTo(9, 5);
  expect(lab({ ...options, data: new Float32Array(8 * 24) }).meanField?.fixedPoint).toBe(1); // nothing to start from
});

test("the caller's own data is the input", () => {
  const data = Float32Array.from({ length: 8 * 24 }, (_, i) => Math.cos(i));
  const ones = lab({ ...tiny, activation: "linear", scheme: "identity", data });
  const mean = data.reduce((sum, x) => sum + x * x, 0) / data.length;
  expect(ones.layers[3]?.forward.mean).toBeCloseTo(mean, 6);
});

describe("refusals, before anything is computed", () => {
  const data = new Float32Array(8 * 24);
  const holes = data.slice();
  holes[7] = Number.NaN;
  test.each<[string, object, RegExp]>([
    ["an unknown option", { deph: 3 }, /options among .*"deph"/],
    ["a depth of 0", { depth: 0 }, /depth: expected a whole number from 1, got 0/],
    ["a fractional width", { width: 1.5 }, /width/],
    ["negative samples", { samples: -2 }, /samples/],
    ["an odd number of samples", { samples: 7 }, /samples: expected an even number/],
    ["0 seeds", { seeds: 0 }, /seeds/],
    ["too many seeds", { seeds: 1e9 }, /^seeds: expected at most 10000, got 1000000000/],
    [
      "a network larger than memory",
      { depth: 1e6, width: 4096 },
      /depth, width, samples: expected a network whose signals take less than/,
    ],
    ["a network larger than numbers", { depth: 2 ** 53 - 1, width: 2 ** 53 - 1 }, /depth, width, samples/],
    ["an unknown activation", { activation: "gellu" }, /activation: expected one of.*\(perhaps "gelu"\)/],
    [
      "an activation that gives NaN",
      { activation: (x: number) => Math.sqrt(x) },
      /activation: expected a function that returns a number at -3/,
    ],
    [
      "an activation that gives text",
      { activation: () => "1" },
      /activation: expected a function from numbers to numbers/,
    ],
    ["an activation that is neither a name nor a function", { activation: 3 }, /activation/],
    [
      "a derivative that is no function",
      { activation: (x: number) => x, derivative: 1 },
      /derivative: expected a function/,
    ],
    ["an unknown scheme", { scheme: "heNormall" }, /scheme: expected one of.*\(perhaps "heNormal"\)/],
    ["a scheme without its options", { scheme: "normal" }, /std/],
    [
      "a scheme that cannot take the layer",
      { scheme: { scheme: "deltaOrthogonal" } },
      /scheme: expected one for a layer of shape \[24, 24\]: /,
    ],
    ["an unknown network", { network: "dence" }, /network: expected one of.*\(perhaps "dense"\)/],
    ["an unknown normalization", { normalization: "group" }, /normalization: expected one of/],
    ["a negative branch", { branchScale: -1 }, /branchScale/],
    ["data of another size", { data: data.subarray(1) }, /data\.length: expected samples x width.*192, got 191/],
    ["data with a NaN", { data: holes }, /data\[7\]: expected a finite number, got NaN/],
    ["data that is no array", { data: "x" }, /data: expected an array of numbers/],
    ["an unknown engine", { engine: "gpu" }, /engine/],
  ])("%s", (_, options, message) => expect(() => lab({ ...tiny, ...options } as never)).toThrow(message));

  test("an activation that gives NaN only during the run", () => {
    expect(() =>
      lab({ ...tiny, scheme: { scheme: "normal", std: 5 }, activation: (x) => (Math.abs(x) > 8 ? Number.NaN : x) }),
    ).toThrow(/activation: expected a function that is/);
  });
});
