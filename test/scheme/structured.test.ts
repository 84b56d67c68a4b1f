/**
 * Structured schemes: which matrix they make and where it lies in the tensor. test/kernel and test/distribution test the
 * orthogonal matrices themselves.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  Arena,
  deltaOrthogonal,
  dirac,
  explain,
  fill,
  hadamard,
  identity,
  init,
  orthogonal,
  resolve,
  type Scheme,
  scheme,
  sparse,
  split,
  zeros,
} from "../../src/index.js";
import { expectSameBits } from "../bits.js";
import { expectEach } from "../each.js";
import { ENGINES } from "../engines.js";
import { chooser } from "../kernels.js";

const KEYED = { seed: 42, name: "w" } as const;
const ROWS = readFileSync(new URL("../vectors/pytorch_structured.txt", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => line.split(" | ") as [string, string, string, string]);

test.each(ROWS)("the ones of %s of [%s] with %s groups are where PyTorch has them", (name, sizes, groups, indices) => {
  const shape = sizes.split(" ").map(Number);
  const drawn = init(shape, name === "dirac" ? dirac({ groups: Number(groups) }) : identity());
  const ones = [...drawn.keys()].filter((i) => drawn[i] !== 0);
  expect(ones).toEqual(indices.split(" ").map(Number));
  expect(ones.every((i) => drawn[i] === 1)).toBe(true);
});

/** From [first, second, ...kernel] to [...kernel, second, first]. */
function turned(values: ArrayLike<number>, shape: readonly number[]): number[] {
  const [out, inputs, ...kernel] = shape as [number, number, ...number[]];
  const taps = kernel.reduce((size, n) => size * n, 1);
  const result: number[] = [];
  for (let tap = 0; tap < taps; ++tap)
    for (let i = 0; i < inputs; ++i)
      for (let o = 0; o < out; ++o) result.push(values[(o * inputs + i) * taps + tap] as number);
  return result;
}

test("dirac is the same kernel in both layouts", () => {
  for (const [shape, groups] of [
    [[6, 2, 3, 3], 3],
    [[3, 4, 5], 1],
    [[8, 3, 2], 2],
  ] as const) {
    const [out, inputs, ...kernel] = shape;
    const io = init([...kernel, inputs, out], dirac({ groups, layout: "io" }));
    expect([...io]).toEqual(turned(init(shape, dirac({ groups })), shape));
  }
});

test("dirac passes its inputs through", () => {
  const w = init([4, 4, 3], dirac());
  for (let o = 0; o < 4; ++o)
    for (let i = 0; i < 4; ++i)
      expect([...w.slice((o * 4 + i) * 3, (o * 4 + i) * 3 + 3)]).toEqual([0, o === i ? 1 : 0, 0]);
});

test("identity has its gain on the diagonal, in every dtype and any slice", () => {
  expect([...init([2, 3], identity({ gain: 2.5 }))]).toEqual([2.5, 0, 0, 0, 2.5, 0]);
  expect([...init([2, 2], identity(), { dtype: "bf16" })]).toEqual([0x3f80, 0, 0, 0x3f80]);
  expect([...init([2, 2], identity(), { dtype: "f16" })]).toEqual([0x3c00, 0, 0, 0x3c00]);
  expect([...fill(new Float64Array(4), [3, 3], identity(), { dtype: "f64", start: 3 })]).toEqual([0, 1, 0, 0]);
});

describe("deltaOrthogonal", () => {
  test.each([
    [[5, 4, 6], "io"],
    [[3, 3, 4, 6], "io"],
    [[3, 2, 3, 4, 4], "io"],
    [[6, 4, 5], "oi"],
    [[6, 4, 3, 3], "oi"],
  ] as const)("of %j, %s, is orthogonal at the centre of the kernel and 0 elsewhere", (shape, layout) => {
    const w = init(shape, deltaOrthogonal({ layout, gain: 2 }), { ...KEYED, dtype: "f64" });
    const io = layout === "io" ? [...w] : turned(w, shape);
    const [inputs, outputs] = (layout === "io" ? shape.slice(-2) : [shape[1], shape[0]]) as [number, number];
    const kernel = layout === "io" ? shape.slice(0, -2) : shape.slice(2);
    const tap = kernel.reduce((at: number, n: number) => at * n + Math.floor((n - 1) / 2), 0);
    const middle = io.slice(tap * inputs * outputs, (tap + 1) * inputs * outputs);
    expect(io.filter((x) => x !== 0)).toEqual(middle);
    for (let a = 0; a < inputs; ++a) {
      for (let b = 0; b < inputs; ++b) {
        let sum = 0;
        for (let o = 0; o < outputs; ++o)
          sum += (middle[a * outputs + o] as number) * (middle[b * outputs + o] as number);
        expect(sum).toBeCloseTo(a === b ? 4 : 0, 13);
      }
    }
  });
});

