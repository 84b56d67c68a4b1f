import { describe, expect, test } from "vitest";
import { chooser, EXTREMES, SETS } from "../kernels.js";
import { quantile } from "../oracle.js";
import { LAWS } from "./distributions.js";
import { testTwins } from "./twin.js";

testTwins(LAWS.truncated);

const CUTS: readonly (readonly [number, number])[] = [
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

describe.each(SETS)("$name", (set) => {
  test.each(CUTS)("cut at %d and %d: within 2^-20 std of the exact inverse", (low, high) => {
    const words = [...EXTREMES, ...Array.from({ length: 300 }, chooser(10))];
    const values = new Float32Array(set.map({ kind: "truncated", mean: 0, std: 1, low, high }, words).buffer);
    let largest = 0;
    values.forEach((value, i) => {
      const exact = quantile(low, high, (2 ** 31 - ((words[i] as number) | 1)) * 2 ** -32);
      const half = 2 ** (Math.floor(Math.log2(Math.abs(exact))) - 24); // half an ulp: 2^-20 from 16 on
      const outermost = Math.min(Math.abs(value - low), Math.abs(value - high)) < 3 * half; // the cut itself is excluded
      largest = Math.max(largest, Math.abs(value - exact) / Math.max(2 ** -20, (outermost ? 2.02 : 1.01) * half));
    });
    expect(largest).toBeLessThan(1);
  });

  test.each(LAWS.truncated)("%j: no value outside the cuts", (fill) => {
    const { mean, std, low, high } = fill;
    const drawn = new Float32Array(set.map(fill, [...EXTREMES, ...Array.from({ length: 4000 }, chooser(11))]).buffer);
    const begin = mean + std * low;
    const end = mean + std * high;
    const some = drawn.some((value) => value > begin && value < end);
    if (some) expect(drawn.every((value) => value > begin && value < end)).toBe(true);
    else expect(new Set(drawn)).toEqual(new Set([Math.fround(begin) + 0])); // no float lies between
  });

  test("equal cuts: a word and its complement lie symmetrically, and no value is 0", () => {
    const words = [...EXTREMES, ...Array.from({ length: 1000 }, chooser(12))];
    for (const cut of [1, 2, 3]) {
      const fill = { kind: "truncated", mean: 0, std: 1, low: -cut, high: cut } as const;
      const drawn = new Float32Array(set.map(fill, words).buffer);
      const mirrored = set.map(
        fill,
        words.map((word) => ~word >>> 0),
      );
      expect(new Float32Array(mirrored.buffer)).toEqual(drawn.map((value) => -value));
      expect(drawn.every((value) => value !== 0)).toBe(true);
    }
  });
});
