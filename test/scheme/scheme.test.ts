/** Schemes as data: constructors, their checks, and what they resolve to. */
import { describe, expect, test } from "vitest";
import * as nn from "../../src/index.js";

const EVERY: readonly nn.Scheme[] = [
  nn.zeros(),
  nn.ones(),
  nn.constant(0.25),
  nn.uniform({ low: -1, high: 2 }),
  nn.normal({ std: 0.02 }),
  nn.truncatedNormal({ std: 0.02 }),
  nn.varianceScaling({ scale: 1, mode: "fan_avg", distribution: "uniform", layout: "io" }),
  nn.glorotNormal(),
  nn.glorotUniform(),
  nn.heNormal({ layout: "oi" }),
  nn.heUniform({ axes: { in: 0, out: [1] } }),
  nn.lecunNormal(),
  nn.lecunUniform(),
  nn.xavierNormal({ gain: 2 }),
  nn.xavierUniform(),
  nn.kaimingNormal({ activation: "relu", mode: "fan_out" }),
  nn.kaimingUniform({ slope: 0.1 }),
];

test("a scheme is frozen data, the same after JSON or a structured clone", () => {
  expect(JSON.stringify(nn.normal({ std: 0.02 }))).toBe('{"scheme":"normal","std":0.02}');
  for (const made of EVERY) {
    expect(nn.scheme(JSON.parse(JSON.stringify(made)))).toEqual(made);
    expect(structuredClone(made)).toEqual(made);
    expect(Object.isFrozen(made)).toBe(true);
    expect(nn.resolve([4, 4], JSON.parse(JSON.stringify(made)))).toEqual(nn.resolve([4, 4], made));
  }
});

test("options that are undefined are absent", () => {
  expect(nn.normal({ std: 1, mean: undefined as never })).toEqual({ scheme: "normal", std: 1 });
});

describe("truncatedNormal", () => {
  test("takes bounds in std from the mean by default", () => {
    expect(nn.resolve([2], nn.truncatedNormal({ std: 0.5, mean: 1, low: -1, high: 3 }))).toEqual({
      kind: "truncated",
      mean: 1,
      std: 0.5,
      low: -1,
      high: 3,
    });
  });

  test("takes absolute bounds, as torch.nn.init.trunc_normal_ does", () => {
    expect(nn.resolve([2], nn.truncatedNormal({ std: 0.02, bounds: "absolute" }))).toEqual({
      kind: "truncated",
      mean: 0,
      std: 0.02,
      low: -100,
      high: 100,
    });
  });

  test("with stdOf result draws values of that std, after truncation", () => {
    const width = (scheme: nn.Scheme, n = 2 ** 18) => {
      const values = nn.init([n], scheme, { seed: 1, name: "w" });
      const mean = values.reduce((sum, x) => sum + x, 0) / n;
      return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n);
    };
    // 4.5 standard errors: std / sqrt(2n) at most, since truncation lowers the kurtosis.
    for (const options of [
      { std: 0.02, stdOf: "result" },
      { std: 3, low: -1, high: 0.5, stdOf: "result" },
      { std: 0.5, low: -1, high: 2, bounds: "absolute", stdOf: "result" },
      { std: 0.2, mean: 3, low: -1, high: 1, bounds: "absolute", stdOf: "result" },
      { std: 0.57, low: -1, high: 1, bounds: "absolute", stdOf: "result" },
    ] as const) {
      expect(Math.abs(width(nn.truncatedNormal(options)) / options.std - 1)).toBeLessThan(4.5 / Math.sqrt(2 ** 19));
    }
    expect(Math.abs(width(nn.truncatedNormal({ std: 0.02 })) / 0.02 - 0.8796)).toBeLessThan(0.005);
  });
});

test("a distribution of one value is a constant", () => {
  expect(nn.resolve([2], nn.normal({ mean: 3, std: 0 }))).toEqual({ kind: "constant", value: 3 });
  expect(nn.resolve([2], nn.uniform({ low: 2, high: 2 }))).toEqual({ kind: "constant", value: 2 });
  expect(nn.resolve([2], nn.normal({ std: -0 }))).toEqual({ kind: "constant", value: 0 });
});

