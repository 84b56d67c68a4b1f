/** Rounding to 16 bits, and the neighbours of a number in each format, against the definitions of the formats. */
import { describe, expect, test } from "vitest";
import { above, below, valueOfPattern as decoded, round as rounded } from "../../src/math/float.js";
import { expectSameBits } from "../bits.js";
import { chooser, SETS } from "../kernels.js";

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);
const wordOf = (x: number): number => {
  float[0] = x;
  return bits[0] as number;
};
const floatOf = (word: number): number => {
  bits[0] = word;
  return float[0] as number;
};

/** The number that a 16-bit pattern stands for, from the definition of the format. */
function decode(pattern: number, digits: number, bias: number): number {
  const fraction = pattern & (2 ** digits - 1);
  const exponent = (pattern & 0x7fff) >> digits;
  const size =
    exponent === 0 ? fraction * 2 ** (1 - bias - digits) : (2 ** digits + fraction) * 2 ** (exponent - bias - digits);
  return pattern >> 15 ? -size : size;
}

const FORMATS = [
  { dtype: "f16", digits: 10, bias: 15, end: 0x7c00 },
  { dtype: "bf16", digits: 7, bias: 127, end: 0x7f80 },
] as const;

describe.each(FORMATS)("$dtype", ({ dtype, digits, bias, end }) => {
  const all = Array.from({ length: end }, (_, pattern) => decode(pattern, digits, bias)); // finite, ascending from 0

  /** The pattern nearest to a float, the even one of a tie, found in the table alone. */
  function nearest(x: number): number {
    const size = Math.abs(x);
    let low = 0;
    let high = all.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((all[middle] as number) <= size) low = middle;
      else high = middle;
    }
    const under = size - (all[low] as number);
    const over = (all[high] as number) - size;
    const pattern = under < over || (under === over && low % 2 === 0) ? low : high;
    return pattern | (x < 0 || Object.is(x, -0) ? 0x8000 : 0);
  }

  /** Every value, every midpoint between two values, the floats next to each; and random floats. */
  function* floats(): Generator<number> {
    for (let i = 0; i + 1 < all.length; ++i) {
      const value = all[i] as number;
      const middle = (value + (all[i + 1] as number)) / 2; // a float of 32 bits, exactly
      for (const at of [wordOf(value), wordOf(middle)]) {
        for (const word of [at - 1, at, at + 1]) if (word >= 0) yield floatOf(word);
      }
    }
    const choose = chooser(16);
    for (let i = 0; i < 20_000; ++i) yield Math.fround((choose() / 2 ** 32) * 2 ** ((choose() % 48) - 32));
  }

  test.each(SETS)(
    "the $name rounds every value, every tie and their neighbours to the nearest, ties to even",
    (set) => {
      const chosen = [...floats()].flatMap((x) => [x, -x]).filter((x) => Math.abs(x) <= (all.at(-1) as number));
      for (let at = 0; at < chosen.length; at += 4096) {
        const part = chosen.slice(at, at + 4096);
        expectSameBits(set.round(part.map(wordOf), dtype), Uint16Array.from(part, nearest));
      }
      expect(chosen.length).toBeGreaterThan(6 * end);
    },
  );

  test("decode gives the number of every pattern, of either sign", () => {
    expectSameBits(
      Float64Array.from(all, (_, pattern) => decoded(pattern, dtype)),
      Float64Array.from(all),
    );
    expectSameBits(
      Float64Array.from(all, (_, pattern) => decoded(pattern | 0x8000, dtype)),
      Float64Array.from(all, (value) => -value),
    );
  });

  test("below, above and round find the neighbours of every value, and of a double between two values", () => {
    const found: number[] = [];
    const expected: number[] = [];
    for (let i = 1; i + 1 < all.length; ++i) {
      const [under, value, over] = [all[i - 1], all[i], all[i + 1]] as [number, number, number];
      found.push(below(value, dtype), above(value, dtype), below(-value, dtype), above(-value, dtype));
      expected.push(under, over, -over, -under + 0);
      const between = value + (over - value) * 0.3;
      found.push(below(between, dtype), above(between, dtype), rounded(between, dtype));
      expected.push(value, over, value);
    }
    expectSameBits(Float64Array.from(found), Float64Array.from(expected));
    expect([below(0, dtype), above(0, dtype), rounded(0, dtype)]).toEqual([-(all[1] as number), all[1], 0]);
  });
});

test("below and above find the neighbours in f32 and f64, whose bits are consecutive", () => {
  const choose = chooser(17);
  const found: number[] = [];
  const expected: number[] = [];
  const doubles = new Float64Array(1);
  const big = new BigInt64Array(doubles.buffer);
  for (let i = 0; i < 20_000; ++i) {
    const word = choose() % 0x7f000000;
    const x = floatOf(word);
    found.push(below(x, "f32"), above(x, "f32"));
    expected.push(word === 0 ? -(2 ** -149) : floatOf(word - 1), floatOf(word + 1));
    big[0] = (BigInt(choose() % 0x7fe00000) << 32n) | BigInt(choose()) | 1n;
    const y = doubles[0] as number;
    const [under, over] = [-1n, 2n].map((step) => {
      big[0] = (big[0] as bigint) + step;
      return doubles[0] as number;
    });
    found.push(below(y, "f64"), above(y, "f64"), below(-y, "f64"), above(-y, "f64"));
    expected.push(under as number, over as number, -(over as number), -(under as number) + 0);
  }
  expectSameBits(Float64Array.from(found), Float64Array.from(expected));
  expect([below(1, "f64"), above(1, "f64"), above(-1, "f64")]).toEqual([1 - 2 ** -53, 1 + 2 ** -52, -1 + 2 ** -53]);
  expect([above(0, "f64"), above(2 ** -1074, "f64"), below(2 ** -1074, "f64")]).toEqual([2 ** -1074, 2 ** -1073, 0]);
  expect([above(1.7e308, "f64") - 1.7e308, rounded(0.1, "f64"), rounded(0.1, "f32")]).toEqual([
    2 ** 971,
    0.1,
    Math.fround(0.1),
  ]);
});
