/** Computed values in plans and lists of shapes: what they are, which ones are refused, records, types of whole numbers. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { recordedTensor } from "../../src/checkpoint/record.js";
import { checkpoint } from "../../src/checkpoint.js";
import { deriveModel } from "../../src/computed/scheme.js";
import { readConfig } from "../../src/file/read.js";
import { init, kaimingNormal } from "../../src/index.js";
import { valueOfPattern } from "../../src/math/float.js";
import { type DType, initModel, modelOf, modelOfShapes, type Plan, parsePlan, planModel } from "../../src/model.js";
import { folder } from "../cli/command.js";
import { expectEach } from "../each.js";

type Shape = readonly number[];

/** All values of the first tensor of a list. */
function valuesOf(list: readonly object[], dtype: DType = "f64", seed = 42): Float64Array {
  const model = modelOfShapes("m", list);
  const { name } = model.tensors[0] as { name: string };
  const values = initModel(model, { seed, dtype }).tensors.get(name)?.values as Float64Array;
  return dtype === "f16" || dtype === "bf16"
    ? Float64Array.from(values, (x) => valueOfPattern(x, dtype))
    : Float64Array.from(values);
}
const one = (shape: Shape, scheme: object, dtype?: DType) => valuesOf([{ name: "w", shape, ...scheme }], dtype);
const close = (got: ArrayLike<number>, expected: ArrayLike<number>, error = 1e-12) => {
  expect(got.length).toBe(expected.length);
  expectEach(Array.from(got), (value, i) => Math.abs(value - (expected[i] as number)) <= error);
};
/** A table, from a function of row and column. */
const tableOf = (rows: number, columns: number, f: (row: number, column: number) => number) =>
  Float64Array.from({ length: rows * columns }, (_, i) => f(Math.floor(i / columns), i % columns));

