/**
 * The natural logarithm of a positive normal double, within 1 ulp, by + - * / alone: `Math.log` differs between
 * engines.
 * Method and constants: FreeBSD msun, e_log.c (Ng, Sun Microsystems, 1993). Twin: assembly/log.ts.
 */
const LN2_HIGH = 6.9314718036912381649e-1; // LN2_HIGH + LN2_LOW is ln 2
const LN2_LOW = 1.90821492927058770002e-10;
const ROOT = 0x3fe6a09e; // high half of sqrt(1/2) as bits
const ROOT_LOW = 0x667f3bcd; // low half
// ln((1 + s) / (1 - s)) = 2s + s/2 (P1 s^2 + ... + P7 s^14)
export const P1 = 1.333333333333347;
export const P2 = 0.7999999999881884;
export const P3 = 0.5714285748732478;
export const P4 = 0.4444439686429957;
export const P5 = 0.363671443232361;
export const P6 = 0.30627675398418747;
export const P7 = 0.2959639721023317;

const double = new Float64Array(1);
const half = new Uint32Array(double.buffer); // low, high

export function log(x: number): number {
  double[0] = x;
  const high = half[1] as number;
  const borrow = (half[0] as number) < ROOT_LOW ? 1 : 0;
  const e = (high - ROOT - borrow) & 0xfff00000; // x = m 2^k, m in [sqrt(1/2), sqrt(2))
  half[1] = high - e;
  const k = e >> 20;
  const f = (double[0] as number) - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const odd = z * (P1 + w * (P3 + w * (P5 + w * P7)));
  const even = w * (P2 + w * (P4 + w * P6));
  const square = 0.5 * f * f;
  return k * LN2_HIGH + (s * (square + 0.5 * (odd + even)) + k * LN2_LOW - square + f);
}
