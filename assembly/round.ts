/**
 * Rounds f32 values to 16 bits, to nearest, ties to even. Twin: src/kernel/round.ts.
 * `out` may be `from`, since values are read before they are overwritten. Rounded values must be finite.
 */

/** Rounds to binary16 (IEEE 754), subnormal numbers included. */
export function roundF16(out: usize, count: u32, from: usize): void {
  const power = i32x4.splat(0x7f800000), least = f32x4.splat(6.103515625e-5); // 2^-14: the smallest normal number
  const shift = f32x4.splat(12288), scale = f32x4.splat(1.925929944387236e-34); // 1.5 * 2^13; 2^-112
  const minus = i32x4.splat(0x80000000);
  for (const end = out + (<usize>count << 1); out < end; out += 32, from += 64) {
    const h0 = binary16(v128.load(from, 0), power, least, shift, scale, minus);
    const h1 = binary16(v128.load(from, 16), power, least, shift, scale, minus);
    const h2 = binary16(v128.load(from, 32), power, least, shift, scale, minus);
    const h3 = binary16(v128.load(from, 48), power, least, shift, scale, minus);
    v128.store(out, i16x8.narrow_i32x4_u(h0, h1), 0);
    v128.store(out, i16x8.narrow_i32x4_u(h2, h3), 16);
  }
}

/** Adding 1.5 * 2^(e + 13) rounds x: the sum's last bit is worth as much as that of a binary16 with exponent e. */
@inline
function binary16(x: v128, power: v128, least: v128, shift: v128, scale: v128, minus: v128): v128 {
  const c = f32x4.mul(f32x4.pmax(v128.and(x, power), least), shift);
  const rounded = f32x4.mul(f32x4.sub(f32x4.add(x, c), c), scale); // now with the exponent of binary16
  return i32x4.shr_u(v128.or(i32x4.shl(rounded, 3), v128.and(x, minus)), 16);
}

/** Rounds to bfloat16, the upper half of binary32. */
export function roundBf16(out: usize, count: u32, from: usize): void {
  const one = i32x4.splat(1), half = i32x4.splat(0x7fff);
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
