/**
 * Rounds f32 values to 16 bits, to nearest, ties to even. Twin: assembly/round.ts.
 * `out` may be a view of the same memory, since a value is read before its bits are overwritten. Rounded values must be
 * finite.
 */
const f32 = Math.fround;

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** Rounds to binary16 (IEEE 754), subnormal numbers included. `words` are the bits of binary32. */
export function roundF16(out: Uint16Array, count: number, words: Int32Array): void {
  for (let i = 0; i < count; ++i) out[i] = binary16(words[i] as number);
}

/** Adding 1.5 * 2^(e + 13) rounds x: the sum's last bit is worth as much as that of a binary16 with exponent e. */
function binary16(word: number): number {
  bits[0] = word & 0x7f800000;
  const c = f32(Math.max(float[0] as number, 6.103515625e-5) * 12288); // 2^-14, the smallest normal number; 1.5 * 2^13
  bits[0] = word;
  float[0] = f32(f32((float[0] as number) + c) - c) * 1.925929944387236e-34; // 2^-112: binary16's exponent
  return ((bits[0] << 3) | (word & 0x80000000)) >>> 16;
}

/** Rounds to bfloat16, the upper half of binary32. */
export function roundBf16(out: Uint16Array, count: number, words: Int32Array): void {
  for (let i = 0; i < count; ++i) {
    const word = words[i] as number;
    out[i] = (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
}
