/** The element types: f64, f16 and bf16 drawn in every place by both engines, and what each type keeps of a distribution. */
import { describe, expect, test } from "vitest";
import {
  Arena,
  constant,
  fill,
  heNormal,
  init,
  normal,
  ones,
  type Scheme,
  truncatedNormal,
  uniform,
} from "../../src/index.js";
import { below, valueOfPattern } from "../../src/math/float.js";
import { expectSameBits, expectWrites } from "../bits.js";
import { ENGINES } from "../engines.js";
import { chooser } from "../kernels.js";
import { INDEPENDENT, KEYED } from "../schemes.js";

const SIZE = 12_345; // ends within a block: the seventh of f64, the fourth of the others
const ARRAYS = { f64: Float64Array, f16: Uint16Array, bf16: Uint16Array } as const;

const numbers = (patterns: Uint16Array, dtype: "f16" | "bf16") =>
  Array.from(patterns, (bits) => valueOfPattern(bits, dtype));
/** Each value once. */
const valuesOf = (patterns: Uint16Array, dtype: "f16" | "bf16") => numbers(Uint16Array.from(new Set(patterns)), dtype);

// f32 is drawn in the same places by init.test.ts.
describe.each(["f64", "f16", "bf16"] as const)("%s", (dtype) => {
  describe.each(INDEPENDENT)("of %j", (scheme) => {
    const whole = init([SIZE], scheme, { ...KEYED, dtype, engine: "scalar" });

    test.each(ENGINES)(
      "has the same bits in arrays, arenas and any slice, and nothing else is touched, by %s",
      (engine) => {
        const options = { ...KEYED, dtype, engine };
        expect(whole).toBeInstanceOf(ARRAYS[dtype]);
        expectSameBits(init([SIZE], scheme, options), whole);
        const arena = new Arena(16 * SIZE + 128);
        const view = init([5, SIZE / 5], scheme, { ...options, arena });
        expect(view.buffer).toBe(arena.buffer);
        expectSameBits(view, whole);
        const own = new ARRAYS[dtype](SIZE);
        const choose = chooser(30);
        const borders = [0, 1, 2, 3, 7, 8, 2047, 2048, 2049, 4095, 4096, 4097, 8192];
        for (let round = 0; round < 40; ++round) {
          const start = round % 3 ? choose() % 8000 : (borders[choose() % borders.length] as number);
          const length = round % 2 ? 1 + (choose() % 40) : 1 + (choose() % 4000);
          const at = choose() % (SIZE - length);
          for (const memory of [own, view]) {
            expectWrites(memory, at, whole.slice(start, start + length), (slice) =>
              fill(slice as never, [SIZE], scheme, { ...options, start }),
            );
          }
        }
      },
    );
  });
});

describe.each(["f16", "bf16"] as const)("%s", (dtype) => {
  test.each(INDEPENDENT)("holds the f32 values of %j, rounded", (scheme) => {
    const wide = init([SIZE], scheme, KEYED);
    const narrow = numbers(init([SIZE], scheme, { ...KEYED, dtype }), dtype);
    const ulp = dtype === "f16" ? 2 ** -11 : 2 ** -8;
    const wrong = wide.findIndex(
      (value, i) => !(Math.abs((narrow[i] as number) - value) <= Math.max(Math.abs(value) * ulp * 2, 2 ** -25)),
    );
    expect(wrong).toBe(-1);
  });

  test.each([
    [-0.1, 0.1],
    [0, 1],
    [-1, 1],
    [1, 1.01],
    [-3, -2.5],
  ])("draws uniform(%d, %d) strictly between its ends, and right next to the upper one", (low, high) => {
    const values = valuesOf(init([2 ** 18], uniform({ low, high }), { ...KEYED, dtype }), dtype);
    expect(values.every((x) => x > low && x < high)).toBe(true);
    expect(Math.max(...values)).toBe(below(high, dtype));
  });

  test("draws a truncated normal strictly between its bounds, and right next to the upper one", () => {
    const values = valuesOf(init([2 ** 18], truncatedNormal({ std: 1 }), { ...KEYED, dtype }), dtype);
    expect(values.every((x) => x > -2 && x < 2)).toBe(true);
    expect(Math.max(...values)).toBe(below(2, dtype));
  });
});

