/** The twin test of one law: bit for bit over random words, extreme words and every length. */
import { expect, test } from "vitest";
import type { Fill } from "../../src/fill.js";
import { chooser, extremePairs, simd, twin } from "../kernels.js";

export function testTwins(fills: readonly Fill[]): void {
  test.each(fills)("twins: %j on random words", (fill) => {
    const choose = chooser(2);
    for (let round = 0; round < 4; ++round) {
      const words = Uint32Array.from({ length: 4096 }, choose);
      expect(simd.map(fill, words)).toEqual(twin.map(fill, words));
    }
  });

  test.each(fills)("twins: %j on extreme words, all values finite", (fill) => {
    const words = extremePairs();
    const bits = simd.map(fill, words);
    expect(bits).toEqual(twin.map(fill, words));
    expect(new Float32Array(bits.buffer).every(Number.isFinite)).toBe(true);
  });

  test("twins: every length up to 200", () => {
    const words = Uint32Array.from({ length: 4096 }, chooser(3));
    for (const fill of fills) {
      for (let length = 1; length <= 200; ++length) {
        expect(simd.map(fill, words, length)).toEqual(twin.map(fill, words, length));
      }
    }
  });
}
