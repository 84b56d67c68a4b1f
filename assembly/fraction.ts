/**
 * 64 random bits as a double between 0 and 1. Twin: src/kernel/fraction.ts.
 * Callers pass the constants in, so that each can keep them in registers or in memory, as its loop allows.
 */
// In memory, for the reason given in normal.ts.
export const FRACTION = memory.data<u64>([
  0x000fffffffffffff, 0x3ff0000000000000, // digits, the lower 52 bits; 1 as bits
  0x3fefffffffffffff, 0x8000000000000000, // 1 - 2^-53, the offset; the highest bit, the sign
]);

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
