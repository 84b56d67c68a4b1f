/** Logarithms, where they take the next power of two out of their argument: at sqrt(1/2), in radii and in tails of f64. */
import { expect, test } from "vitest";
import { truncatedWideParameters } from "../../src/engine/parameters.js";
import { log } from "../../src/kernel/log.js";
import { expectSameBits } from "../bits.js";
import { chooser, simd, twin } from "../kernels.js";

const double = new Float64Array(1);
const half = new Uint32Array(double.buffer);
const choose = chooser(21);

/** A double whose upper half is that of 2^-k sqrt(1/2) for a k from `least` on, or the one before it. */
function nearRoot(least: number): number {
  half[1] = 0x3fe6a09e - ((least + (choose() % 40)) << 20) - (choose() & 1);
  half[0] = choose();
  return double[0] as number;
}

/** 4096 words, two of which make each u = (2m + 1) 2^-53. */
function wordsOf(next: () => number): Uint32Array {
  return Uint32Array.from(
    Array.from({ length: 2048 }, () => BigInt(Math.floor(next() * 2 ** 52))).flatMap((m) => [
      Number(m & 0xffffffffn),
      Number(m >> 32n),
    ]),
  );
}

test("the kernel and its twin give the same bits of tails whose probability is there", () => {
  const distribution = { kind: "truncated", mean: 0, std: 1, low: 0, high: 40 } as const;
  const { above, span } = truncatedWideParameters(distribution, "f64");
  for (let round = 0; round < 10; ++round) {
    const words = wordsOf(() => 1 - (nearRoot(4) - above) / span);
    expectSameBits(simd.map(distribution, words, 4096, "f64"), twin.map(distribution, words, 4096, "f64"));
  }
});

test("the kernel and its twin give the same bits of normal values whose radius is there", () => {
  const distribution = { kind: "normal", mean: 0, std: 1 } as const;
  for (let round = 0; round < 10; ++round) {
    const words = wordsOf(() => nearRoot(0));
    words.set(wordsOf(() => Math.SQRT1_2).subarray(0, 8));
    expectSameBits(simd.map(distribution, words, 4096, "f64"), twin.map(distribution, words, 4096, "f64"));
  }
});

test("sqrt(1/2) itself, the nearest double, belongs to the power of two above it", () => {
  expect(log(Math.SQRT1_2)).toBe(-0.3465735902799726); // the doubles nearest to the exact logarithms
  expect(log(Math.SQRT1_2 * 2 ** 32)).toBe(21.834136187638276);
});
