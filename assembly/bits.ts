/**
 * The words of one block: xoshiro128++, four lanes, each lane's state one Philox output.
 * Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47, 2021 (xoshiro128++ 1.0).
 * Twin: src/kernel/bits.ts. Specification: docs/stream.md, "Blocks".
 */
import { philox } from "./philox";

@inline
function rotl(x: v128, k: i32): v128 {
  return v128.or(i32x4.shl(x, k), i32x4.shr_u(x, 32 - k));
}

/**
 * Writes the first `count` words of block (blockHigh, blockLow), rounded up to 16: word j is lane j & 3 at step j >> 2.
 * `out` holds the lanes' states until the words replace them.
 */
export function bits(
  out: usize, count: u32, blockLow: u32, blockHigh: u32,
  seedLow: u32, seedHigh: u32, streamLow: u32, streamHigh: u32,
): void {
  philox(out, blockLow, blockHigh << 2, streamLow, streamHigh, seedLow, seedHigh);
  let s0 = v128.load(out, 0), s1 = v128.load(out, 16), s2 = v128.load(out, 32), s3 = v128.load(out, 48);

  // xoshiro maps the all-zero state to itself: one lane in 2^128 starts from a constant instead.
  const zero = i32x4.eq(v128.or(v128.or(s0, s1), v128.or(s2, s3)), i32x4.splat(0));
  s0 = v128.or(s0, v128.and(zero, i32x4.splat(0x9e3779b9)));
  s1 = v128.or(s1, v128.and(zero, i32x4.splat(0x243f6a88)));
  s2 = v128.or(s2, v128.and(zero, i32x4.splat(0xb7e15162)));
  s3 = v128.or(s3, v128.and(zero, i32x4.splat(0x6a09e667)));

  // Two steps a turn: the second spares half of the loop's moves between registers (measured, 4%).
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
