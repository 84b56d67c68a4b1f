/** 64 bits of the stream as a fraction in double precision. Twin: assembly/fraction.ts. */

/** (2m + 1) 2^-53, where m is the lower 52 bits: between 0 and 1, both excluded, exact. `low` is the first word of two. */
export function fraction(low: number, high: number): number {
  return ((high & 0xfffff) * 0x100000000 + (low >>> 0) + 0.5) * 2.220446049250313e-16; // 2^-52
}
