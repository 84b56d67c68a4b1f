/** The normal kernel and its twin in f64, against the exact Box-Muller transform. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { chooser, SETS } from "../kernels.js";

// The kernel is held to its twin in normal.test.ts, in every dtype.

interface Case {
  /** Words: radius low, high; angle low, high. */
  readonly words: readonly [number, number, number, number];
  /** The two values, each as the nearest double and the remainder. */
  readonly exact: readonly [number, number, number, number];
}

const halves = (bits: string) => [Number(`0x${bits.slice(8)}`), Number(`0x${bits.slice(0, 8)}`)];

const cases: readonly Case[] = readFileSync(new URL("../vectors/normal64.txt", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .slice(1)
  .map((line) => {
    const [x, y, ...exact] = line.split(" ") as [string, string, ...string[]];
    return { words: [...halves(x), ...halves(y)], exact: exact.map(Number) } as unknown as Case;
  });

const ulp = (x: number) => 2 ** (Math.floor(Math.log2(Math.abs(x))) - 52);

describe.each(SETS)("the $name", (set) => {
  const pairs = cases.map(({ words: [a, b, c, d] }) => {
    const values = new Float64Array(
      set.map({ kind: "normal", mean: 0, std: 1 }, [a, b, a, b, c, d, c, d], 8, "f64").buffer,
    );
    expect([values[1], values[3]]).toEqual([values[0], values[2]]); // the second pair has the same words
    return [values[0], values[2]] as [number, number];
  });

  // The proven bound is 5.6 ulp; the worst of 250,000 pairs was 3.97 (docs/quality.md). The words here are fixed.
  test("is within 4 ulp of the exact transform", () => {
    let largest = 0;
    cases.forEach(({ exact: [first, rest, second, remainder] }, i) => {
      const [cos, sin] = pairs[i] as [number, number];
      const error = Math.max(
        Math.abs(cos - first - rest) / ulp(first),
        Math.abs(sin - second - remainder) / ulp(second),
      );
      largest = Math.max(largest, error);
    });
    expect(largest).toBeLessThan(4);
    expect(largest).toBeGreaterThan(1); // the measure measures
  });

  test("keeps the sign of a value that underflows", () => {
    const words = Uint32Array.from({ length: 4096 }, chooser(22));
    const drawn = [1, 5e-324].map((std) => set.map({ kind: "normal", mean: 0, std }, words, 4096, "f64"));
    const [usual, small] = drawn.map(({ buffer }) => new Float64Array(buffer)) as [Float64Array, Float64Array];
    expect(small.some((value) => Object.is(value, -0))).toBe(true);
    expect(small.every((value, i) => 1 / value < 0 === (usual[i] as number) < 0)).toBe(true);
  });

  test("draws at most 8.57 std, and never 0", () => {
    expect(Math.max(...pairs.flat().map(Math.abs))).toBeCloseTo(Math.sqrt(106 * Math.LN2), 12);
    expect(pairs.flat().every((value) => value !== 0)).toBe(true);
  });
});
