/** The words of a block: Philox seeds four lanes of xoshiro128++. Held to the vectors of both and to blocks made in C. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { philox } from "../../src/kernel/philox.js";
import { expectSameBits } from "../bits.js";
import { chooser, SETS, type Seeding, simd, twin } from "../kernels.js";

const vector = (name: string) =>
  readFileSync(new URL(`../vectors/${name}`, import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));

/** The seeding and the lane whose state is `output`. Philox is a bijection, so there is one for any state. */
function seedingOf(output: readonly number[], seed: readonly [number, number]): { seeding: Seeding; lane: number } {
  const inverse = (m: bigint) => {
    let x = m; // Newton's iteration for the inverse modulo 2^32
    for (let i = 0; i < 5; ++i) x = BigInt.asUintN(32, x * (2n - m * x));
    return x;
  };
  const M0 = 0xd2511f53n;
  const M1 = 0xcd9e8d57n;
  let [x0, x1, x2, x3] = output.map(BigInt) as [bigint, bigint, bigint, bigint];
  for (let round = 9; round >= 0; --round) {
    const k0 = BigInt.asUintN(32, BigInt(seed[0]) + BigInt(round) * 0x9e3779b9n);
    const k1 = BigInt.asUintN(32, BigInt(seed[1]) + BigInt(round) * 0xbb67ae85n);
    const before0 = BigInt.asUintN(32, x3 * inverse(M0));
    const before2 = BigInt.asUintN(32, x1 * inverse(M1));
    const before1 = x0 ^ ((before2 * M1) >> 32n) ^ k0;
    const before3 = x2 ^ ((before0 * M0) >> 32n) ^ k1;
    [x0, x1, x2, x3] = [before0, before1, before2, before3];
  }
  const counter = [x0, x1, x2, x3].map(Number) as [number, number, number, number];
  return {
    seeding: { block: [counter[0], counter[1] >>> 2], seed, stream: [counter[2], counter[3]] },
    lane: counter[1] & 3,
  };
}

test("Philox4x32-10 gives Random123's known answers", () => {
  const lines = vector("philox4x32.txt");
  expect(lines).toHaveLength(3);
  for (const line of lines) {
    const [counter, key, output] = line.split(" | ").map((part) => part.split(" ").map((word) => Number(`0x${word}`)));
    const [c0, c1, c2, c3] = counter as [number, number, number, number];
    const out = new Int32Array(16);
    philox(out, c1 & 3, c0, c1 & ~3, c2, c3, ...(key as [number, number]));
    expect([0, 4, 8, 12].map((w) => (out[(c1 & 3) + w] as number) >>> 0)).toEqual(output);
  }
});

describe.each(SETS)("the $name", (set) => {
  test("gives the reference outputs of xoshiro128++", () => {
    const expected = (vector("xoshiro128plusplus.txt")[0] as string).split(" ").map(Number);
    for (const seed of [
      [0, 0],
      [0xffffffff, 0x12345678],
    ] as const) {
      const { seeding, lane } = seedingOf([1, 2, 3, 4], seed);
      const words = set.words(seeding, 4 * expected.length);
      expect(expected.map((_, step) => words[4 * step + lane])).toEqual(expected);
    }
  });

  test("starts a lane whose state would be all zeros from the constant", () => {
    const { seeding, lane } = seedingOf([0, 0, 0, 0], [0, 0]);
    const usual = seedingOf([0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x6a09e667], [7, 8]);
    const words = set.words(seeding, 4096);
    const expected = set.words(usual.seeding, 4096);
    for (let step = 0; step < 1024; ++step) {
      expect(words[4 * step + lane]).toBe(expected[4 * step + usual.lane]);
    }
    expect(new Set(words.filter((_, j) => j % 4 === lane)).size).toBeGreaterThan(1000);
  });

  // Made in C with the Random123 headers, before this library: FNV-1a-64 over the block's bytes.
  test.each([
    [
      [0, 0],
      [0, 0],
      [0, 0],
      "fa8a3f55 77d615a5 8fe6995a 718808a5 bd202032 01182402 044c25a1 b6205fa5",
      "5eb070be21f30246",
    ],
    [
      [0, 0],
      [0, 0],
      [1, 0],
      "2acad225 6cd6551e b198db86 d30d6852 40331622 ca2c84cb 79f54ac9 5506ab7f",
      "378bca73d9807dd3",
    ],
    [
      [0, 0],
      [1, 0],
      [0, 0],
      "a30afe65 90d9e23e a2008bf6 218d3602 fca13a0b c6e2730f fe583668 38f681a2",
      "bfad33757a7e9784",
    ],
    [
      [1, 0],
      [0, 0],
      [0, 0],
      "e2c0523c bce1eaa3 e72bfc8c 97268dff bf3664c2 474fbefb 418ef5d3 8cabc21e",
      "bd5c6cee416f21d6",
    ],
    [
      [42, 0],
      [7, 0],
      [123456, 0],
      "c87d8860 57c56370 31448be1 4ccf3560 7cabacc9 39952f20 8f9a4922 335e09c7",
      "e9d6ae933e00449c",
    ],
    [
      [0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0xffffffff, 0x3fffffff],
      "06320aa1 d0838417 815d84ef 324bdcc3 1d2a1b8c 4bfa4f60 85db33e8 2186cec5",
      "021857ed256b4b53",
    ],
  ] as const)("makes the words of seed %j, stream %j, block %j", (seed, stream, block, first, hash) => {
    const words = set.words({ seed, stream, block }, 4096);
    expect(Array.from(words.slice(0, 8), (word) => word.toString(16).padStart(8, "0")).join(" ")).toBe(first);
    let h = 0xcbf29ce484222325n;
    for (const byte of new Uint8Array(words.buffer)) h = BigInt.asUintN(64, (h ^ BigInt(byte)) * 0x100000001b3n);
    expect(h.toString(16).padStart(16, "0")).toBe(hash);
  });

  test("makes the first words of a block alone", () => {
    const seeding: Seeding = { block: [5, 6], seed: [1, 2], stream: [3, 4] };
    const whole = set.words(seeding, 4096);
    for (let count = 0; count <= 200; ++count) expectSameBits(set.words(seeding, count), whole.slice(0, count));
  });
});

test("the kernel and its twin make equal words of random seedings", () => {
  const choose = chooser(1);
  for (let i = 0; i < 200; ++i) {
    const seeding: Seeding = {
      block: [choose(), choose() >>> 2],
      seed: [choose(), choose()],
      stream: [choose(), choose()],
    };
    const count = 1 + (choose() % 4096);
    expectSameBits(simd.words(seeding, count), twin.words(seeding, count));
  }
});

test("the kernel makes two blocks at once, at any length, across a carry into the high word", () => {
  const choose = chooser(13);
  for (const low of [0, 7, 0xffffffff]) {
    const seeding: Seeding = { block: [low, 5], seed: [choose(), choose()], stream: [choose(), choose()] };
    const after: Seeding = { ...seeding, block: [(low + 1) >>> 0, low === 0xffffffff ? 6 : 5] };
    const both = [...twin.words(seeding, 4096), ...twin.words(after, 4096)];
    for (const count of [4097, 4098, 4112, 5000, 8176, 8191, 8192]) {
      expectSameBits(simd.words(seeding, count), Uint32Array.from(both.slice(0, count)));
    }
  }
});
