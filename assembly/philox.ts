/**
 * Philox4x32-10, a keyed bijection of 128-bit counters, four counters at once.
 * Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011, section 3.3.
 * Twin: src/kernel/philox.ts.
 */
const M0: u32 = 0xd2511f53, M1: u32 = 0xcd9e8d57; // multipliers
const W0: u32 = 0x9e3779b9, W1: u32 = 0xbb67ae85; // key steps

/** High 32 bits of the unsigned 64-bit product, lane by lane. */
@inline
function mulhi(a: v128, m: v128): v128 {
  return v128.shuffle<u32>(i64x2.extmul_low_i32x4_u(a, m), i64x2.extmul_high_i32x4_u(a, m), 1, 3, 5, 7);
}

/**
 * Writes the four output words of each counter (c0, c1 | lane, c2, c3), lane = 0 to 3, under the key (k0, k1): word w
 * of lane l goes to out + 16 w + 4 l, so that word w of all lanes is one vector.
 */
export function philox(out: usize, c0: u32, c1: u32, c2: u32, c3: u32, k0: u32, k1: u32): void {
  const m0 = i32x4.splat(M0), m1 = i32x4.splat(M1);
  let x0 = i32x4.splat(c0), x1 = v128.or(i32x4.splat(c1), i32x4(0, 1, 2, 3));
  let x2 = i32x4.splat(c2), x3 = i32x4.splat(c3);
  for (let round = 0; round < 10; ++round) {
    const h0 = mulhi(x0, m0), l0 = i32x4.mul(x0, m0);
    const h1 = mulhi(x2, m1), l1 = i32x4.mul(x2, m1);
    x0 = v128.xor(v128.xor(h1, x1), i32x4.splat(k0));
    x1 = l1;
    x2 = v128.xor(v128.xor(h0, x3), i32x4.splat(k1));
    x3 = l0;
    k0 += W0;
    k1 += W1;
  }
  v128.store(out, x0, 0);
  v128.store(out, x1, 16);
  v128.store(out, x2, 32);
  v128.store(out, x3, 48);
}
