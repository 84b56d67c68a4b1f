/** Every scheme's law in every dtype, by both engines. */
import { describe, expect, test } from "vitest";
import {
  Arena,
  constant,
  type DType,
  fill,
  heNormal,
  init,
  normal,
  ones,
  type Scheme,
  truncatedNormal,
  uniform,
} from "../../src/index.js";
import { below, decode } from "../../src/math/float.js";
import { ENGINES } from "../engines.js";
import { chooser } from "../kernels.js";

const KEYED = { seed: 42, name: "fc1.kernel" } as const;
const SIZE = 12_345; // six blocks and a bit of f64, three of the others
const ARRAYS = { f32: Float32Array, f64: Float64Array, f16: Uint16Array, bf16: Uint16Array } as const;
const DTYPES = Object.keys(ARRAYS) as DType[];
const SCHEMES: readonly Scheme[] = [
  normal({ std: 0.02 }),
  normal({ mean: 1, std: 0.02 }),
  uniform({ low: 0, high: 1 }),
  uniform({ low: -0.1, high: 0.1 }),
  truncatedNormal({ std: 0.02 }),
  truncatedNormal({ std: 0.02, low: -3, high: 3 }),
  constant(-0.3),
];

type Any = Float32Array | Float64Array | Uint16Array;
const bytes = (values: Any) => Buffer.from(values.slice().buffer);

const numbers = (patterns: Uint16Array, dtype: "f16" | "bf16") => Array.from(patterns, (bits) => decode(bits, dtype));

describe.each(DTYPES)("%s", (dtype) => {
  describe.each(SCHEMES)("%j", (scheme) => {
    const whole = init([SIZE], scheme, { ...KEYED, dtype, engine: "scalar" });

    test.each(ENGINES)(
      "%s: the same bits, in arrays, arenas, slices and pieces, and nothing else is touched",
      (engine) => {
        const options = { ...KEYED, dtype, engine };
        expect(whole).toBeInstanceOf(ARRAYS[dtype]);
        expect(bytes(init([SIZE], scheme, options)).equals(bytes(whole))).toBe(true);
        const arena = new Arena(16 * SIZE + 128);
        const view = init([5, SIZE / 5], scheme, { ...options, arena });
        expect(view.buffer).toBe(arena.buffer);
        expect(bytes(view).equals(bytes(whole))).toBe(true);
        const choose = chooser(30);
        const edges = [0, 1, 2, 3, 7, 8, 2047, 2048, 2049, 4095, 4096, 4097, 8192];
        for (let round = 0; round < 40; ++round) {
          const start = round % 3 ? choose() % 8000 : (edges[choose() % edges.length] as number);
          const length = round % 2 ? 1 + (choose() % 40) : 1 + (choose() % 4000);
          const at = choose() % (SIZE - length);
          for (const memory of [new ARRAYS[dtype](SIZE), view]) {
            memory.fill(7);
            fill(memory.subarray(at, at + length) as never, [SIZE], scheme, { ...options, start });
            const slice = whole.slice(start, start + length);
            expect(bytes(memory.subarray(at, at + length)).equals(bytes(slice))).toBe(true);
            expect(memory.subarray(0, at).every((x) => x === 7)).toBe(true);
            expect(memory.subarray(at + length).every((x) => x === 7)).toBe(true);
          }
        }
      },
    );
  });
});

describe.each(["f16", "bf16"] as const)("%s", (dtype) => {
  test.each(SCHEMES)("%j: the f32 values, rounded", (scheme) => {
    const wide = init([SIZE], scheme, KEYED);
    const narrow = numbers(init([SIZE], scheme, { ...KEYED, dtype }), dtype);
    const ulp = dtype === "f16" ? 2 ** -11 : 2 ** -8;
    wide.forEach((value, i) => {
      expect(Math.abs((narrow[i] as number) - value)).toBeLessThanOrEqual(
        Math.max(Math.abs(value) * ulp * 2, 2 ** -25),
      );
    });
  });

  test.each([
    [-0.1, 0.1],
    [0, 1],
    [-1, 1],
    [1, 1.01],
    [-3, -2.5],
  ])("uniform(%d, %d) stays strictly between its ends and comes next to them", (low, high) => {
    const values = numbers(init([2 ** 18], uniform({ low, high }), { ...KEYED, dtype }), dtype);
    expect(values.every((x) => x > low && x < high)).toBe(true);
    expect(Math.max(...new Set(values))).toBe(below(high, dtype));
  });

  test("truncated values stay strictly between the cuts", () => {
    const values = numbers(init([2 ** 18], truncatedNormal({ std: 1 }), { ...KEYED, dtype }), dtype);
    expect(values.every((x) => x > -2 && x < 2)).toBe(true);
    expect(Math.max(...new Set(values))).toBe(below(2, dtype));
  });
});

