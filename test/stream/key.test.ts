/** Keys: the stream of a name, and seeds. */
import { describe, expect, test } from "vitest";
import { key, nameHash, randomSeed } from "../../src/stream.js";

// FNV-1a-64, from the test suite of its authors (Fowler, Noll, Vo): isthe.com/chongo/src/fnv/test_fnv.c.
test.each([
  ["", "cbf29ce484222325"],
  ["a", "af63dc4c8601ec8c"],
  ["b", "af63df4c8601f1a5"],
  ["foobar", "85944171f73967e8"],
  ["chongo was here!\n", "46810940eff5f915"],
])("the stream of the name %j is its FNV-1a hash", (name, hash) => {
  const { high, low } = nameHash(name);
  expect(high.toString(16).padStart(8, "0") + low.toString(16).padStart(8, "0")).toBe(hash);
});

test("names are hashed as UTF-8", () => {
  for (const name of ["größe", "重み", "w🙂.bias", "\u{10ffff}", "\u07ff\u0800\uffff"]) {
    let h = 0xcbf29ce484222325n;
    for (const byte of new TextEncoder().encode(name)) h = BigInt.asUintN(64, (h ^ BigInt(byte)) * 0x100000001b3n);
    const { high, low } = nameHash(name);
    expect((BigInt(high) << 32n) | BigInt(low)).toBe(h);
  }
});

test("a million names of a large model have a million streams, whose low words collide as often as random ones", () => {
  const words = new Uint32Array(2_000_000);
  for (let i = 0; i < 1_000_000; ++i) {
    const name = `model.layers.${i % 1000}.mlp.experts.${Math.floor(i / 1000)}.w1.weight`;
    const { high, low } = nameHash(name);
    words[2 * i] = low;
    words[2 * i + 1] = high;
  }
  const lows = Uint32Array.from({ length: 1_000_000 }, (_, i) => words[2 * i] as number).sort();
  const streams = new BigUint64Array(words.buffer).sort();
  const neighbours = (sorted: Uint32Array | BigUint64Array) => {
    let equal = 0;
    for (let i = 1; i < sorted.length; ++i) equal += Number(sorted[i] === sorted[i - 1]);
    return equal;
  };
  expect(neighbours(streams)).toBe(0);
  const equal = neighbours(lows);
  expect(equal).toBeLessThan(200); // 116 expected of 32 random bits
  expect(equal).toBeGreaterThan(50);
});

describe("seeds", () => {
  test("are the same as a number and as a bigint, and every bit counts", () => {
    expect(key(42, "w")).toEqual(key(42n, "w"));
    expect(key(0, "w")).not.toEqual(key(2 ** 32, "w"));
    expect(key(2n ** 63n, "w")).not.toEqual(key(0, "w"));
    expect(key(2n ** 64n - 1n, "w")).toMatchObject({ seedLow: 0xffffffff, seedHigh: 0xffffffff });
    expect(key(-0, "w")).toEqual(key(0, "w"));
  });

  test("drawn anew differ and have 64 bits", () => {
    const seeds = Array.from({ length: 64 }, randomSeed);
    expect(new Set(seeds).size).toBe(64);
    expect(seeds.some((seed) => seed >> 63n === 1n) && seeds.some((seed) => seed >> 63n === 0n)).toBe(true);
  });
});
