/** What `init` and `fill` draw: a distribution in place of a scheme, or a scheme by its name. */
import { describe, expect, test } from "vitest";
import {
  constant,
  type Distribution,
  deltaOrthogonal,
  dirac,
  fill,
  hadamard,
  heNormal,
  identity,
  init,
  kaimingUniform,
  normal,
  orthogonal,
  resolve,
  type Scheme,
  type SchemeName,
  scheme,
  sparse,
  split,
  truncatedNormal,
  uniform,
  xavierUniform,
  zeros,
} from "../../src/index.js";
import { SCHEME_NAMES } from "../../src/scheme/scheme.js";
import { expectSameBits } from "../bits.js";
import { ENGINES } from "../engines.js";
import { KEYED } from "../schemes.js";

/** Of each kind of distribution at least one. */
const CASES: readonly (readonly [Scheme, readonly number[]])[] = [
  [constant(-0.3), [7, 9]],
  [uniform({ low: -0.1, high: 0.3 }), [70, 90]],
  [normal({ mean: 1, std: 0.02 }), [70, 90]],
  [truncatedNormal({ std: 0.02 }), [70, 90]],
  [truncatedNormal({ std: 0.02, low: 0, high: 5 }), [70, 90]],
  [heNormal(), [70, 90]],
  [kaimingUniform({ mode: "fan_out" }), [64, 3, 3, 3]],
  [orthogonal({ gain: 2 }), [40, 30]],
  [deltaOrthogonal(), [3, 3, 8, 12]],
  [identity({ gain: 2 }), [20, 30]],
  [dirac({ groups: 2 }), [8, 4, 3]],
  [sparse({ sparsity: 0.3 }), [20, 30]],
  [sparse({ sparsity: 0.3, axis: 1 }), [20, 30]],
  [hadamard(), [30, 20]],
  [hadamard(), [20, 30]],
  [split({ axis: 0, parts: [64, 16, 16], of: xavierUniform() }), [96, 64]],
  [split({ axis: 1, parts: 3, of: orthogonal() }), [20, 60]],
  [split({ axis: 0, parts: [20, 40], of: [orthogonal(), zeros()] }), [60, 30]],
];

describe.each(CASES)("the distribution of %j for %j is drawn as the scheme is", (scheme, shape) => {
  const distribution = resolve(shape, scheme);

  test.each(["f32", "f64", "f16", "bf16"] as const)("in %s, by both engines, whole and in slices", (dtype) => {
    for (const engine of ENGINES) {
      const options = { ...KEYED, dtype, engine };
      const whole = init(shape, scheme, options);
      expectSameBits(init(shape, distribution, options), whole);
      const slice = fill(whole.slice(0, 40) as never, shape, distribution, { ...options, start: 11 });
      expectSameBits(slice, whole.slice(11, 51));
    }
  });

  test("after it has been through JSON", () => {
    expectSameBits(init(shape, JSON.parse(JSON.stringify(distribution)), KEYED), init(shape, scheme, KEYED));
  });
});

test("every kind of distribution is among these", () => {
  const kinds = CASES.map(([scheme, shape]) => resolve(shape, scheme).kind);
  const simple = ["constant", "uniform", "normal", "truncated"];
  expect([...new Set(kinds)].sort()).toEqual(
    [...simple, "orthogonal", "diagonal", "sparse", "hadamard", "split"].sort(),
  );
});

test("a distribution that does not depend on the shape can be drawn in any shape", () => {
  const distribution = resolve([784, 512], heNormal());
  expectSameBits(init([40_000], distribution, KEYED), init([784, 512], heNormal(), KEYED).slice(0, 40_000));
});

test("a random distribution needs a name beside a seed, as a scheme does, and a constant one does not", () => {
  expect(() => init([2], resolve([2], normal({ std: 1 })), { seed: 1 })).toThrow(/^name/);
  expect(init([2], resolve([2], zeros()), { seed: 1 })).toHaveLength(2);
});

