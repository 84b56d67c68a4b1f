/**
 * Philox4x32-10, a keyed bijection of 128-bit counters.
 * Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011, section 3.3.
 * Twin: assembly/philox.ts. Known answers: test/vectors/philox4x32.txt.
 */
const M0 = 0xd2511f53; // multipliers
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9; // key steps
const W1 = 0xbb67ae85;

/** High 32 bits of the unsigned 64-bit product, from 16-bit halves. */
function mulhi(a: number, m: number): number {
  const low = a & 0xffff;
  const high = a >>> 16;
  const cross = Math.imul(high, m & 0xffff) >>> 0;
  const sum = (Math.imul(low, m & 0xffff) >>> 16) + (cross & 0xffff) + Math.imul(low, m >>> 16);
  return Math.imul(high, m >>> 16) + (cross >>> 16) + (sum >>> 16);
}

/**
 * Writes the four output words of the counter (c0, c1 | lane, c2, c3) under the key (k0, k1): word w goes to
 * out[lane + 4 w], like one lane of the SIMD kernel's vectors.
 */
export function philox(
  out: Int32Array,
  lane: number,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
): void {
  let x0 = c0;
  let x1 = c1 | lane;
  let x2 = c2;
  let x3 = c3;
  let j0 = k0;
  let j1 = k1;
  for (let round = 0; round < 10; ++round) {
    const h0 = mulhi(x0, M0);
    const l0 = Math.imul(x0, M0);
    const h1 = mulhi(x2, M1);
    const l1 = Math.imul(x2, M1);
    x0 = h1 ^ x1 ^ j0;
    x1 = l1;
    x2 = h0 ^ x3 ^ j1;
    x3 = l0;
    j0 = (j0 + W0) | 0;
    j1 = (j1 + W1) | 0;
  }
  out[lane] = x0;
  out[lane + 4] = x1;
  out[lane + 8] = x2;
  out[lane + 12] = x3;
}