describe("sparse", () => {
  test.each([
    [0.1, 0],
    [0.33, 0],
    [0, 0],
    [0.999, 0],
    [0.5, 1],
  ] as const)(
    "of sparsity %d along axis %d has that share of zeros in each line, rounded up, and is normal elsewhere",
    (sparsity, axis) => {
      const [rows, columns] = [60, 40];
      const w = init([rows, columns], sparse({ sparsity, std: 0.5, axis }), KEYED);
      const [lines, length] = axis === 0 ? [columns, rows] : [rows, columns];
      for (let line = 0; line < lines; ++line) {
        const zeros = Array.from({ length }, (_, i) => w[axis === 0 ? i * columns + line : line * columns + i]).filter(
          (x) => x === 0,
        );
        expect(zeros).toHaveLength(Math.ceil(sparsity * length));
      }
      const rest = [...w].filter((x) => x !== 0);
      const square = rest.reduce((sum, x) => sum + x * x, 0) / Math.max(1, rest.length);
      if (rest.length > 500) expect(Math.abs(square / 0.25 - 1)).toBeLessThan(4.5 * Math.sqrt(2 / rest.length));
    },
  );

  test("puts zeros anywhere with equal probability, independently of the values", () => {
    const counts = new Float64Array(20);
    let sum = 0;
    for (let seed = 0; seed < 200; ++seed) {
      const w = init([20, 50], sparse({ sparsity: 0.25, std: 1 }), { seed, name: "w" });
      w.forEach((x, i) => {
        if (x === 0) counts[Math.floor(i / 50)] = (counts[Math.floor(i / 50)] as number) + 1;
        sum += x;
      });
    }
    const expected = (200 * 50 * 5) / 20;
    // 19 degrees of freedom: 43.8 at p = 0.001.
    expect(counts.reduce((x, count) => x + (count - expected) ** 2 / expected, 0)).toBeLessThan(43.8);
    expect(Math.abs(sum)).toBeLessThan(4.5 * Math.sqrt(200 * 50 * 15));
  });
});

describe("hadamard", () => {
  const entry = (i: number, j: number): number => {
    let odd = 0;
    for (let bits = i & j; bits > 0; bits >>= 1) odd ^= bits & 1;
    return odd ? -1 : 1;
  };

  test("is the identity with as many outputs as inputs or fewer", () => {
    for (const shape of [
      [4, 4],
      [3, 7],
      [1, 5],
    ])
      expect(init(shape, hadamard())).toEqual(init(shape, identity()));
  });

  test.each([
    [5, 3],
    [8, 4],
    [100, 64],
    [2, 1],
  ])("of %d outputs and %d inputs is Hadamard's matrix, scaled", (rows, columns) => {
    const size = 2 ** Math.ceil(Math.log2(rows));
    const w = init([rows, columns], hadamard(), { dtype: "f64" });
    expectEach(w, (x, at) => x === entry(Math.floor(at / columns), at % columns) / Math.sqrt(size));
    if (rows === size) {
      for (let a = 0; a < columns; ++a) {
        let sum = 0;
        for (let i = 0; i < rows; ++i) sum += (w[i * columns + a] as number) * (w[i * columns] as number);
        expect(sum).toBeCloseTo(a === 0 ? 1 : 0, 13);
      }
    }
  });
});