describe("values", () => {
  test("sinusoids as Vaswani, Marian and Whisper have them", () => {
    const angle = (p: number, j: number, span: number, base = 10000) => p / base ** (j / span);
    const paper = tableOf(50, 8, (p, c) => (c % 2 ? Math.cos : Math.sin)(angle(p, Math.floor(c / 2), 4)));
    close(one([50, 8], { scheme: "sinusoidal" }), paper);
    const marian = tableOf(50, 7, (p, c) => (c < 4 ? Math.sin(angle(p, c, 3.5)) : Math.cos(angle(p, c - 4, 3.5))));
    close(one([50, 7], { scheme: "sinusoidal", order: "halves" }), marian);
    const whisper = tableOf(1500, 8, (p, c) => (c < 4 ? Math.sin : Math.cos)(angle(p, c % 4, 3)));
    close(one([1500, 8], { scheme: "sinusoidal", order: "halves", endpoint: true }), whisper);
    close(one([9, 4], { scheme: "sinusoidal", base: 50 }).subarray(34), [
      Math.sin(8 / 50 ** 0.5),
      Math.cos(8 / 50 ** 0.5),
    ]);
  });

  test("every position has sin^2 + cos^2 = 1, up to the last one that is taken", () => {
    const made = checkpoint(modelOfShapes("m", [{ name: "w", shape: [2 ** 20, 2], scheme: "sinusoidal" }]), {
      ...{ seed: 1, dtype: "f64" },
    });
    for (let p = 2 ** 20 - 1; p > 0; p -= 40_099) {
      const [sine = 0, cosine = 0] = made.region("w", [[p, p + 1]]) as Float64Array;
      expect(Math.abs(sine * sine + cosine * cosine - 1)).toBeLessThan(1e-11);
      expect(Math.abs(sine - Math.sin(p))).toBeLessThan(1e-11);
    }
  });

  test("numbers along an axis, their logarithms, and powers", () => {
    expect(one([2, 3], { scheme: "arange", start: 1, step: 2 })).toEqual(Float64Array.of(1, 3, 5, 1, 3, 5));
    expect(one([2, 3], { scheme: "arange", axis: 0 })).toEqual(Float64Array.of(0, 0, 0, 1, 1, 1));
    close(one([2, 4], { scheme: "logArange", start: 1 }), [1, 2, 3, 4, 1, 2, 3, 4].map(Math.log));
    const frequencies = Array.from({ length: 32 }, (_, k) => 10000 ** ((-2 * k) / 64));
    close(one([32], { scheme: "powers", base: 10000, step: -2 / 64 }), frequencies, 1e-14);
  });

  test("relative positions are Swin's index", () => {
    // torch: coords = meshgrid; (coords[:, :, None] - coords[:, None, :]) + size - 1; rows * (2 w - 1) + columns
    expect([...one([4, 4], { scheme: "relativePosition", window: [2, 2] })]).toEqual(
      [4, 3, 1, 0, 5, 4, 2, 1, 7, 6, 4, 3, 8, 7, 5, 4], // printed by SwinSelfAttention of transformers 5.24.0
    );
  });

  test("the softplus of a step is log-uniform between its bounds, with a floor", () => {
    const steps = one([4000], { scheme: "logUniform", low: 1e-3, high: 0.1, inverse: "softplus" });
    const logs = steps.map((x) => Math.log(Math.log1p(Math.exp(x)))).sort();
    expect([logs[0], logs.at(-1)].map((x) => Math.round((x as number) * 10) / 10)).toEqual([-6.9, -2.3]);
    const [low, width] = [Math.log(1e-3), Math.log(100)];
    const off = logs.map((x, i) => Math.abs((x - low) / width - i / logs.length));
    expect(Math.max(...off)).toBeLessThan(Math.sqrt(Math.log(2e6) / 2 / logs.length)); // Massart: fails 1 in 10^6 seeds
    const floored = one([4000], { scheme: "logUniform", low: 1e-3, high: 0.1, floor: 0.01 });
    const share = floored.filter((x) => x === 0.01).length / floored.length;
    expect(Math.abs(share - 0.5)).toBeLessThan(0.04);
    expect(floored.every((x) => x >= 0.01 && x <= 0.1)).toBe(true);
    expect(one([3], { scheme: "logUniform", low: 0.5, high: 0.5 })).toEqual(Float64Array.of(0.5, 0.5, 0.5));
  });

  test("icnr makes a sub-pixel convolution upsample by nearest neighbours", () => {
    const of = { scheme: "kaimingNormal", layout: "oi" };
    const kernel = one([12, 2, 3, 3], { scheme: "icnr", factor: 2, of }, "f32");
    const smaller = init([3, 2, 3, 3], kaimingNormal({ layout: "oi" }), { seed: 42, name: "w" });
    for (let output = 0; output < 12; ++output) {
      const [begin, from] = [output * 18, Math.floor(output / 4) * 18];
      expect([...kernel.subarray(begin, begin + 18)]).toEqual([...smaller.subarray(from, from + 18)]);
    }
    // depth_to_space of TensorFlow: output y, x, c of a patch is channel (y * 2 + x) * 3 + c
    const io = one([5, 12], { scheme: "icnr", factor: 2, layout: "io", of: { scheme: "normal", std: 1 } }, "f32");
    for (let i = 0; i < 60; ++i) expect(io[i]).toBe(io[Math.floor(i / 12) * 12 + ((i % 12) % 3)]);
    expect(new Set(io).size).toBe(15);
  });

  test.each(["f32", "f64", "f16", "bf16"] as const)(
    "copies times a number and norms, from the values in %s",
    (dtype) => {
      const source = { name: "v", shape: [6, 5, 4], scheme: "normal", std: 0.3 };
      const x = valuesOf([source], dtype);
      const half = valuesOf([{ name: "w", shape: [6, 5, 4], copy: "v", scale: 0.5 }, source], dtype);
      close(
        half,
        x.map((value) => 0.5 * value),
        dtype === "f16" ? 1e-7 : 0,
      ); // exact but for subnormal results
      const norms = valuesOf([{ name: "w", shape: [1, 5, 1], norms: "v", axis: 1 }, source], dtype);
      const expected = Array.from({ length: 5 }, (_, k) => {
        return Math.sqrt(x.reduce((sum, value, i) => sum + (Math.floor(i / 4) % 5 === k ? value * value : 0), 0));
      });
      close(norms, expected, { f64: 1e-15, f32: 1e-7, f16: 1e-3, bf16: 8e-3 }[dtype]);
    },
  );

  test("a value of a narrow type is that of f64, rounded: twice for 16 bits", () => {
    const schemes = [
      { scheme: "sinusoidal" },
      { scheme: "logUniform", low: 1e-3, high: 0.1, inverse: "softplus" },
      { scheme: "powers", base: 3, step: -0.5 },
    ];
    for (const scheme of schemes) {
      const exact = one([60, 20], scheme);
      expect(one([60, 20], scheme, "f32")).toEqual(exact.map(Math.fround));
      close(one([60, 20], scheme, "bf16"), exact, 2 ** -8 * 8);
      expect(one([60, 20], scheme, "bf16")).not.toEqual(one([60, 20], scheme, "f32"));
    }
  });

  test("more than is made at once is made in pieces that fit together", () => {
    const list = [
      { name: "steps", shape: [40_000], scheme: "logUniform", low: 1, high: 2 },
      { name: "v", shape: [7, 13, 1000], scheme: "uniform", low: -1, high: 1 },
      { name: "g", shape: [1, 13, 1], norms: "v", axis: 1 },
      { name: "up", shape: [8, 40_000], scheme: "icnr", factor: 2, of: { scheme: "normal", std: 1 } },
    ];
    const made = checkpoint(modelOfShapes("m", list), { seed: 3 });
    const [steps, v, g, up] = list.map(({ name }) => made.region(name, []) as Float32Array) as Float32Array[];
    expect(made.region("steps", [[17_000, 40_000]])).toEqual(steps?.subarray(17_000));
    const sums = new Float64Array(13);
    v?.forEach((x, i) => {
      sums[Math.floor(i / 1000) % 13] = (sums[Math.floor(i / 1000) % 13] as number) + x * x;
    });
    expect(g).toEqual(Float32Array.from(sums, Math.sqrt));
    expect(up?.subarray(40_000, 80_000)).toEqual(up?.subarray(0, 40_000));
    expect(
      made.region("up", [
        [2, 3],
        [30_000, 40_000],
      ]),
    ).toEqual(up?.subarray(30_000, 40_000));
    expect(up?.subarray(160_000, 200_000)).not.toEqual(up?.subarray(0, 40_000));
  });

  test("any slice along any axis is that of the whole", () => {
    const shape = [8, 6, 10];
    const kinds = [
      { scheme: "arange", axis: 1 },
      { scheme: "logUniform", low: 1, high: 2 },
      { scheme: "icnr", factor: 2, of: { scheme: "normal", std: 1 } },
    ];
    const range = (length: number) =>
      fc.tuple(fc.nat(length), fc.nat(length)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    const ranges = fc.tuple(
      ...(shape.map(range) as [ReturnType<typeof range>, ReturnType<typeof range>, ReturnType<typeof range>]),
    );
    for (const kind of kinds) {
      const made = checkpoint(modelOfShapes("m", [{ name: "w", shape, ...kind }]), { seed: 3 });
      const whole = made.region("w", []) as Float32Array;
      fc.assert(
        fc.property(ranges, (cut) => {
          const [[a, b], [c, d], [e, f]] = cut;
          const expected: number[] = [];
          for (let i = a; i < b; ++i)
            for (let j = c; j < d; ++j) expected.push(...whole.subarray((i * 6 + j) * 10 + e, (i * 6 + j) * 10 + f));
          expect([...(made.region("w", cut) as Float32Array)]).toEqual(expected);
        }),
        { numRuns: 20 },
      );
    }
  });
});

describe("plans", () => {
  const config = { hidden: 4, scales: [0.5, 0.25] };
  const model = (list: readonly object[]) => ({ ...modelOfShapes("m", list), variables: config });

  test("their numbers can be expressions, also of lists and of the layer", () => {
    const layers = [0, 1].map((i) => ({ name: `h.${i}.w`, shape: [4, 4] }));
    const rule = { regex: "h\\.(?<layer>\\d+)", scheme: "normal", std: "scales[layer] / sqrt(2 * hidden)" };
    const { tensors } = planModel(model(layers), { rules: [rule] } as Plan);
    expect(tensors.map(({ scheme }) => scheme)).toEqual(
      config.scales.map((scale) => ({ scheme: "normal", std: scale / Math.sqrt(8) })),
    );
    const powers = { match: "*", scheme: "powers", base: "100 * hidden", step: "-2 / hidden" };
    expect(planModel(model(layers), { rules: [powers] } as Plan).tensors[0]?.scheme).toEqual({
      ...{ scheme: "powers", base: 400, step: -0.5 },
    });
    const icnr = { match: "*", scheme: "icnr", factor: "hidden - 2", of: { scheme: "normal", std: "1 / hidden" } };
    expect(
      planModel(model([{ name: "w", shape: [8, 4] }]), { rules: [icnr] } as Plan).tensors[0]?.distribution,
    ).toEqual({
      ...{ kind: "repeated", of: { kind: "normal", mean: 0, std: 0.25 }, length: 4, times: 4, elements: 8 },
    });
  });

  test("copies and norms are named by groups, and a factor by the layer", () => {
    const list = ["a", "b"].flatMap((name) => [
      { name: `${name}.g`, shape: [1, 3] },
      { name: `${name}.v`, shape: [5, 3] },
      { name: `${name}.w`, shape: [5, 3] },
    ]);
    const rules = [
      { regex: "(?<path>.*)g$", norms: "{path}v", axis: -1 },
      { regex: "(?<path>.*)w$", copy: "{path}v", scale: "1 / hidden" },
      { match: "*", scheme: "normal", std: 1 },
    ];
    const planned = planModel(model(list), { rules } as Plan).tensors;
    expect(planned.map(({ name, distribution }) => [name, "source" in distribution && distribution.source])).toEqual([
      ...[
        ["a.g", "a.v"],
        ["a.v", false],
        ["a.w", "a.v"],
        ["b.g", "b.v"],
        ["b.v", false],
        ["b.w", "b.v"],
      ],
    ]);
    expect(planned[2]?.scheme).toEqual({
      scheme: "scaled",
      source: "a.v",
      scale: 0.25,
      of: { scheme: "normal", std: 1 },
    });
  });

  test("the layout of a tensor is that of the kernel within icnr", () => {
    const { tensors } = planModel(model([{ name: "w", shape: [3, 3, 5, 12], layout: "io" }]), {
      rules: [{ match: "*", scheme: "icnr", factor: 2, of: { scheme: "heNormal" } }],
    });
    expect(tensors[0]?.scheme).toEqual({
      ...{ scheme: "icnr", factor: 2, layout: "io" },
      of: { scheme: "heNormal", layout: "io" },
    });
    expect(tensors[0]?.distribution).toMatchObject({ kind: "repeated", length: 3, times: 4, elements: 135 });
  });
});

test("a record says how to draw every kind again", () => {
  const list = [
    { name: "a", shape: [9, 8], scheme: "sinusoidal", order: "halves" },
    { name: "b", shape: [9, 8], copy: "a", scale: 2 },
    { name: "c", shape: [9, 1], norms: "a", axis: 0 },
    { name: "d", shape: [16, 4], scheme: "icnr", factor: 2, of: { scheme: "heNormal", layout: "oi" } },
    { name: "e", shape: [9, 8], copy: "a" },
  ];
  const { tensors } = planModel(modelOfShapes("m", list));
  for (const { shape, scheme, distribution, copyOf } of tensors) {
    const recorded = recordedTensor(JSON.parse(JSON.stringify({ ...scheme, ...(copyOf && { copy: copyOf }) })));
    expect(recorded.copyOf).toBe(copyOf);
    expect(deriveModel(shape, recorded.scheme).distribution).toEqual(distribution);
  }
});

describe("whole numbers", () => {
  const integers = (shape: Shape, dtype: "i64" | "u8" | "i32", scheme: object) => ({
    ...{ name: "m", variables: {}, tied: {} },
    tensors: [{ name: "w", shape, dtype, scheme: scheme as never }],
  });

  test("are counted", () => {
    const { tensors } = initModel(integers([2, 5], "i64", { scheme: "arange", start: 3 }));
    expect(tensors.get("w")?.values).toEqual(BigInt64Array.from([3n, 4n, 5n, 6n, 7n, 3n, 4n, 5n, 6n, 7n]));
    const index = initModel(integers([4, 4], "u8", { scheme: "relativePosition", window: [2, 2] }));
    expect(index.tensors.get("w")?.values.slice(0, 4)).toEqual(Uint8Array.of(4, 3, 1, 0));
  });

  test.each([
    ["half a step", integers([5], "i64", { scheme: "arange", step: 0.5 }), /whole numbers .* because the type is i64/],
    ["half a start", integers([1], "i32", { scheme: "arange", start: 0.5 }), /whole numbers/],
    ["too many", integers([257], "u8", { scheme: "arange" }), /from 0 to 255/],
    ["below 0", integers([5], "u8", { scheme: "arange", step: -1 }), /from 0 to 255/],
    ["logarithms", integers([5], "i64", { scheme: "logArange", start: 1 }), /got "the distribution logArange"/],
    ["a draw", integers([5], "i64", { scheme: "logUniform", low: 1, high: 2 }), /the distribution logUniform/],
  ])("refuse %s", (_, model, message) => {
    expect(() => initModel(model)).toThrow(message);
  });
});

describe("refused before anything is drawn", () => {
  test.each<[string, Shape, object, RegExp]>([
    [
      "positions of one axis",
      [5],
      { scheme: "sinusoidal" },
      /shape: expected two axes, positions and width, got \[5\]/,
    ],
    ["positions of three axes", [5, 4, 3], { scheme: "sinusoidal" }, /two axes/],
    ["no positions", [0, 4], { scheme: "sinusoidal" }, /none of them of length 0/],
    ["too many positions", [2 ** 20 + 1, 2], { scheme: "sinusoidal" }, /at most 1048576 positions/],
    ["an odd width with endpoint", [5, 7], { scheme: "sinusoidal", endpoint: true }, /even width from 4/],
    ["a width of 2 with endpoint", [5, 2], { scheme: "sinusoidal", endpoint: true }, /even width from 4/],
    ["a base of 0", [5, 4], { scheme: "sinusoidal", base: 0 }, /base: /],
    ["a base below 1", [5, 4], { scheme: "sinusoidal", base: 0.5 }, /base: expected a number from 1/],
    ["another order", [5, 4], { scheme: "sinusoidal", order: "half" }, /order: .*"halves"/],
    [
      "an axis that is not there",
      [5],
      { scheme: "arange", axis: 1 },
      /axis: expected a whole number from -1 to 0, got 1/,
    ],
    ["a scalar", [], { scheme: "arange" }, /one axis or more/],
    [
      "numbers that are not finite",
      [1000],
      { scheme: "arange", step: 1e36 },
      /\(length - 1\) \* step: expected at most 3.4/,
    ],
    ["a logarithm of 0", [5], { scheme: "logArange" }, /numbers above 0, which have a logarithm, got 0/],
    ["a logarithm below 0", [5], { scheme: "logArange", start: 2, step: -1 }, /got -2/],
    ["powers that overflow", [500], { scheme: "powers", base: 10 }, /powers from 1e-300 to 1e\+?300/],
    ["powers of 0", [5], { scheme: "powers", base: 0 }, /base: /],
    ["powers without a base", [5], { scheme: "powers" }, /base: /],
    ["an empty range", [5], { scheme: "logUniform", low: 2, high: 1 }, /low: expected at most high \(1\), got 2/],
    ["a step of 0", [5], { scheme: "logUniform", low: 0, high: 1 }, /low: expected a number from 1e-300/],
    ["a floor below 0", [5], { scheme: "logUniform", low: 1, high: 2, floor: -1 }, /floor: /],
    ["another inverse", [5], { scheme: "logUniform", low: 1, high: 2, inverse: "exp" }, /inverse: .*"softplus"/],
    ["an empty range of logarithms", [5], { scheme: "logOfUniform", low: 1, high: 1 }, /less than high/],
    [
      "channels that factor * factor does not divide",
      [10, 4, 3, 3],
      icnr(2),
      /shape\[0\]: expected a multiple of .* \(4\).*got 10/,
    ],
    ["a vector of icnr", [4], icnr(2), /two axes or more/],
    ["a factor of 0", [4, 4], icnr(0), /factor: /],
    [
      "icnr of computed values",
      [4, 4],
      { ...icnr(2), of: { scheme: "arange" } },
      /of: expected a scheme whose values are drawn/,
    ],
    ["icnr of a scheme that does not fit", [4, 4], { ...icnr(2), of: { scheme: "dirac" } }, /of: shape: /],
    [
      "a window of another shape",
      [5, 5],
      { scheme: "relativePosition", window: [2, 3] },
      /\[6, 6\], for a window of 2 x 3/,
    ],
    ["an unknown option", [5], { scheme: "arange", stop: 5 }, /stop/],
    ["an unknown scheme", [5], { scheme: "sinusoid" }, /"sinusoidal"/],
  ])("%s", (_, shape, scheme, message) => {
    expect(() => modelOfShapes("m", [{ name: "w", shape, ...scheme }])).toThrow(message);
    const plan = { rules: [{ match: "w", ...scheme }] } as unknown as Plan;
    const model = modelOfShapes("m", [{ name: "w", shape }]);
    expect(() => planModel(model, plan)).toThrow();
    expect(() => checkpoint(model, { plan, seed: 1 })).toThrow();
  });

  function icnr(factor: number) {
    return { scheme: "icnr", factor, of: { scheme: "normal", std: 1 } };
  }

  const source = { name: "v", shape: [3, 4], scheme: "normal", std: 1 };
  test.each<[string, object[], RegExp]>([
    ["without a source", [{ name: "w", shape: [3, 1], norms: "u", axis: 0 }], /norms: .*similar names/],
    ["of itself", [{ name: "w", shape: [3, 1], norms: "w", axis: 0 }], /norms: expected the name of another tensor/],
    [
      "of another shape",
      [{ name: "w", shape: [4, 1], norms: "v", axis: 0 }],
      /shape: expected \[3, 1\], .*got \[4, 1\]/,
    ],
    ["of an axis that is not there", [{ name: "w", shape: [3, 1], norms: "v", axis: 2 }], /axis: .*from -2 to 1/],
    [
      "of a copy",
      [
        { name: "w", shape: [3, 1], norms: "u", axis: 0 },
        { name: "u", shape: [3, 4], copy: "v" },
      ],
      /is a copy of "v"/,
    ],
    [
      "of norms",
      [
        { name: "w", shape: [3, 4], copy: "u", scale: 2 },
        { name: "u", shape: [3, 1], norms: "v", axis: 0 },
      ],
      /has the norms of "v"/,
    ],
    [
      "scaled, of another shape",
      [{ name: "w", shape: [4, 3], copy: "v", scale: 2 }],
      /expected a tensor of shape \[4, 3\]/,
    ],
    ["scaled by infinity", [{ name: "w", shape: [3, 4], copy: "v", scale: Number.POSITIVE_INFINITY }], /scale: /],
    [
      "in a cycle",
      [
        { name: "w", shape: [3, 4], copy: "u", scale: 2 },
        { name: "u", shape: [3, 4], copy: "w", scale: 2 },
      ],
      /is a copy of/,
    ],
    [
      "with an axis and a scheme",
      [{ name: "w", shape: [3, 1], norms: "v", axis: 0, scheme: "ones" }],
      /nothing else beside it/,
    ],
  ])("copies and norms %s", (_, list, message) => {
    expect(() => planModel(modelOfShapes("m", [...list, source]))).toThrow(message);
  });

  test("copies of another element type, and values that a type does not hold", () => {
    const types = [
      { name: "w", shape: [3, 1], norms: "v", axis: 0, dtype: "bf16" },
      { ...source, dtype: "f32" },
    ];
    expect(() => initModel(modelOfShapes("m", types))).toThrow(/of the type bf16, got "v" of the type f32/);
    const large = modelOfShapes("m", [{ name: "w", shape: [70_000], scheme: "arange" }]);
    expect(() => initModel(large, { dtype: "f16" })).toThrow(/dtype: expected one that holds values up to 69999/);
    const scaled = modelOfShapes("m", [{ name: "w", shape: [3, 4], copy: "v", scale: 1e5 }, source]);
    expect(() => initModel(scaled, { dtype: "f16" })).toThrow(/holds values up to 800000/);
  });

  test.each([
    ["f32", { copy: "b", scale: 1e-60 }, /1e-60, which these scaled/],
    ["f32", { scheme: "logUniform", low: 1e-60, high: 1e-50 }, /e-5[01], which these logUniform/],
    ["f16", { scheme: "logUniform", low: 1e-12, high: 1e-10 }, /e-1[01], which these logUniform/],
    ["f32", { scheme: "powers", base: 10, start: -60 }, /e-(60|57), which these powers/],
  ] as const)("values that all round to 0 in %s are refused: %j", (dtype, entry, what) => {
    const ones = { name: "b", shape: [2, 2], scheme: "ones" };
    const model = modelOfShapes("m", [{ name: "a", shape: [2, 2], ...entry }, ones]);
    expect(() => initModel(model, { seed: 1, dtype })).toThrow(what);
    expect(() => initModel(model, { seed: 1, dtype: "f64" })).not.toThrow();
  });

  test.each([
    ["copy and norms", { copy: "v", norms: "v" }, /rules\[0\]\.norms: expected "copy" or "norms", not both/],
    ["norms without an axis", { norms: "v" }, /rules\[0\]\.axis: expected the axis/],
    ["a scale without a copy", { norms: "v", axis: 0, scale: 2 }, /rules\[0\]\.scale: expected it next to "copy"/],
    ["an axis of a copy", { copy: "v", axis: 0 }, /rules\[0\]\.axis/],
    ["neither", {}, /rules\[0\].*expected the name of a scheme/],
    ["a scheme and norms", { scheme: "ones", norms: "v" }, /got "norms"/],
    [
      "the scheme of a record",
      { scheme: "scaled", source: "v", scale: 1, of: { scheme: "ones" } },
      /expected one of "zeros"/,
    ],
  ])("a rule with %s", (_, rule, message) => {
    expect(() => parsePlan({ rules: [{ match: "*", ...rule }] })).toThrow(message);
  });

  test.each([
    ["a record without a source", { scheme: "scaled", scale: 2, of: { scheme: "ones" } }, /name/],
    [
      "a record of what is made itself",
      {
        scheme: "scaled",
        source: "v",
        scale: 2,
        of: { scheme: "norms", source: "u", axis: 0, shape: [3, 4], of: { scheme: "ones" } },
      },
      /not made from another tensor/,
    ],
    [
      "a record of another shape",
      { scheme: "norms", source: "v", axis: 0, shape: [5, 5], of: { scheme: "ones" } },
      /shape: expected \[5, 1\]/,
    ],
    ["a record of no shape", { scheme: "norms", source: "v", axis: 0, shape: 5, of: { scheme: "ones" } }, /shape: /],
    ["a record of nothing", { scheme: "norms", source: "v", axis: 0, shape: [3, 1] }, /of: /],
  ])("%s", (_, scheme, message) => {
    expect(() => deriveModel([3, 1], recordedTensor(scheme).scheme)).toThrow(message);
  });
});

test("a config can have Infinity, as Python writes it, where no number is read", () => {
  const path = join(folder(), "config.json");
  const config = {
    model_type: "mamba2",
    hidden_size: 8,
    num_hidden_layers: 1,
    head_dim: 4,
    n_groups: 1,
    state_size: 2,
  };
  const text = JSON.stringify({ ...config, vocab_size: 5, _name_or_path: 'an "Infinity\\' }).slice(0, -1);
  writeFileSync(path, `${text}, "time_step_limit": [0.0, Infinity]}`);
  const model = readConfig(path);
  expect(model.unknownFields).toBeUndefined();
  expect(model.tensors.length).toBe(12);
  writeFileSync(path, `${text}, "conv_kernel": NaN}`);
  expect(() => readConfig(path)).toThrow(/conv_kernel: expected a whole number from 1, got /);
  writeFileSync(path, `${text}, "time_step_limit": [0.0, Infinite]}`);
  expect(() => readConfig(path)).toThrow(/line 1, column \d+: expected a value/);
});

test("families: the steps of Mamba lie between the bounds of its config", () => {
  const config = {
    model_type: "mamba",
    vocab_size: 8,
    hidden_size: 64,
    num_hidden_layers: 1,
    time_step_min: 0.01,
    time_step_max: 0.05,
  };
  const { tensors } = initModel(modelOf(config), { seed: 1 });
  const values = tensors.get("backbone.layers.0.mixer.dt_proj.bias")?.values as Float32Array;
  const steps = Array.from(values, (x) => Math.log1p(Math.exp(x)));
  expect(Math.min(...steps)).toBeGreaterThan(0.00999);
  expect(Math.max(...steps)).toBeLessThan(0.05001);
  expect(new Set(steps).size).toBe(128);
  const logs = tensors.get("backbone.layers.0.mixer.A_log")?.values as Float32Array;
  close(
    logs.subarray(16, 32),
    Array.from({ length: 16 }, (_, i) => Math.log(i + 1)),
    1e-6,
  );
});