describe("a scheme by its name alone", () => {
  const NAMES = SCHEME_NAMES.filter((name) => takesNoOption(name));

  test.each(NAMES)("%s is the scheme with default options, for init, fill and resolve", (name) => {
    const shape = name === "dirac" || name === "deltaOrthogonal" ? [3, 4, 4] : [6, 4];
    const whole = init(shape, scheme({ scheme: name }), KEYED);
    expectSameBits(init(shape, name, KEYED), whole);
    expectSameBits(fill(new Float32Array(whole.length), shape, name, KEYED), whole);
    expect(resolve(shape, name)).toEqual(resolve(shape, scheme({ scheme: name })));
  });

  test("is taken by all schemes whose options have defaults", () => {
    const others = SCHEME_NAMES.filter((name) => !NAMES.includes(name));
    const needed = ["constant", "uniform", "normal", "truncatedNormal", "varianceScaling", "sparse", "split"];
    expect([...others].sort()).toEqual(needed.sort());
  });

  test("is refused where it is unknown, needs options or is in the wrong case", () => {
    expect(() => init([2], "he" as never)).toThrow(/^scheme: expected one of .*, got "he"$/);
    expect(() => init([2], "normal", KEYED)).toThrow(/^std: expected a number, got undefined$/);
    expect(() => init([2, 2], "henormal" as never)).toThrow(/^scheme: .*perhaps "heNormal"/);
  });
});

function takesNoOption(name: SchemeName): boolean {
  try {
    scheme({ scheme: name });
    return true;
  } catch {
    return false;
  }
}

