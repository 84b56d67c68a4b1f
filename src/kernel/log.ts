/**
 * The natural logarithm of a positive normal double, within 1 ulp, by + - * / alone: `Math.log` differs between
 * engines.
 * Method and constants: FreeBSD msun, e_log.c (Ng, Sun Microsystems, 1993). Twin: assembly/log.ts.
 */
const LN2_HIGH = 6.9314718036912381649e-1; // LN2_HIGH + LN2_LOW is ln 2
const LN2_LOW = 1.90821492927058770002e-10;
const ROOT = 0x3fe6a09e; // high half of sqrt(1/2) as bits
const ROOT_LOW = 0x667f3bcd; // low half
const L1 = 6.66666666666673513e-1; // ln((1 + s) / (1 - s)) = 2s + s (L1 s^2 + ... + L7 s^14)
const L2 = 3.999999999940941908e-1;
const L3 = 2.857142874366239149e-1;
const L4 = 2.222219843214978396e-1;
const L5 = 1.818357216161805012e-1;
const L6 = 1.531383769920937332e-1;
const L7 = 1.479819860511658591e-1;

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
  const odd = z * (L1 + w * (L3 + w * (L5 + w * L7)));
  const even = w * (L2 + w * (L4 + w * L6));
  const square = 0.5 * f * f;
  return k * LN2_HIGH + (s * (square + (odd + even)) + k * LN2_LOW - square + f);
}
