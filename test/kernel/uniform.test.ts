import { describe, expect, test } from "vitest";
import { chooser, EXTREMES, SETS } from "../kernels.js";
import { LAWS } from "./distributions.js";
import { testTwins } from "./twin.js";

testTwins(LAWS.uniform);

const complement = (words: readonly number[]) => words.map((word) => ~word >>> 0);

describe.each(SETS)("$name", (set) => {
  const values = (low: number, high: number, words: ArrayLike<number>) =>
    new Float32Array(set.map({ kind: "uniform", low, high }, words).buffer);

  test.each(LAWS.uniform)("%j: both ends excluded, as doubles, where a float lies between them", ({ low, high }) => {
    const drawn = values(low, high, [...EXTREMES, ...Array.from({ length: 4000 }, chooser(4))]);
    const some = drawn.some((value) => value > low && value < high);
    if (some) expect(drawn.every((value) => value > low && value < high)).toBe(true);
    else expect(new Set(drawn)).toEqual(new Set([Math.fround(low)])); // 1 to 1.00000001
  });

  test("a word and its complement lie symmetrically, so the mean is the middle; no value is 0", () => {
    const words = [...EXTREMES, ...Array.from({ length: 1000 }, chooser(5))];
    const drawn = values(-0.1, 0.1, words);
    expect(values(-0.1, 0.1, complement(words))).toEqual(drawn.map((value) => -value));
    expect(drawn.every((value) => value !== 0)).toBe(true);
  });

  test("two roundings and one ulp of the bound separate a value from the exact fraction of a symmetric interval", () => {
    const words = Array.from({ length: 4000 }, chooser(6));
    values(-0.1, 0.1, words).forEach((value, i) => {
      const exact = ((words[i] as number) | 1) * 2 ** -31 * 0.1;
      expect(Math.abs(value - exact)).toBeLessThanOrEqual(4 * 2 ** -24 * Math.abs(exact));
    });
  });

  test("intervals too small for a multiplication by 2^-31 keep their variety", () => {
    const words = Array.from({ length: 4000 }, chooser(7));
    for (const half of [2 ** -94, 2 ** -95, 2 ** -96, 2 ** -103, 2 ** -120]) {
      expect(new Set(values(-half, half, words)).size).toBeGreaterThan(3900);
    }
    expect(new Set(values(-1e-40, 1e-40, words)).size).toBeGreaterThan(3500); // 142,000 floats in all
  });
});