test.each<[string, () => unknown, typeof TypeError | typeof RangeError, RegExp]>([
  ["a std of NaN", () => nn.normal({ std: Number.NaN }), RangeError, /^std: expected a finite number, got NaN$/],
  ["an infinite std", () => nn.normal({ std: Infinity }), RangeError, /^std/],
  ["a negative std", () => nn.normal({ std: -1 }), RangeError, /^std: expected a number not below 0, got -1$/],
  ["a std beyond f32", () => nn.normal({ std: 1e39 }), RangeError, /^std/],
  ["a std whose tail is beyond f32", () => nn.normal({ std: 1e38 }), RangeError, /8 std/],
  ["a std that is a string", () => nn.normal({ std: "1" as never }), TypeError, /^std: expected a number, got "1"$/],
  ["a normal without a std", () => nn.normal({} as never), TypeError, /^std/],
  ["a normal without options", () => nn.normal(undefined as never), TypeError, /^std/],
  ["an unknown option", () => nn.normal({ std: 1, sd: 2 } as never), TypeError, /mean, std.*"sd"/],
  ["a mean of NaN", () => nn.normal({ mean: Number.NaN, std: 1 }), RangeError, /^mean/],
  ["low above high", () => nn.uniform({ low: 1, high: 0 }), RangeError, /^low: expected at most high \(0\), got 1$/],
  ["an infinite low", () => nn.uniform({ low: -Infinity, high: 0 }), RangeError, /^low/],
  ["a uniform without high", () => nn.uniform({ low: 0 } as never), TypeError, /^high/],
  ["a constant of NaN", () => nn.constant(Number.NaN), RangeError, /^value/],
  ["a constant that is a bigint", () => nn.constant(1n as never), TypeError, /^value: expected a number, got 1n$/],
  [
    "bounds with nothing between",
    () => nn.truncatedNormal({ std: 1, low: 2, high: 2 }),
    RangeError,
    /^low: expected less than high/,
  ],
  ["a bound of NaN", () => nn.truncatedNormal({ std: 1, low: Number.NaN }), RangeError, /^low/],
  ["unknown bounds", () => nn.truncatedNormal({ std: 1, bounds: "sigma" as never }), RangeError, /"std", "absolute"/],
  ["an unknown stdOf", () => nn.truncatedNormal({ std: 1, stdOf: "both" as never }), RangeError, /"parent", "result"/],
  [
    "a std that no truncated normal has",
    () => nn.truncatedNormal({ std: 1, low: -1, high: 1, bounds: "absolute", stdOf: "result" }),
    RangeError,
    /^std: expected at most 0.9999/,
  ],
  [
    "a negative scale",
    () => nn.varianceScaling({ scale: -1, mode: "fan_in", distribution: "normal", layout: "io" }),
    RangeError,
    /^scale/,
  ],
  [
    "an unknown mode",
    () => nn.varianceScaling({ scale: 1, mode: "in" as never, distribution: "normal", layout: "io" }),
    RangeError,
    /^mode.*fan_geo_avg/,
  ],
  [
    "an unknown distribution",
    () => nn.varianceScaling({ scale: 1, mode: "fan_in", distribution: "gauss" as never, layout: "io" }),
    RangeError,
    /^distribution/,
  ],
  [
    "varianceScaling with neither layout nor axes",
    () => nn.varianceScaling({ scale: 1, mode: "fan_in", distribution: "normal" }),
    TypeError,
    /^layout, axes/,
  ],
  ["a layout beside axes", () => nn.heNormal({ layout: "io", axes: { in: 0, out: 1 } }), TypeError, /^layout, axes/],
  [
    "an unknown layout",
    () => nn.heNormal({ layout: "hwio" as never }),
    RangeError,
    /^layout: expected one of "io", "oi", got "hwio"$/,
  ],
  ["axes without out", () => nn.heNormal({ axes: { in: 0 } as never }), TypeError, /^axes.out/],
  ["an axis that is no whole number", () => nn.heNormal({ axes: { in: 0.5, out: 1 } }), RangeError, /^axes.in/],
  [
    "an axis that the shape does not have",
    () => nn.resolve([3, 4], nn.heNormal({ axes: { in: 0, out: 2 } })),
    RangeError,
    /^axes.out/,
  ],
  ["the same axis twice", () => nn.resolve([3, 4], nn.heNormal({ axes: { in: 0, out: -2 } })), RangeError, /^axes.out/],
  ["a fractional shape", () => nn.resolve([1.5], nn.zeros()), RangeError, /^shape\[0\]/],
  ["a fractional shape for fans", () => nn.fans([1.5, 2], { layout: "io" }), RangeError, /^shape\[0\]/],
  ["fans without a layout", () => nn.fans([1, 2], {}), TypeError, /^layout, axes/],
  [
    "heNormal of a vector",
    () => nn.resolve([3], nn.heNormal()),
    RangeError,
    /^shape: expected two axes or more.*\[3\]$/,
  ],
  ["xavierUniform of a scalar", () => nn.resolve([], nn.xavierUniform()), RangeError, /^shape/],
  ["a negative gain", () => nn.xavierNormal({ gain: -1 }), RangeError, /^gain/],
  ["a gain beside an activation", () => nn.kaimingNormal({ gain: 1, activation: "relu" }), TypeError, /^gain/],
  [
    "an unknown activation",
    () => nn.kaimingNormal({ activation: "gleu" as never }),
    RangeError,
    /^activation.*perhaps "gelu"/,
  ],
  ["a slope of NaN", () => nn.kaimingNormal({ slope: Number.NaN }), RangeError, /^slope/],
  [
    "an unknown scheme",
    () => nn.scheme({ scheme: "henormal" }),
    RangeError,
    /^scheme: expected one of .*"heNormal".*got "henormal"$/,
  ],
  ["data without a scheme", () => nn.scheme({ std: 1 }), TypeError, /^scheme/],
  [
    "a scheme that was not called",
    () => nn.scheme(nn.heNormal),
    TypeError,
    /^scheme: expected a scheme such as heNormal\(\); call/,
  ],
  [
    "a name alone whose scheme needs options",
    () => nn.scheme("normal"),
    TypeError,
    /^std: expected a number, got undefined$/,
  ],
  ["toString for a name", () => nn.scheme({ scheme: "toString" }), RangeError, /^scheme/],
])("refuses %s", (_, act, kind, message) => {
  expect(act).toThrow(kind);
  expect(act).toThrow(message);
});

