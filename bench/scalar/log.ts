/**
 * The natural logarithm of a positive normal double, within 1 ulp, by + - * / alone.
 * Method and constants: FreeBSD msun, e_log.c (Ng, Sun Microsystems, 1993). Twin: src/kernel/log.ts.
 */
const LN2_HIGH: f64 = 6.93147180369123816490e-1, LN2_LOW: f64 = 1.90821492927058770002e-10; // their sum is ln 2
const ROOT: i64 = 0x3fe6a09e667f3bcd; // sqrt(1/2) as bits
const POWER: i64 = 0xfff0000000000000; // the mask of sign and exponent
const L1: f64 = 6.666666666666735130e-1, L2: f64 = 3.999999999940941908e-1, L3: f64 = 2.857142874366239149e-1;
const L4: f64 = 2.222219843214978396e-1, L5: f64 = 1.818357216161805012e-1, L6: f64 = 1.531383769920937332e-1;
const L7: f64 = 1.479819860511658591e-1; // ln((1 + s) / (1 - s)) = 2s + s (L1 s^2 + ... + L7 s^14)

export function log(x: f64): f64 {
  const bits = reinterpret<i64>(x);
  const e = (bits - ROOT) & POWER; // x = m 2^k, m in [sqrt(1/2), sqrt(2))
  const k = <f64>(e >> 52);
  const f = reinterpret<f64>(bits - e) - 1;
  const s = f / (2 + f), z = s * s, w = z * z;
  const odd = z * (L1 + w * (L3 + w * (L5 + w * L7)));
  const even = w * (L2 + w * (L4 + w * L6));
  const square = 0.5 * f * f;
  return k * LN2_HIGH + (s * (square + (odd + even)) + k * LN2_LOW - square + f);
}
