/** 64 random bits as a double between 0 and 1. Twin: assembly/fraction.ts. */

/** (2m + 1) 2^-53, where m is the lower 52 of the 64 bits: exact, strictly between 0 and 1. `low` is the first word. */
export function fraction(low: number, high: number): number {
  return ((high & 0xfffff) * 0x100000000 + (low >>> 0) + 0.5) * 2.220446049250313e-16; // 2^-52
}
