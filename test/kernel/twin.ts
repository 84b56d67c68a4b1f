/** Holds a kernel to its twin, bit for bit: random words, extreme words, every length. */
import { describe, expect, test } from "vitest";
import type { Independent } from "../../src/distribution.js";
import { expectSameBits } from "../bits.js";
import { chooser, extremePairs, simd, twin } from "../kernels.js";

/** f16 and bf16 are drawn as f32, but the outermost values of an interval are other ones. */
const DTYPES = ["f32", "f64", "f16", "bf16"] as const;

export function testTwins(distributions: readonly Independent[]): void {
  describe.each(distributions)("the kernel and its twin give the same bits for %j", (distribution) => {
    test.each(DTYPES)("in %s, of random words", (dtype) => {
      const choose = chooser(2);
      for (let round = 0; round < 4; ++round) {
        const words = Uint32Array.from({ length: 4096 }, choose);
        expectSameBits(simd.map(distribution, words, 4096, dtype), twin.map(distribution, words, 4096, dtype));
      }
    });

    test.each(DTYPES)("in %s, of extreme words, and only finite values", (dtype) => {
      const words = extremePairs();
      const bits = simd.map(distribution, words, words.length, dtype);
      expectSameBits(bits, twin.map(distribution, words, words.length, dtype));
      const values = dtype === "f64" ? new Float64Array(bits.buffer) : new Float32Array(bits.buffer);
      expect(values.every(Number.isFinite)).toBe(true);
    });

    test.each(["f32", "f64"] as const)("in %s, at every length up to 200 words", (dtype) => {
      const words = Uint32Array.from({ length: 256 }, chooser(3)); // a kernel may read beyond the last length
      for (let length = 0; length <= 200; length += dtype === "f64" ? 2 : 1) {
        const [kernel, other] = [simd, twin].map((set) => set.map(distribution, words, length, dtype));
        expectSameBits(kernel, other, `${length} words`);
      }
    });
  });
}
