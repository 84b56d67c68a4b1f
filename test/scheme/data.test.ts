/** Distributions as data, which a caller may have written: each field is read once and bounded, or refused. */
import { describe, expect, test } from "vitest";
import type { Distribution } from "../../src/distribution.js";
import {
  constant,
  type DType,
  explain,
  fill,
  identity,
  init,
  normal,
  orthogonal,
  resolve,
  type Scheme,
  sparse,
  split,
  truncatedNormal,
  uniform,
} from "../../src/index.js";
import { initModel, modelOfShapes } from "../../src/model.js";

const KEYED = { seed: 42, name: "w" } as const;
const draw = (distribution: unknown, size = 4, dtype: DType = "f32") =>
  init([size], distribution as Distribution, { ...KEYED, dtype });

/** The values of a model's only tensor. */
const drawModel = (scheme: Scheme, dtype: DType, shape = [4, 4]) => {
  const model = modelOfShapes("one", [{ name: "w", shape }]);
  const plan = { rules: [{ match: "*", ...scheme }] };
  return initModel(model, { plan, seed: 42, dtype }).tensors.get("w")?.values;
};

test("limits are constants, as the schemes make them", () => {
  expect([...draw({ kind: "normal", mean: 2, std: 0 })]).toEqual([2, 2, 2, 2]);
  expect([...draw({ kind: "normal", mean: 0, std: -0 })].map((x) => Object.is(x, 0))).toEqual(Array(4).fill(true));
  expect([...draw({ kind: "uniform", low: 3, high: 3 })]).toEqual([3, 3, 3, 3]);
  expect([...draw({ kind: "truncated", mean: 2, std: 0, low: 1, high: 2 })]).toEqual([2, 2, 2, 2]);
  const parts = [{ length: 4, distribution: { kind: "normal", mean: 2, std: 0 } }];
  expect([...init([4], { kind: "split", parts } as Distribution)]).toEqual([2, 2, 2, 2]); // needs no key
});

test("every field is read once", () => {
  const counted = <T extends object>(of: T) => {
    const reads = new Map<PropertyKey, number>();
    const get = (target: T, field: PropertyKey, self: unknown) => {
      reads.set(field, (reads.get(field) ?? 0) + 1);
      return Reflect.get(target, field, self);
    };
    return { proxy: new Proxy(of, { get }), reads };
  };
  const inner = counted({ kind: "normal", mean: 0, std: 1 });
  const outer = counted({ kind: "split", parts: [{ length: 4, distribution: inner.proxy }] });
  draw(outer.proxy);
  expect([...inner.reads]).toEqual([
    ["kind", 1],
    ["mean", 1],
    ["std", 1],
  ]);
  expect([...outer.reads]).toEqual([
    ["kind", 1],
    ["parts", 1],
  ]);
});

const diagonal = { kind: "diagonal", value: 1, offset: 0, step: 1, count: 1, repeat: 0, repeats: 1, elements: 4 };
const orthogonalOf4 = { kind: "orthogonal", rows: 2, columns: 2, gain: 1, offset: 0, stride: 1, elements: 4 };
const sparseOf4 = { kind: "sparse", rows: 2, columns: 2, std: 1, zeros: 1, perRow: false, elements: 4 };

