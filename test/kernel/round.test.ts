import { describe, expect, test } from "vitest";
import { above, below, decode as decoded, round as rounded } from "../../src/math/float.js";
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

/** The number that 16 bits stand for, from the definition of the format. */
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
  const all = Array.from({ length: end }, (_, pattern) => decode(pattern, digits, bias)); // finite, from 0 upwards

  /** The pattern nearest to a float, of two as near the even one: from the table alone. */
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

  /** Floats at, beside and between all values; and random ones. */
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

  test.each(SETS)("$name rounds every value, every tie and their neighbours to the nearest, ties to even", (set) => {
    const chosen = [...floats()].flatMap((x) => [x, -x]).filter((x) => Math.abs(x) <= (all.at(-1) as number));
    for (let at = 0; at < chosen.length; at += 4096) {
      const part = chosen.slice(at, at + 4096);
      expect([...set.round(part.map(wordOf), dtype)]).toEqual(part.map(nearest));
    }
    expect(chosen.length).toBeGreaterThan(6 * end);
  });

  test("decoding", () => {
    all.forEach((value, pattern) => {
      expect([decoded(pattern, dtype), decoded(pattern | 0x8000, dtype)]).toEqual([value, -value]);
    });
  });

  test("neighbours and rounding of doubles, which set the ends of intervals", () => {
    for (let i = 1; i + 1 < all.length; ++i) {
      const [under, value, over] = all.slice(i - 1, i + 2) as [number, number, number];
      expect([below(value, dtype), above(value, dtype)]).toEqual([under, over]);
      expect([below(-value, dtype), above(-value, dtype)]).toEqual([-over, -under + 0]);
      const between = value + (over - value) * 0.3;
      expect([below(between, dtype), above(between, dtype), rounded(between, dtype)]).toEqual([value, over, value]);
    }
    expect([below(0, dtype), above(0, dtype), rounded(0, dtype)]).toEqual([-(all[1] as number), all[1], 0]);
  });
});

test("neighbours of f32 and f64, by their bits", () => {
  const choose = chooser(17);
  const doubles = new Float64Array(1);
  const big = new BigInt64Array(doubles.buffer);
  for (let i = 0; i < 20_000; ++i) {
    const word = choose() % 0x7f000000;
    const x = floatOf(word);
    expect([below(x, "f32"), above(x, "f32")]).toEqual([
      word === 0 ? -(2 ** -149) : floatOf(word - 1),
      floatOf(word + 1),
    ]);
    big[0] = (BigInt(choose() % 0x7fe00000) << 32n) | BigInt(choose()) | 1n;
    const y = doubles[0] as number;
    const [under, over] = [-1n, 2n].map((step) => {
      big[0] = (big[0] as bigint) + step;
      return doubles[0] as number;
    });
    expect([below(y, "f64"), above(y, "f64")]).toEqual([under, over]);
    expect([below(-y, "f64"), above(-y, "f64")]).toEqual([-(over as number), -(under as number) + 0]);
  }
  expect([below(1, "f64"), above(1, "f64"), above(-1, "f64")]).toEqual([1 - 2 ** -53, 1 + 2 ** -52, -1 + 2 ** -53]);
  expect([above(0, "f64"), above(2 ** -1074, "f64"), below(2 ** -1074, "f64")]).toEqual([2 ** -1074, 2 ** -1073, 0]);
  expect([above(1.7e308, "f64") - 1.7e308, rounded(0.1, "f64"), rounded(0.1, "f32")]).toEqual([
    2 ** 971,
    0.1,
    Math.fround(0.1),
  ]);
});
