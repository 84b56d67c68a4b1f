/**
 * Rounds f32 values to 16 bits, to nearest, ties to even. Twin: assembly/round.ts.
 * `out` may be a view of the same memory, since a value is read before its bits are overwritten. Rounded values must be
 * finite.
 */
const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/**
 * Rounds to binary16 (IEEE 754), subnormal numbers included. `words` are the bits of binary32. No number on the way is
 * subnormal in binary32, where some processors take it for 0.
 */
export function roundF16(out: Uint16Array, count: number, words: Int32Array): void {
  for (let i = 0; i < count; ++i) out[i] = binary16(words[i] as number);
}

/**
 * From e, the exponent of x, at least -14. Adding 2^(e + 13) rounds |x|: the sum's last bit is worth as much as the last of a
 * binary16 with that exponent, so what it has more than the bits of 2^(e + 13) counts those.
 * Its lower 16 bits are that count: those of 2^(e + 13) are 0. `roundF16` keeps no others.
 */
function binary16(word: number): number {
  const above = Math.max(0, (word & 0x7f800000) - 0x38800000); // e + 14, where binary32 has its exponent
  const power = above + 0x3f000000; // 2^(e + 13)
  bits[0] = power;
  const shift = float[0] as number;
  bits[0] = word & 0x7fffffff;
  float[0] = (float[0] as number) + shift;
  return ((bits[0] as number) + (above >>> 13)) | ((word >>> 16) & 0x8000);
}

/** Rounds to bfloat16, the upper half of binary32. */
export function roundBf16(out: Uint16Array, count: number, words: Int32Array): void {
  for (let i = 0; i < count; ++i) {
    const word = words[i] as number;
    out[i] = (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
}
