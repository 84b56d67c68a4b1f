/**
 * The random words of a block, by xoshiro128++ in four lanes. The state of each lane starts as one output of Philox.
 * Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47, 2021 (xoshiro128++ 1.0).
 * Twin: src/kernel/bits.ts. Specification: docs/stream.md, "Blocks".
 */
import { philox } from "./philox";

@inline
function rotl(x: v128, k: i32): v128 {
  return v128.or(i32x4.shl(x, k), i32x4.shr_u(x, 32 - k));
}

const BLOCK: u32 = 4096; // words
const BYTES: usize = 16384; // in a block

/**
 * Writes the first `count` words, rounded up to a multiple of 16, of the block (blockHigh, blockLow) and the block
 * after it. Word j of a block comes from lane j & 3 at step j >> 2. The lanes' states lie at `out` until the words
 * replace them.
 */
export function bits(
  out: usize, count: u32, blockLow: u32, blockHigh: u32,
  seedLow: u32, seedHigh: u32, streamLow: u32, streamHigh: u32,
): void {
  const next = out + BYTES;
  seed(out, blockLow, blockHigh, seedLow, seedHigh, streamLow, streamHigh);
  if (count <= BLOCK) return single(out, count);
  seed(next, blockLow + 1, blockHigh + u32(blockLow == 0xffffffff), seedLow, seedHigh, streamLow, streamHigh);
  if (count == 2 * BLOCK) return pair(out);
  single(out, BLOCK);
  single(next, count - BLOCK);
}

/** Writes the states of a block's four lanes: four vectors, one for each word of the state. */
function seed(
  out: usize, blockLow: u32, blockHigh: u32, seedLow: u32, seedHigh: u32, streamLow: u32, streamHigh: u32,
): void {
  philox(out, blockLow, blockHigh << 2, streamLow, streamHigh, seedLow, seedHigh);
  const s0 = v128.load(out, 0), s1 = v128.load(out, 16), s2 = v128.load(out, 32), s3 = v128.load(out, 48);
  const zero = i32x4.eq(v128.or(v128.or(s0, s1), v128.or(s2, s3)), i32x4.splat(0));
  if (!v128.any_true(zero)) return;
  // xoshiro maps the all-zero state to itself: one lane in 2^128 starts from a constant instead.
  v128.store(out, v128.or(s0, v128.and(zero, i32x4.splat(0x9e3779b9))), 0);
  v128.store(out, v128.or(s1, v128.and(zero, i32x4.splat(0x243f6a88))), 16);
  v128.store(out, v128.or(s2, v128.and(zero, i32x4.splat(0xb7e15162))), 32);
  v128.store(out, v128.or(s3, v128.and(zero, i32x4.splat(0x6a09e667))), 48);
}

/** Replaces the states at `out` by `count` words. Two steps per iteration save half of the moves between registers. */
function single(out: usize, count: u32): void {
  let s0 = v128.load(out, 0), s1 = v128.load(out, 16), s2 = v128.load(out, 32), s3 = v128.load(out, 48);
  for (const end = out + (<usize>((count + 15) & ~15) << 2); out < end; out += 32) {
    v128.store(out, i32x4.add(rotl(i32x4.add(s0, s3), 7), s0), 0);
    let t = i32x4.shl(s1, 9);
    s2 = v128.xor(s2, s0);
    s3 = v128.xor(s3, s1);
    s1 = v128.xor(s1, s2);
    s0 = v128.xor(s0, s3);
    s2 = v128.xor(s2, t);
    s3 = rotl(s3, 11);

    v128.store(out, i32x4.add(rotl(i32x4.add(s0, s3), 7), s0), 16);
    t = i32x4.shl(s1, 9);
    s2 = v128.xor(s2, s0);
    s3 = v128.xor(s3, s1);
    s1 = v128.xor(s1, s2);
    s0 = v128.xor(s0, s3);
    s2 = v128.xor(s2, t);
    s3 = rotl(s3, 11);
  }
}

/**
 * Replaces the states of two whole blocks by their words, in lockstep. Each step depends on the step before it, three
 * operations deep, so a single block would leave the vector units idle 40% of the time (measured: 1.65 times as fast).
 */
function pair(out: usize): void {
  let s0 = v128.load(out, 0), s1 = v128.load(out, 16), s2 = v128.load(out, 32), s3 = v128.load(out, 48);
  let r0 = v128.load(out, BYTES), r1 = v128.load(out, BYTES + 16), r2 = v128.load(out, BYTES + 32);
  let r3 = v128.load(out, BYTES + 48);
  for (const end = out + BYTES; out < end; out += 16) {
    v128.store(out, i32x4.add(rotl(i32x4.add(s0, s3), 7), s0));
    v128.store(out, i32x4.add(rotl(i32x4.add(r0, r3), 7), r0), BYTES);
    const t = i32x4.shl(s1, 9), u = i32x4.shl(r1, 9);
    s2 = v128.xor(s2, s0);
    r2 = v128.xor(r2, r0);
    s3 = v128.xor(s3, s1);
    r3 = v128.xor(r3, r1);
    s1 = v128.xor(s1, s2);
    r1 = v128.xor(r1, r2);
    s0 = v128.xor(s0, s3);
    r0 = v128.xor(r0, r3);
    s2 = v128.xor(s2, t);
    r2 = v128.xor(r2, u);
    s3 = rotl(s3, 11);
    r3 = rotl(r3, 11);
  }
}
