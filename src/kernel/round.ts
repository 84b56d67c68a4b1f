/**
 * Values of 32 bits to 16, each rounded to the nearest, of two as near to the even one. Twin: assembly/round.ts.
 * `out` may be a view of the same memory: what is read lies further on. Values are finite after rounding.
 */
const f32 = Math.fround;

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** binary16 (IEEE 754), subnormal numbers included, from the bits of binary32. */
export function roundF16(out: Uint16Array, count: number, words: Int32Array): void {
  for (let i = 0; i < count; ++i) out[i] = binary16(words[i] as number);
}

/** Beside 1.5 * 2^(e + 13) a float's last place is binary16's: adding it rounds x. */
function binary16(word: number): number {
  bits[0] = word & 0x7f800000;
  const c = f32(Math.max(float[0] as number, 6.103515625e-5) * 12288); // 2^-14, the smallest normal number; 1.5 * 2^13
  bits[0] = word;
  float[0] = f32(f32((float[0] as number) + c) - c) * 1.925929944387236e-34; // 2^-112: its exponent is now binary16's
  return ((bits[0] << 3) | (word & 0x80000000)) >>> 16;
}

/** bfloat16: the upper half of binary32. */
export function roundBf16(out: Uint16Array, count: number, words: Int32Array): void {
  for (let i = 0; i < count; ++i) {
    const word = words[i] as number;
    out[i] = (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
}
