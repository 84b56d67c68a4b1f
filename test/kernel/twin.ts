/** The twin test of one law: bit for bit over random words, extreme words and every length. */
import { expect, test } from "vitest";
import type { Independent } from "../../src/distribution.js";
import { chooser, extremePairs, simd, twin } from "../kernels.js";

/** Dtypes whose kernels differ: those of 16 bits have other ends of intervals. */
const DTYPES = ["f32", "f64", "f16", "bf16"] as const;

export function testTwins(fills: readonly Independent[]): void {
  const cases = fills.flatMap((fill) => DTYPES.map((dtype) => ({ fill, dtype })));

  test.each(cases)("twins: $fill, $dtype on random words", ({ fill, dtype }) => {
    const choose = chooser(2);
    for (let round = 0; round < 4; ++round) {
      const words = Uint32Array.from({ length: 4096 }, choose);
      expect(simd.map(fill, words, 4096, dtype)).toEqual(twin.map(fill, words, 4096, dtype));
    }
  });

  test.each(cases)("twins: $fill, $dtype on extreme words, all values finite", ({ fill, dtype }) => {
    const words = extremePairs();
    const bits = simd.map(fill, words, words.length, dtype);
    expect(bits).toEqual(twin.map(fill, words, words.length, dtype));
    const values = dtype === "f64" ? new Float64Array(bits.buffer) : new Float32Array(bits.buffer);
    expect(values.every(Number.isFinite)).toBe(true);
  });

  test.each(["f32", "f64"] as const)("twins: every length up to 200, %s", (dtype) => {
    const words = Uint32Array.from({ length: 4096 }, chooser(3));
    for (const fill of fills) {
      for (let length = 2; length <= 200; length += dtype === "f64" ? 2 : 1) {
        expect(simd.map(fill, words, length, dtype)).toEqual(twin.map(fill, words, length, dtype));
      }
    }
  });
}
