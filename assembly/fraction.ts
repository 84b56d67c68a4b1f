/**
 * 64 random bits as a double between 0 and 1. Twin: src/kernel/fraction.ts.
 * Callers pass the constants in, so that each can keep them in registers or in memory, as its loop allows.
 */
export const DIGITS: u64 = 0x000fffffffffffff; // the lower 52 bits
export const ONE: u64 = 0x3ff0000000000000; // 1 as bits
export const OFFSET: f64 = 0.9999999999999999; // 1 - 2^-53
export const SIGN: u64 = 0x8000000000000000; // the highest bit

/** (2m + 1) 2^-53, where m is the lower 52 of the 64 bits: exact, and strictly between 0 and 1. */
@inline
export function fraction(x: v128, digits: v128, one: v128, offset: v128): v128 {
  return f64x2.sub(v128.or(v128.and(x, digits), one), offset);
}

/** The same, signed by the highest bit. */
@inline
export function signed(x: v128, digits: v128, one: v128, offset: v128, minus: v128): v128 {
  return v128.xor(fraction(x, digits, one, offset), v128.and(x, minus));
}