test("bf16 has thousands of distinct values, where JAX's uniform has 128", () => {
  const distinct = (dtype: "f16" | "bf16", scheme: Scheme) =>
    new Set(init([2 ** 20], scheme, { ...KEYED, dtype })).size;
  expect(distinct("bf16", uniform({ low: 0, high: 1 }))).toBeGreaterThan(1500);
  expect(distinct("bf16", uniform({ low: -1, high: 1 }))).toBeGreaterThan(3000);
  expect(distinct("bf16", normal({ std: 1 }))).toBeGreaterThan(3000);
  expect(distinct("f16", normal({ std: 1 }))).toBeGreaterThan(20_000);
});

test("f64 has all its bits: no two of a million values are equal", () => {
  for (const scheme of [
    uniform({ low: 0, high: 1 }),
    normal({ std: 1 }),
    truncatedNormal({ std: 1, low: -3, high: 3 }),
  ]) {
    expect(new Set(init([2 ** 20], scheme, { ...KEYED, dtype: "f64" })).size).toBe(2 ** 20);
  }
});

test("f64 keeps a constant and a std that f32 cannot", () => {
  expect(init([1], constant(0.1), { dtype: "f64" })[0]).toBe(0.1);
  expect(init([8], normal({ std: 1e-60 }), { ...KEYED, dtype: "f64" }).every((x) => x !== 0)).toBe(true);
});

test("f16 of a Float16Array is written by its bits", () => {
  class Float16Array extends Uint16Array {
    override get [Symbol.toStringTag]() {
      return "Float16Array" as never;
    }
  }
  const array = new Float16Array(1000);
  expect(fill(array as never, [1000], heNormal({ fans: { in: 50, out: 20 } }), { ...KEYED, dtype: "f16" })).toBe(array);
  const expected = init([1000], heNormal({ fans: { in: 50, out: 20 } }), { ...KEYED, dtype: "f16" });
  expect(bytes(array).equals(bytes(expected))).toBe(true);
});

test("types follow the dtype", () => {
  const half: Uint16Array<ArrayBuffer> = init([1], ones(), { dtype: "bf16" });
  const double: Float64Array<ArrayBuffer> = init([1], ones(), { dtype: "f64", arena: new Arena(8) });
  const single: Float32Array<ArrayBuffer> = init([1], ones());
  expect([half[0], double[0], single[0]]).toEqual([0x3f80, 1, 1]);
  // @ts-expect-error a Float32Array holds no f64
  expect(() => fill(new Float32Array(1), [1], ones(), { dtype: "f64" })).toThrow(TypeError);
});

describe("bad input", () => {
  const one = ones();
  const cases: [string, () => unknown, ErrorConstructor, RegExp][] = [
    ["an unknown dtype", () => init([1], one, { dtype: "F16" as never }), RangeError, /^dtype: .*perhaps "f16"/],
    ["no string", () => init([1], one, { dtype: 16 as never }), TypeError, /^dtype/],
    [
      "an f32 array for f64",
      () => fill(new Float32Array(1) as never, [1], one, { dtype: "f64" }),
      TypeError,
      /^array: expected a Float64Array for dtype f64, got Float32Array/,
    ],
    [
      "an f32 array for f16",
      () => fill(new Float32Array(1) as never, [1], one, { dtype: "f16" }),
      TypeError,
      /^array: expected a Uint16Array or Float16Array for dtype f16/,
    ],
    [
      "a constant beyond f16",
      () => init([1], constant(70_000), { dtype: "f16" }),
      RangeError,
      /^dtype: .*holds values up to 70000/,
    ],
    [
      "a uniform law beyond f16",
      () => init([1], uniform({ low: -1e5, high: 1 }), { ...KEYED, dtype: "f16" }),
      RangeError,
      /^dtype: .*holds values up to 100000/,
    ],
    [
      "a normal law beyond f16",
      () => init([1], normal({ std: 1e4 }), { ...KEYED, dtype: "f16" }),
      RangeError,
      /^dtype: .*holds values up to 80000, which this normal distribution reaches, got "f16"/,
    ],
    [
      "a truncated law beyond f16",
      () => init([1], truncatedNormal({ std: 4e4 }), { ...KEYED, dtype: "f16" }),
      RangeError,
      /^dtype/,
    ],
    ["a constant beyond bf16", () => init([1], constant(3.4e38), { dtype: "bf16" }), RangeError, /^dtype/],
  ];
  test.each(cases)("%s", (_, run, kind, message) => {
    expect(run).toThrow(kind);
    expect(run).toThrow(message);
  });

  test("what fits is drawn", () => {
    expect(init([1], truncatedNormal({ std: 0.02, low: -1e9, high: 1e9 }), { ...KEYED, dtype: "f16" })).toHaveLength(1);
    expect(init([1], constant(65504), { dtype: "f16" })[0]).toBe(0x7bff);
  });
});