describe("a distribution is refused before anything is written:", () => {
  const truncated = { kind: "truncated", mean: 0, std: 1, low: -2, high: 2 };
  const matrix = { kind: "orthogonal", rows: 2, columns: 2, gain: 1, offset: 0, stride: 1, elements: 4 };
  const diagonal = { kind: "diagonal", value: 1, offset: 0, step: 3, count: 2, repeat: 0, repeats: 1, elements: 4 };
  const sparse = { kind: "sparse", rows: 2, columns: 2, std: 1, zeros: 1, perRow: false, elements: 4 };
  const hadamard = { kind: "hadamard", columns: 2, size: 2, elements: 4 };
  const half = { length: 2, distribution: { kind: "constant", value: 1 } };
  const MOST = 2 ** 53;

  test.each<[string, unknown, RegExp]>([
    ["an unknown kind", { kind: "gamma" }, /^distribution\.kind: expected one of "constant".*got "gamma"$/],
    ["a kind that is no string", { kind: 1 }, /^distribution\.kind/],
    ["a kind that every object has", { kind: "constructor" }, /^distribution\.kind/],
    ["a constant without a value", { kind: "constant" }, /^distribution\.value: expected a number, got undefined$/],
    ["a constant of NaN", { kind: "constant", value: Number.NaN }, /^distribution\.value: expected a finite number/],
    ["a uniform with a bound of NaN", { kind: "uniform", low: Number.NaN, high: 1 }, /^distribution\.low/],
    ["a uniform with an infinite bound", { kind: "uniform", low: 0, high: Infinity }, /^distribution\.high/],
    ["a uniform with a low above its high", { kind: "uniform", low: 2, high: 1 }, /^distribution: expected numbers/],
    ["a normal with a std of NaN", { kind: "normal", mean: 0, std: Number.NaN }, /^distribution\.std/],
    ["a normal with a negative std", { kind: "normal", mean: 0, std: -1 }, /^distribution\.std/],
    ["a normal with a std that is a string", { kind: "normal", mean: 0, std: "1" }, /^distribution\.std.*got "1"$/],
    ["a normal with a bigint", { kind: "normal", mean: 0n, std: 1 }, /^distribution\.mean/],
    ["a normal beyond f32", { kind: "normal", mean: 0, std: 1e39 }, /^distribution\.std/],
    ["a truncated normal with a mean of NaN", { ...truncated, mean: Number.NaN }, /^distribution\.mean/],
    ["a truncated normal with a bound of NaN", { ...truncated, low: Number.NaN }, /^distribution/],
    ["a truncated normal with nothing between its bounds", { ...truncated, low: 2 }, /^distribution: expected numbers/],
    ["a truncated normal too far from its mean", { ...truncated, low: 1e101, high: 1e102 }, /^distribution/],
    ["a matrix of another tensor", { ...matrix, elements: 5 }, /^distribution\.elements: expected 4.*got 5$/],
    ["a matrix larger than its tensor", { ...matrix, rows: 3 }, /^distribution: expected numbers/],
    ["a matrix without rows", { ...matrix, rows: 0 }, /^distribution/],
    [
      "a matrix with 2^53 rows",
      { ...matrix, rows: MOST },
      /^distribution\.rows: expected a whole number from 0 to 2\^53/,
    ],
    ["a matrix with half a row", { ...matrix, rows: 1.5 }, /^distribution\.rows/],
    ["a matrix with a gain of NaN", { ...matrix, gain: Number.NaN }, /^distribution\.gain/],
    ["a matrix that begins beyond its tensor", { ...matrix, offset: 1 }, /^distribution/],
    ["a matrix with a negative offset", { ...matrix, offset: -1 }, /^distribution\.offset/],
    ["a diagonal with a step of 0", { ...diagonal, step: 0 }, /^distribution: expected numbers/],
    ["a diagonal of 2^53 elements", { ...diagonal, count: MOST }, /^distribution\.count/],
    ["a diagonal longer than its tensor", { ...diagonal, count: 3 }, /^distribution/],
    ["a diagonal of 2^52 elements in a tensor of 4", { ...diagonal, count: MOST / 2, step: 1 }, /^distribution/],
    ["a diagonal repeated 2^53 times", { ...diagonal, repeats: MOST }, /^distribution\.repeats/],
    ["a diagonal repeated beyond its tensor", { ...diagonal, repeats: 2, repeat: 4 }, /^distribution/],
    ["a sparse matrix of another size", { ...sparse, rows: 3 }, /^distribution: expected numbers/],
    ["a sparse matrix with a negative std", { ...sparse, std: -1 }, /^distribution/],
    ["a sparse matrix with a fractional number of zeros", { ...sparse, zeros: 0.5 }, /^distribution\.zeros/],
    ["a Hadamard matrix whose size is no power of 2", { ...hadamard, size: 3 }, /^distribution: expected numbers/],
    ["a Hadamard matrix without columns", { ...hadamard, columns: 0 }, /^distribution/],
    ["a split without parts", { kind: "split" }, /^distribution\.parts: expected a list of parts/],
    ["a split of no parts", { kind: "split", parts: [] }, /^distribution\.parts/],
    ["a split whose parts are no list", { kind: "split", parts: "ab" }, /^distribution\.parts/],
    ["a split whose part is nothing", { kind: "split", parts: [null] }, /^distribution\.parts: expected an object/],
    ["a split whose part has no length", { kind: "split", parts: [{}] }, /^distribution\.parts\.length/],
    [
      "a split whose part has no distribution",
      { kind: "split", parts: [{ length: 4 }] },
      /^distribution\.parts\.distribution/,
    ],
    [
      "a split whose parts do not divide the tensor",
      { kind: "split", parts: [half, { ...half, length: 1 }] },
      /^distribution\.parts: expected lengths whose sum divides 4, the tensor's elements, got 3$/,
    ],
    ["a split whose parts have no length", { kind: "split", parts: [{ ...half, length: 0 }] }, /^distribution\.parts/],
    [
      "a split with a matrix of another part",
      { kind: "split", parts: [half, { length: 2, distribution: matrix }] },
      /^distribution\.elements: expected 2/,
    ],
  ])("%s", (_, distribution, message) => {
    const out = new Float32Array(4).fill(7);
    expect(() => fill(out, [2, 2], distribution as Distribution, KEYED)).toThrow(message);
    expect([...out]).toEqual([7, 7, 7, 7]);
    expect(() => init([2, 2], distribution as Distribution, KEYED)).toThrow(message);
  });

  test("one whose values the dtype cannot hold", () => {
    expect(() => init([1], { kind: "constant", value: 70_000 }, { dtype: "f16" })).toThrow(/^dtype: .*up to 70000/);
    expect(() => init([1], { kind: "normal", mean: 1, std: 1e4 }, { ...KEYED, dtype: "f16" })).toThrow(/^dtype/);
  });
});
