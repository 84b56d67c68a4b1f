/** The uniform kernel and its twin. */
import { describe, expect, test } from "vitest";
import { uniformParameters } from "../../src/engine/parameters.js";
import { roundingTwin } from "../../src/engine/working.js";
import { uniform } from "../../src/kernel/uniform.js";
import { above, below } from "../../src/math/float.js";
import { expectSameBits } from "../bits.js";
import { expectEach } from "../each.js";
import { chooser, EXTREMES, SETS } from "../kernels.js";
import { DISTRIBUTIONS } from "./distributions.js";
import { testTwins } from "./twin.js";

testTwins(DISTRIBUTIONS.uniform);

test.each(["f16", "bf16"] as const)("%s: values that need no clamping have the bits of clamped ones", (dtype) => {
  const words = Int32Array.of(...EXTREMES, ...Array.from({ length: 1000 }, chooser(7)));
  const rounded = (parameters: Parameters<typeof uniform>[3]) => {
    const floats = new Float32Array(Int32Array.from(words).buffer);
    const inPlace = new Int32Array(floats.buffer);
    uniform(inPlace, floats, words.length, parameters);
    roundingTwin(dtype)?.(new Uint16Array(floats.buffer), words.length, inPlace);
    return new Uint16Array(floats.buffer, 0, words.length);
  };
  let unclamped = 0;
  const bounds = Array.from({ length: 90 }, (_, i) => 2 ** (15 - i / 2) * (1 + ((i * 0.618) % 1)));
  for (const high of [...bounds, 0.1, 0.5, 1, 2 ** -24, 2 ** -25, 1e-9]) {
    const parameters = uniformParameters(-high, high, dtype);
    if (parameters.last === parameters.half) ++unclamped;
    expect(rounded(parameters)).toEqual(
      rounded({ ...parameters, first: above(-high, dtype), last: below(high, dtype) }),
    );
  }
  expect(unclamped).toBeGreaterThan(20);
  expect(unclamped).toBeLessThan(80);
});

const complement = (words: readonly number[]) => words.map((word) => ~word >>> 0);

describe.each(SETS)("the $name", (set) => {
  const values = (low: number, high: number, words: ArrayLike<number>) =>
    new Float32Array(set.map({ kind: "uniform", low, high }, words).buffer);

  test.each(DISTRIBUTIONS.uniform)(
    "excludes both ends of %j, as doubles, where a float lies between them",
    ({ low, high }) => {
      const drawn = values(low, high, [...EXTREMES, ...Array.from({ length: 4000 }, chooser(4))]);
      const some = drawn.some((value) => value > low && value < high);
      if (some) expect(drawn.every((value) => value > low && value < high)).toBe(true);
      else expect(new Set(drawn)).toEqual(new Set([Math.fround(low)])); // 1 to 1.00000001
    },
  );

  test("negates the value of a word's complement, so that the mean is the middle, and never draws 0", () => {
    const words = [...EXTREMES, ...Array.from({ length: 1000 }, chooser(5))];
    const drawn = values(-0.1, 0.1, words);
    expectSameBits(
      values(-0.1, 0.1, complement(words)),
      drawn.map((value) => -value),
    );
    expect(drawn.every((value) => value !== 0)).toBe(true);
  });

  test("is at most two roundings and one ulp of the bound away from the exact fraction of a symmetric interval", () => {
    const words = Array.from({ length: 4000 }, chooser(6));
    expectEach(values(-0.1, 0.1, words), (value, i) => {
      const exact = ((words[i] as number) | 1) * 2 ** -31 * 0.1;
      return Math.abs(value - exact) <= 4 * 2 ** -24 * Math.abs(exact);
    });
  });

  test("keeps the variety of intervals that are too small to be multiplied by 2^-31", () => {
    const words = Array.from({ length: 4000 }, chooser(7));
    for (const half of [2 ** -94, 2 ** -95, 2 ** -96, 2 ** -103, 2 ** -120]) {
      expect(new Set(values(-half, half, words)).size).toBeGreaterThan(3900);
    }
    expect(new Set(values(-1e-40, 1e-40, words)).size).toBeGreaterThan(3500); // 142,000 floats in all
  });
});