test.each<[string, unknown, RegExp]>([
  ["diagonals without end", { ...diagonal, repeats: 2 ** 53 - 1 }, /^distribution: expected numbers .* go together/],
  ["more values than elements", { ...diagonal, count: 4, repeat: 1, repeats: 4, elements: 7 }, /^distribution/],
  ["a step of 0", { ...diagonal, step: 0, count: 3 }, /^distribution: expected numbers/],
  ["no diagonal", { ...diagonal, repeats: 0 }, /^distribution: expected numbers/],
  ["a matrix in one place", { ...orthogonalOf4, stride: 0 }, /^distribution: expected numbers/],
  [
    "a side past 2^30",
    { ...orthogonalOf4, rows: 2 ** 31, columns: 1, elements: 2 ** 31 },
    /^distribution: expected numbers/,
  ],
  ["more zeros than a column has", { ...sparseOf4, zeros: 3 }, /^distribution: expected numbers/],
  ["rows that are text", { ...sparseOf4, perRow: "no" }, /^distribution\.perRow: expected a boolean, got "no"/],
  [
    "an order that is no power of 2",
    { kind: "hadamard", columns: 2, size: 2 ** 40 + 2 ** 35, elements: 4 },
    /^distribution/,
  ],
  ["an order past 2^30", { kind: "hadamard", columns: 2, size: 2 ** 40, elements: 4 }, /^distribution/],
  ["a number as text", { kind: "normal", mean: "0", std: 1 }, /^distribution\.mean: expected a number, got "0"/],
  ["a negative std", { kind: "normal", mean: 0, std: -1 }, /^distribution\.std: expected a number not below 0, got -1/],
  ["NaN", { kind: "truncated", mean: 0, std: 1, low: Number.NaN, high: 2 }, /^distribution: expected numbers/],
  ["a bound that is text", { kind: "truncated", mean: 0, std: 1, low: "-2", high: 2 }, /^distribution\.low/],
  ["low above high", { kind: "uniform", low: 2, high: 1 }, /^distribution: expected numbers/],
  ["a field too many", { kind: "normal", mean: 0, std: 1, stdd: 2 }, /^distribution: expected options among mean, std/],
  ["no parts", { kind: "split", parts: [] }, /^distribution\.parts: expected a list of parts/],
  [
    "parts that are no list",
    { kind: "split", parts: { length: 1e9 } },
    /^distribution\.parts: expected a list of parts/,
  ],
  ["no part", { kind: "split", parts: [null] }, /^distribution\.parts: expected an object/],
  [
    "a scheme as a part",
    { kind: "split", parts: [{ length: 4, distribution: "zeros" }] },
    /^distribution\.parts\.distribution/,
  ],
  [
    "a split as a part",
    { kind: "split", parts: [{ length: 4, distribution: { kind: "split", parts: [] } }] },
    /^distribution\.kind/,
  ],
  [
    "too many parts",
    { kind: "split", parts: Array(2 ** 20 + 1).fill(null) },
    /^distribution\.parts: expected at most 1048576 parts/,
  ],
  [
    "more matrices than the stream has room for",
    { kind: "split", parts: Array(2 ** 17 + 1).fill({ length: 1, distribution: { ...diagonal, elements: 1 } }) },
    /^distribution\.parts: expected at most 131072 matrices/,
  ],
])("refuses %s", (_, given, message) => {
  const size = (given as { parts?: unknown[] }).parts?.length === 2 ** 17 + 1 ? 2 ** 17 + 1 : 4;
  expect(() => draw(given, size)).toThrow(message);
});

test("what resolve makes is accepted", () => {
  const schemes: Scheme[] = [
    orthogonal(),
    identity(),
    sparse({ sparsity: 0.5, axis: 1 }),
    truncatedNormal({ std: 1e-320, low: -2, high: 2, bounds: "absolute" }), // bounds of infinitely many std
    split({ axis: 1, parts: [1, 3], of: [orthogonal(), normal({ std: 1 })] }),
  ];
  for (const scheme of schemes) {
    const data = structuredClone(resolve([4, 4], scheme));
    expect(init([4, 4], data, { ...KEYED, dtype: "f64" })).toEqual(init([4, 4], scheme, { ...KEYED, dtype: "f64" }));
  }
});