test("a fan of 0 counts as 1, since nothing is drawn of an empty tensor; one below 1 stays as it is", () => {
  const bound = Math.sqrt(6 / 513);
  for (const shape of [
    [0, 512],
    [512, 0],
  ]) {
    expect(nn.resolve(shape, nn.glorotUniform())).toEqual({ kind: "uniform", low: -bound, high: bound });
  }
  const strided = { scale: 1, mode: "fan_out", distribution: "uniform", layout: "oi", stride: 2 } as const;
  expect(nn.fans([1, 1, 1], { layout: "oi", stride: 2 }).out).toBe(0.5);
  expect(nn.resolve([1, 1, 1], nn.varianceScaling(strided))).toEqual({
    kind: "uniform",
    low: -Math.sqrt(6),
    high: Math.sqrt(6),
  });
});

test("an option that a scheme does not have is refused, with those that it has", () => {
  const misspelt = { scheme: "normal", sdt: 2 } as never;
  expect(() => nn.resolve([3, 3], misspelt)).toThrow(
    'scheme: expected options among scheme, mean, std (perhaps "std"), got "sdt"',
  );
});

test("bounds that hold nothing are refused, and a std of 0 is a constant", () => {
  const cut = { scheme: "truncatedNormal", std: 2, high: 4, bounds: "absolute" } as const;
  for (const low of [4, 5]) {
    expect(() => nn.resolve([2], { ...cut, low })).toThrow(`low: expected less than high (4), got ${low}`);
  }
  const constant = { kind: "constant", value: 4 };
  expect(nn.resolve([2], { ...cut, std: 0, mean: 4 })).toEqual(constant);
});
