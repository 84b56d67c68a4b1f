/** The truncated normal kernels and their twins, against the exact inverse. */
import { describe, expect, test } from "vitest";
import { truncatedParameters } from "../../src/engine/parameters.js";
import { centralMass } from "../../src/math/functions.js";
import { expectSameBits } from "../bits.js";
import { chooser, EXTREMES, SETS, simd, twin } from "../kernels.js";
import { quantile } from "../oracle.js";
import { DISTRIBUTIONS } from "./distributions.js";
import { testTwins } from "./twin.js";

testTwins(DISTRIBUTIONS.truncated);

test("the mass within 2 std, which is written out, is the one that is computed elsewhere", () => {
  const { scale, rest } = truncatedParameters({ mean: 0, std: 1, low: -2, high: 2 }, "f32");
  const mass = 2 * centralMass(2);
  expect([scale, rest]).toEqual([Math.fround(mass * 4.656612873077393e-10), Math.fround(0.9544997361036416 - mass)]);
});

const BOUNDS: readonly (readonly [low: number, high: number])[] = [
  [-2, 2],
  [-1.9, 1.9],
  [-1.5, 1.5],
  [-1, 1],
  [-0.5, 0.5],
  [-0.01, 0.01],
  [-2.5, 2.5],
  [-3, 3],
  [-8, 8],
  [-100, 100],
  [0, 2],
  [-2, 0],
  [-1, 6],
  [-6, 1],
  [1, 1.5],
  [1.44, 1.45],
  [-3, -1],
  [5, 6],
  [-6, -5],
  [10, 12],
  [-12, -10],
  [30, 40],
  [37, 40],
  [38, 39],
  [-51, -50],
  [100, 200],
];

describe.each(BOUNDS)("N(0, 1) truncated to (%d, %d)", (low, high) => {
  const words = [...EXTREMES, ...Array.from({ length: 300 }, chooser(10))];
  const exact = words.map((word) => quantile(low, high, (2 ** 31 - (word | 1)) * 2 ** -32));

  test.each(SETS)("lies within 2^-20 std of the exact inverse, by the $name", (set) => {
    const values = new Float32Array(set.map({ kind: "truncated", mean: 0, std: 1, low, high }, words).buffer);
    let largest = 0;
    values.forEach((value, i) => {
      const truth = exact[i] as number;
      const half = 2 ** (Math.floor(Math.log2(Math.abs(truth))) - 24); // half an ulp: 2^-20 from 16 on
      const outermost = Math.min(Math.abs(value - low), Math.abs(value - high)) < 3 * half; // the bound itself is excluded
      largest = Math.max(largest, Math.abs(value - truth) / Math.max(2 ** -20, (outermost ? 2.02 : 1.01) * half));
    });
    expect(largest).toBeLessThan(1);
  });
});

// On the other side of each border the last bit is another one.
test.each([
  ["the middle ends, at 0.425", -100, 100, [0x99999999, 0xd9999]],
  ["it begins, at -0.425", -100, 100, [0x99999999, 0x800d9999]],
  ["the first table of the tails ends, at a root of 5", 6, 8, [0x3a333c57, 0xf8cb0]],
  ["the second ends, at a root of 27", 38, 39, [0x9efa8112, 0xd37f6]],
] as const)("the kernel and its twin give the same bits just where %s", (_, low, high, words) => {
  const distribution = { kind: "truncated", mean: 0, std: 1, low, high } as const;
  expectSameBits(simd.map(distribution, words, 2, "f64"), twin.map(distribution, words, 2, "f64"));
});

describe.each(SETS)("the $name", (set) => {
  test.each(DISTRIBUTIONS.truncated)("draws %j strictly between its bounds", (distribution) => {
    const { mean, std, low, high } = distribution;
    const words = [...EXTREMES, ...Array.from({ length: 4000 }, chooser(11))];
    const drawn = new Float32Array(set.map(distribution, words).buffer);
    const begin = mean + std * low;
    const end = mean + std * high;
    const some = drawn.some((value) => value > begin && value < end);
    if (some) expect(drawn.every((value) => value > begin && value < end)).toBe(true);
    else expect(new Set(drawn)).toEqual(new Set([Math.fround(begin) + 0])); // no float lies between
  });

  test("negates the value of a word's complement where the bounds are symmetric, and never draws 0", () => {
    const words = [...EXTREMES, ...Array.from({ length: 1000 }, chooser(12))];
    for (const bound of [1, 2, 3]) {
      const distribution = { kind: "truncated", mean: 0, std: 1, low: -bound, high: bound } as const;
      const drawn = new Float32Array(set.map(distribution, words).buffer);
      const mirrored = set.map(
        distribution,
        words.map((word) => ~word >>> 0),
      );
      expectSameBits(
        new Float32Array(mirrored.buffer),
        drawn.map((value) => -value),
      );
      expect(drawn.every((value) => value !== 0)).toBe(true);
    }
  });
});