test("bf16 draws thousands of distinct values, where JAX's uniform draws 128", () => {
  const distinct = (dtype: "f16" | "bf16", scheme: Scheme) =>
    new Set(init([2 ** 20], scheme, { ...KEYED, dtype })).size;
  expect(distinct("bf16", uniform({ low: 0, high: 1 }))).toBeGreaterThan(1500);
  expect(distinct("bf16", uniform({ low: -1, high: 1 }))).toBeGreaterThan(3000);
  expect(distinct("bf16", normal({ std: 1 }))).toBeGreaterThan(3000);
  expect(distinct("f16", normal({ std: 1 }))).toBeGreaterThan(20_000);
});

test("f64 draws no two equal values in a million", () => {
  for (const scheme of [
    uniform({ low: 0, high: 1 }),
    normal({ std: 1 }),
    truncatedNormal({ std: 1, low: -3, high: 3 }),
  ]) {
    const sorted = init([2 ** 20], scheme, { ...KEYED, dtype: "f64" }).sort();
    expect(sorted.findIndex((x, i) => x === sorted[i + 1])).toBe(-1);
  }
});

test("f64 keeps a constant and a std that f32 cannot represent", () => {
  expect(init([1], constant(0.1), { dtype: "f64" })[0]).toBe(0.1);
  expect(init([8], normal({ std: 1e-60 }), { ...KEYED, dtype: "f64" }).every((x) => x !== 0)).toBe(true);
});

test("a Float16Array is filled with the same bits as a Uint16Array", () => {
  class Float16Array extends Uint16Array {
    override get [Symbol.toStringTag]() {
      return "Float16Array" as never;
    }
  }
  const array = new Float16Array(1000);
  expect(fill(array as never, [1000], heNormal({ fans: { in: 50, out: 20 } }), { ...KEYED, dtype: "f16" })).toBe(array);
  const expected = init([1000], heNormal({ fans: { in: 50, out: 20 } }), { ...KEYED, dtype: "f16" });
  expectSameBits(new Uint16Array(array.buffer), expected);
});

test("the type of the array follows the dtype", () => {
  const half: Uint16Array<ArrayBuffer> = init([1], ones(), { dtype: "bf16" });
  const double: Float64Array<ArrayBuffer> = init([1], ones(), { dtype: "f64", arena: new Arena(8) });
  const single: Float32Array<ArrayBuffer> = init([1], ones());
  expect([half[0], double[0], single[0]]).toEqual([0x3f80, 1, 1]);
  // @ts-expect-error a Float32Array holds no f64
  expect(() => fill(new Float32Array(1), [1], ones(), { dtype: "f64" })).toThrow(TypeError);
});

describe("init and fill refuse", () => {
  const one = ones();
  const cases: [string, () => unknown, ErrorConstructor, RegExp][] = [
    ["an unknown dtype", () => init([1], one, { dtype: "F16" as never }), RangeError, /^dtype: .*perhaps "f16"/],
    ["a dtype that is no string", () => init([1], one, { dtype: 16 as never }), TypeError, /^dtype/],
    [
      "a Float32Array for f64",
      () => fill(new Float32Array(1) as never, [1], one, { dtype: "f64" }),
      TypeError,
      /^array: expected a Float64Array for dtype f64, got Float32Array/,
    ],
    [
      "a Float32Array for f16",
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
      "a uniform distribution beyond f16",
      () => init([1], uniform({ low: -1e5, high: 1 }), { ...KEYED, dtype: "f16" }),
      RangeError,
      /^dtype: .*holds values up to 100000/,
    ],
    [
      "a normal distribution beyond f16",
      () => init([1], normal({ std: 1e4 }), { ...KEYED, dtype: "f16" }),
      RangeError,
      /^dtype: .*holds values up to 80000, which this normal distribution reaches, got "f16"/,
    ],
    [
      "a truncated normal beyond f16",
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

  test("no distribution whose values fit the dtype", () => {
    expect(init([1], truncatedNormal({ std: 0.02, low: -1e9, high: 1e9 }), { ...KEYED, dtype: "f16" })).toHaveLength(1);
    expect(init([1], constant(65504), { dtype: "f16" })[0]).toBe(0x7bff);
  });
});
