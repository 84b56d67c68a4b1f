/**
 * Rounds f32 values to 16 bits, to nearest, ties to even. Twin: src/kernel/round.ts.
 * `out` may be `from`, since values are read before they are overwritten. Rounded values must be finite.
 */

// In memory, for the reason given in normal.ts.
const HALF = memory.data<u32>([
  0x7f800000, 0x7fffffff, 0x80008000, // masks: a binary32's exponent, all but its sign; the signs of two numbers of 16 bits
  0x38800000, 0x3f000000, // 2^-14, the smallest normal number of binary16; 2^-14 times 2^13
  0x00080001, // 8; 1
  0x00000001, 0x00007fff, // for bfloat16
]);

/**
 * Rounds to binary16 (IEEE 754), subnormal numbers included. No number on the way is subnormal in binary32, where some
 * processors take it for 0.
 *
 * The binary16 of |x| comes from e, the exponent of x, at least -14. Adding 2^(e + 13) rounds |x|: the sum's last bit is worth as
 * much as the last of a binary16 with that exponent, so what it has more than the bits of 2^(e + 13) counts those. They are in
 * the sum's lower half, and e + 14 is in the upper half, which is worth eight times as much as in binary16. A negative float is less
 * than -2^15 as an integer, so a saturated one keeps its sign.
 */
export function roundF16(out: usize, count: u32, from: usize): void {
  const mask = v128.load32_splat(HALF, 0), absolute = v128.load32_splat(HALF, 4), signs = v128.load32_splat(HALF, 8);
  const least = v128.load32_splat(HALF, 12), up = v128.load32_splat(HALF, 16), eight = v128.load32_splat(HALF, 20);
  for (const end = out + (<usize>count << 1); out < end; out += 16, from += 32) {
    const x0 = v128.load(from, 0), x1 = v128.load(from, 16);
    const h0 = binary16(x0, mask, absolute, least, up, eight), h1 = binary16(x1, mask, absolute, least, up, eight);
    const sign = v128.and(i16x8.narrow_i32x4_s(x0, x1), signs);
    v128.store(out, v128.or(i16x8.narrow_i32x4_u(h0, h1), sign));
  }
}

@inline
function binary16(x: v128, mask: v128, absolute: v128, least: v128, up: v128, eight: v128): v128 {
  const power = i32x4.add(i16x8.sub_sat_u(v128.and(x, mask), least), up); // 2^(e + 13)
  return i32x4.dot_i16x8_s(i32x4.sub(f32x4.add(v128.and(x, absolute), power), up), eight);
}

/** Rounds to bfloat16, the upper half of binary32. */
export function roundBf16(out: usize, count: u32, from: usize): void {
  const one = v128.load32_splat(HALF, 24), half = v128.load32_splat(HALF, 28);
  for (const end = out + (<usize>count << 1); out < end; out += 32, from += 64) {
    const h0 = upper(v128.load(from, 0), one, half), h1 = upper(v128.load(from, 16), one, half);
    const h2 = upper(v128.load(from, 32), one, half), h3 = upper(v128.load(from, 48), one, half);
    v128.store(out, i16x8.narrow_i32x4_u(h0, h1), 0);
    v128.store(out, i16x8.narrow_i32x4_u(h2, h3), 16);
  }
}

@inline
function upper(x: v128, one: v128, half: v128): v128 {
  return i32x4.shr_u(i32x4.add(i32x4.add(x, half), v128.and(i32x4.shr_u(x, 16), one)), 16);
}