describe("what a dtype cannot hold", () => {
  const NEXT = { f16: 2 ** -10, bf16: 2 ** -7, f32: 2 ** -23, f64: 2 ** -52 } as const; // from 1 to the next value
  const DTYPES = ["f16", "bf16", "f32", "f64"] as const;

  test.each(DTYPES)(
    "%s: a model's tensor is refused if no value is inside its interval; with one it draws that",
    (dtype) => {
      const [low, high] = [1, 1 + NEXT[dtype]];
      const refused = new RegExp(`dtype: expected one that has a value strictly between .*, got "${dtype}"$`);
      const middle = (low + high) / 2;
      const cut = (std: number, far: number) =>
        truncatedNormal({ mean: middle, std, low: low - far, high: high + far, bounds: "absolute" });
      expect(() => drawModel(uniform({ low, high }), dtype)).toThrow(refused);
      expect(() => drawModel(uniform({ low: -high, high: -low }), dtype)).toThrow(refused);
      if (dtype !== "f64") expect(() => drawModel(cut(1, 0), dtype)).toThrow(refused);
      expect(init([4], uniform({ low, high }), { ...KEYED, dtype })).toEqual(init([4], constant(1), { dtype }));
      const wider = init([4], uniform({ low: 1 - NEXT[dtype] / 2, high }), { ...KEYED, dtype });
      expect(wider).toEqual(init([4], constant(1), { dtype }));
      expect(explain([4], uniform({ low, high }), dtype)).toContain(`; no value of ${dtype} is between the bounds`);
    },
  );

  test.each(["f16", "bf16", "f32"] as const)(
    "%s: an interval without a value, its lower end included, is refused",
    (dtype) => {
      const [low, high] = [1 + NEXT[dtype] / 8, 1 + NEXT[dtype] / 4]; // what would be drawn is 1, outside
      const refused = new RegExp(
        `dtype: expected one that has a value between -?1\\.0.* and -?1\\.0.*, got "${dtype}"$`,
      );
      const cut = truncatedNormal({ mean: low, std: 1, low, high, bounds: "absolute" });
      for (const scheme of [uniform({ low, high }), uniform({ low: -high, high: -low }), cut]) {
        expect(() => init([4], scheme, { ...KEYED, dtype })).toThrow(refused);
        expect(() => fill(new Float64Array(4) as never, [4], scheme, { ...KEYED, dtype })).toThrow(refused);
        const drawn = init([4], scheme, { ...KEYED, dtype: "f64" });
        expect(drawn.every((x) => Math.abs(x) > low && Math.abs(x) < high)).toBe(true);
      }
    },
  );

  test.each([
    ["f16", 2 ** -25],
    ["bf16", 2 ** -134],
    ["f32", 2 ** -150],
  ] as const)("%s: a model's tensor is refused if most of its values round to 0, but drawn alone", (dtype, half) => {
    const alone = (scheme: Scheme, shape = [4, 4]) => init(shape, scheme, { ...KEYED, dtype });
    const made = (scheme: Scheme) => drawModel(scheme, dtype);
    const refused = new RegExp(`dtype: expected one that does not round .* to 0, got "${dtype}"$`);
    const tiny: Scheme[] = [
      normal({ std: half }),
      constant(half),
      constant(-half),
      uniform({ low: -half, high: half }),
      truncatedNormal({ std: half }),
      truncatedNormal({ mean: half / 2, std: half / 4, low: -half / 8, high: half, bounds: "absolute" }),
      orthogonal({ gain: half }),
      identity({ gain: half }),
      sparse({ sparsity: 0.5, std: half }),
    ];
    for (const scheme of tiny) expect(() => made(scheme), JSON.stringify(scheme)).toThrow(refused);
    const packed = split({ axis: 0, parts: 2, of: [normal({ std: 1 }), normal({ std: half })] });
    expect(() => made(packed)).toThrow(refused);
    for (const scheme of tiny) expect(drawModel(scheme, "f64")?.some((x) => x !== 0)).toBe(true);
    for (const scheme of tiny) expect(alone(scheme)).toHaveLength(16);
    expect(made(constant(1.01 * half))?.every((pattern) => pattern !== 0)).toBe(true);
    const shares = alone(normal({ std: 3 * half }), [100, 100]).filter((x) => x !== 0 && x !== 0x8000).length / 10_000;
    expect(shares).toBeGreaterThan(0.7); // P(|Z| > 1/3) = 0.739
    expect(made(normal({ std: 0 }))?.every((x) => x === 0)).toBe(true);
  });

  test("std 1e-8 in f16, of which 4,082 of 4,096 values would be 0", () => {
    expect(() => drawModel(normal({ std: 1e-8 }), "f16", [4096])).toThrow(/1e-8, a typical value/);
    const alone = init([4096], normal({ std: 1e-8 }), { ...KEYED, dtype: "f16" });
    expect(alone.filter((pattern) => (pattern & 0x7fff) === 0)).toHaveLength(4082);
    expect(explain([4096], normal({ std: 1e-8 }), "f16")).toContain("; f16 rounds typical values to 0");
    expect(explain([4096], normal({ std: 1e-8 }))).not.toContain("rounds");
  });
});