const CASES: readonly (readonly [Scheme, readonly number[]])[] = [
  [orthogonal({ gain: 0.5 }), [70, 50]],
  [orthogonal({ layout: "oi" }), [10, 4, 3, 3]],
  [orthogonal(), [3, 3, 8, 16]],
  [deltaOrthogonal(), [3, 3, 20, 30]],
  [identity(), [60, 40]],
  [dirac(), [30, 20, 3]],
  [dirac({ groups: 3 }), [30, 20, 3]],
  [sparse({ sparsity: 0.3 }), [50, 60]],
  [sparse({ sparsity: 0.3, axis: 1 }), [50, 60]],
  [hadamard(), [60, 30]],
  [split({ axis: 1, parts: 4, of: orthogonal() }), [30, 120]],
  [split({ axis: 0, parts: [20, 40], of: [orthogonal(), identity()] }), [60, 30]],
];

describe.each(CASES)("%j of shape %j", (each, shape) => {
  const size = shape.reduce((product, n) => product * n, 1);

  test.each(["f32", "f64", "f16", "bf16"] as const)(
    "has the same bits in %s by both engines, in arrays, arenas and any slice",
    (dtype) => {
      const whole = init(shape, each, { ...KEYED, dtype, engine: "scalar" });
      const choose = chooser(60);
      for (const engine of ENGINES) {
        expectSameBits(init(shape, each, { ...KEYED, dtype, engine }), whole);
        const view = init(shape, each, { ...KEYED, dtype, engine, arena: new Arena(8 * size + 64) });
        expectSameBits(view, whole);
        for (let round = 0; round < 4; ++round) {
          const start = choose() % size;
          const length = choose() % (size - start);
          const part = whole.slice(0, length).fill(7);
          fill(part as never, shape, each, { ...KEYED, dtype, engine, start });
          expectSameBits(part, whole.slice(start, start + length));
        }
      }
    },
  );

  test("goes to JSON and back", () => expect(scheme(JSON.parse(JSON.stringify(each)))).toEqual(each));
});

test("the parts of a split are matrices of their own, each orthogonal", () => {
  const w = init([20, 60], split({ axis: 1, parts: 3, of: orthogonal() }), { ...KEYED, dtype: "f64" });
  const part = (p: number) =>
    Array.from({ length: 400 }, (_, i) => w[Math.floor(i / 20) * 60 + p * 20 + (i % 20)] as number);
  expect(part(0)).not.toEqual(part(1));
  expect(part(1)).not.toEqual(part(2));
  expect(part(0)).toEqual([...init([20, 20], orthogonal(), { ...KEYED, dtype: "f64" })]);
  for (let p = 0; p < 3; ++p) {
    const q = part(p);
    for (let b = 0; b < 20; ++b) {
      const dot = q.reduce((sum, x, i) => (i % 20 === 0 ? sum + x * (q[i + b] as number) : sum), 0);
      expect(dot).toBeCloseTo(b === 0 ? 1 : 0, 12);
    }
  }
});

test("explain describes structured distributions", () => {
  expect(explain([3, 4], orthogonal({ gain: 2 }))).toContain("orthogonal matrix 3 x 4, gain 2, uniformly distributed");
  expect(explain([3, 3, 4, 6], deltaOrthogonal())).toContain(
    "orthogonal matrix 4 x 6, gain 1, uniformly distributed, 0 elsewhere",
  );
  expect(explain([4, 2, 3], dirac({ groups: 2 }))).toContain("1 in 4 places, 0 elsewhere");
  expect(explain([4, 2], sparse({ sparsity: 0.5 }))).toContain(
    "normal, mean 0, std 0.01, but 2 zeros in each column of 4",
  );
  expect(explain([4, 2], hadamard())).toContain("values 0.5 and their negatives");
});

test("a scheme without anything random needs no name", () => {
  for (const each of [identity(), hadamard()]) expect(init([3, 2], each, { seed: 1 })).toHaveLength(6);
  expect(() => init([3, 2], orthogonal(), { seed: 1 })).toThrow(/^name/);
  expect(() => init([3, 2], sparse({ sparsity: 0.5 }), { seed: 1 })).toThrow(/^name/);
});

