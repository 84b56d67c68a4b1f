/**
 * The natural logarithm of positive normal doubles, within 1 ulp, by + - * / alone.
 * Method and constants: FreeBSD msun, e_log.c (Ng, Sun Microsystems, 1993). Twin: src/kernel/log.ts.
 */

// In memory, for the reason given in normal.ts.
const TABLE = memory.data<u64>([
  0x3fe6a09e667f3bcd, 0xfff0000000000000, // sqrt(1/2) as bits; the mask of sign and exponent
  0x3ff0000000000000, 0x4000000000000000, 0x3fe0000000000000, // 1; 2; 1/2
  0x3fe62e42fee00000, 0x3dea39ef35793c76, // their sum is ln 2
  0x3ff5555555555593, 0x3fe999999997fa04, 0x3fe2492494229359, 0x3fdc71c51d8e78af, // p1..p7:
  0x3fd7466496cb03de, 0x3fd39a09d078c69f, 0x3fd2f112df3e5244, // ln((1 + s) / (1 - s)) = 2s + s/2 (p1 s^2 + ... + p7 s^14)
]);

/** Replaces numbers by their logarithms, a vector at a time: two are faster, and larger (docs/speed.md). */
export function logarithms(at: usize, bytes: usize): void {
  for (const end = at + bytes; at < end; at += 16) v128.store(at, log(v128.load(at)));
}

@inline
function log(x: v128): v128 {
  const e = v128.and(i64x2.sub(x, v128.load64_splat(TABLE, 0)), v128.load64_splat(TABLE, 8)); // x = m 2^k, m in [sqrt(1/2), sqrt(2))
  const e32 = i32x4.shr_s(e, 20);
  const k = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(e32, e32, 1, 3, 1, 3));
  const f = f64x2.sub(i64x2.sub(x, e), v128.load64_splat(TABLE, 16));
  const s = f64x2.div(f, f64x2.add(v128.load64_splat(TABLE, 24), f)), z = f64x2.mul(s, s), w = f64x2.mul(z, z);
  let odd = f64x2.add(v128.load64_splat(TABLE, 88), f64x2.mul(w, v128.load64_splat(TABLE, 104)));
  odd = f64x2.add(v128.load64_splat(TABLE, 72), f64x2.mul(w, odd));
  odd = f64x2.mul(z, f64x2.add(v128.load64_splat(TABLE, 56), f64x2.mul(w, odd)));
  let even = f64x2.add(v128.load64_splat(TABLE, 80), f64x2.mul(w, v128.load64_splat(TABLE, 96)));
  even = f64x2.mul(w, f64x2.add(v128.load64_splat(TABLE, 64), f64x2.mul(w, even)));
  const square = f64x2.mul(f64x2.mul(v128.load64_splat(TABLE, 32), f), f);
  const sum = f64x2.add(square, f64x2.mul(v128.load64_splat(TABLE, 32), f64x2.add(odd, even)));
  const low = f64x2.add(f64x2.mul(s, sum), f64x2.mul(k, v128.load64_splat(TABLE, 48)));
  return f64x2.add(f64x2.mul(k, v128.load64_splat(TABLE, 40)), f64x2.add(f64x2.sub(low, square), f));
}
