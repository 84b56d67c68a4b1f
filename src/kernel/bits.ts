/**
 * The random words of a block, by xoshiro128++ in four lanes. The state of each lane starts as one output of Philox.
 * Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47, 2021 (xoshiro128++ 1.0).
 * Twin: assembly/bits.ts. Specification: docs/stream.md, "Blocks".
 */
import { philox } from "./philox.js";

/** Words in a block. Its 16 KiB stay in the first-level cache, and seeding takes 1% of the time to make it. */
export const BLOCK = 4096;

/**
 * Writes the first `count` words, rounded up to a multiple of 16, of the block (blockHigh, blockLow). Word j comes from
 * lane j & 3 at step j >> 2. The lanes' states lie in words[0..15] until the words replace them.
 */
export function bits(
  words: Int32Array,
  count: number,
  blockLow: number,
  blockHigh: number,
  seedLow: number,
  seedHigh: number,
  streamLow: number,
  streamHigh: number,
): void {
  for (let lane = 0; lane < 4; ++lane) {
    philox(words, lane, blockLow, blockHigh << 2, streamLow, streamHigh, seedLow, seedHigh);
  }
  // Lane by lane: four state words fit into registers, sixteen do not.
  for (let lane = 0; lane < 4; ++lane) xoshiro(words, lane, (count + 15) & ~15);
}

/** Replaces the lane's state, which lies in words[lane + 4 w], by its outputs, up to `end`. */
function xoshiro(words: Int32Array, lane: number, end: number): void {
  let s0 = words[lane] as number;
  let s1 = words[lane + 4] as number;
  let s2 = words[lane + 8] as number;
  let s3 = words[lane + 12] as number;
  if ((s0 | s1 | s2 | s3) === 0) {
    // xoshiro maps the all-zero state to itself: one lane in 2^128 starts from a constant instead.
    s0 = 0x9e3779b9 | 0;
    s1 = 0x243f6a88;
    s2 = 0xb7e15162 | 0;
    s3 = 0x6a09e667;
  }
  // Two steps per turn save a fifth of the time: fewer moves between registers.
  for (let j = lane; j < end; j += 8) {
    let sum = (s0 + s3) | 0;
    words[j] = ((sum << 7) | (sum >>> 25)) + s0;
    let t = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = (s3 << 11) | (s3 >>> 21);

    sum = (s0 + s3) | 0;
    words[j + 4] = ((sum << 7) | (sum >>> 25)) + s0;
    t = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = (s3 << 11) | (s3 >>> 21);
  }
}