describe("what cannot be drawn is refused:", () => {
  test.each<[string, () => unknown, RegExp]>([
    ["an orthogonal vector", () => resolve([3], orthogonal()), /^shape: expected 2 axes or more, got \[3\]/],
    ["an orthogonal scalar", () => resolve([], orthogonal()), /^shape: expected 2 axes or more/],
    ["an orthogonal matrix with an empty axis", () => resolve([3, 0], orthogonal()), /^shape: expected no empty axis/],
    ["a gain of NaN", () => orthogonal({ gain: Number.NaN }), /^gain: expected a finite number/],
    ["an infinite gain", () => identity({ gain: Number.POSITIVE_INFINITY }), /^gain/],
    ["a gain that is a string", () => orthogonal({ gain: "1" as never }), /^gain/],
    ["an unknown layout", () => orthogonal({ layout: "hwio" as never }), /^layout/],
    ["a gain beyond f16", () => init([2, 2], orthogonal({ gain: 1e5 }), { ...KEYED, dtype: "f16" }), /^dtype/],
    ["a matrix larger than memory", () => init([40_000, 40_000], orthogonal(), KEYED), /^shape: expected a matrix/],
    [
      "a slice of a matrix larger than memory",
      () => fill(new Float32Array(1), [2 ** 20, 2 ** 20], orthogonal(), { ...KEYED, start: 5 }),
      /^shape: expected a matrix that is made in 4294901760 bytes, got 1048576 x 1048576/,
    ],
    [
      "more rows than there are indices",
      () => resolve([2 ** 31, 1], orthogonal()),
      /^shape: expected rows and columns/,
    ],
    ["deltaOrthogonal of a matrix", () => resolve([3, 3], deltaOrthogonal()), /^shape: expected 3 to 5 axes/],
    [
      "deltaOrthogonal of six axes",
      () => resolve([1, 1, 1, 1, 2, 2], deltaOrthogonal()),
      /^shape: expected 3 to 5 axes/,
    ],
    [
      "deltaOrthogonal of more inputs than outputs",
      () => resolve([3, 5, 4], deltaOrthogonal()),
      /^shape: expected not more inputs than outputs \(4\), got 5/,
    ],
    [
      "deltaOrthogonal of more inputs than outputs in layout oi",
      () => resolve([4, 5, 3], deltaOrthogonal({ layout: "oi" })),
      /^shape: expected not more inputs/,
    ],
    ["identity of three axes", () => resolve([3, 3, 3], identity()), /^shape: expected 2 axes, got/],
    ["dirac of a matrix", () => resolve([3, 3], dirac()), /^shape/],
    [
      "dirac whose groups do not divide the outputs",
      () => resolve([4, 2, 3], dirac({ groups: 3 })),
      /^groups: expected a divisor of the outputs \(4\), got 3/,
    ],
    ["dirac of 0 groups", () => dirac({ groups: 0 }), /^groups/],
    ["sparsity 1", () => sparse({ sparsity: 1 }), /^sparsity: expected a share from 0 to less than 1, got 1/],
    ["sparsity below 0", () => sparse({ sparsity: -0.1 }), /^sparsity/],
    ["sparsity NaN", () => sparse({ sparsity: Number.NaN }), /^sparsity/],
    ["sparse without a sparsity", () => sparse({} as never), /^sparsity/],
    ["sparse with a negative std", () => sparse({ sparsity: 0.5, std: -1 }), /^std/],
    ["sparse along axis 2", () => sparse({ sparsity: 0.5, axis: 2 as never }), /^axis/],
    ["sparse of three axes", () => resolve([2, 2, 2], sparse({ sparsity: 0.5 })), /^shape/],
    [
      "more structured parts than the stream has room for",
      () => resolve([131_073, 2], split({ axis: 0, parts: 131_073, of: identity() })),
      /^parts: expected at most 131072 matrices, got 131073/,
    ],
    ["an option for hadamard", () => scheme({ scheme: "hadamard", gain: 2 }), /^options/],
  ])("%s", (_, run, message) => expect(run).toThrow(message));

  test("before anything is written", () => {
    const out = new Float32Array(4).fill(7);
    expect(() => fill(out, [2, 2], orthogonal(), { seed: 1 })).toThrow();
    expect(() => fill(out, [4], orthogonal(), KEYED)).toThrow();
    expect([...out]).toEqual([7, 7, 7, 7]);
    expect(init([2], zeros())).toHaveLength(2);
  });
});
