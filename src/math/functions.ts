/**
 * Portable functions: made of + - * / and square roots only, which all runtimes round alike. `Math.exp` and its like
 * differ between runtimes, so nothing that a drawn value depends on may call them.
 */
import { log as normalLog } from "../kernel/log.js";

const LN2_HIGH = 6.9314718036912381649e-1; // LN2_HIGH + LN2_LOW is ln 2
const LN2_LOW = 1.90821492927058770002e-10;
const INV_LN2 = 1.4426950408889634;
const ROOT_2PI = 2.5066282746310007; // sqrt(2 pi)
const LOG_ROOT_2PI = 0.9189385332046728; // ln sqrt(2 pi)
const E1 = 1.66666666666666019037e-1; // r (e^r + 1) / (e^r - 1) = 2 + E1 r^2 + ... + E5 r^10
const E2 = -2.77777777770155933842e-3;
const E3 = 6.61375632143793436117e-5;
const E4 = -1.6533902205465251539e-6;
const E5 = 4.13813679705723846039e-8;

/**
 * e^x within 1 ulp; Infinity above 709.78, where the result exceeds all doubles, and 0 below -745.13. A subnormal result is
 * rounded once more, to a multiple of 2^-1074.
 * Method and constants: FreeBSD msun, e_exp.c (Ng, Sun Microsystems, 1993).
 */
export function exp(x: number): number {
  if (x > 709.782712893384) return Number.POSITIVE_INFINITY;
  if (x < -745.1332191019412) return 0;
  const k = Math.floor(x * INV_LN2 + 0.5);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  const t = r * r;
  const c = r - t * (E1 + t * (E2 + t * (E3 + t * (E4 + t * E5))));
  return scale(1 - (low - (r * c) / (2 - c) - high), k);
}

/** The natural logarithm within 1 ulp; -Infinity of 0, NaN of a negative number. */
export function log(x: number): number {
  if (x >= 2.2250738585072014e-308) return x === Number.POSITIVE_INFINITY ? x : normalLog(x);
  if (x > 0) return normalLog(x * 18014398509481984) - 37.42994775023705; // 2^54 and its logarithm
  return x === 0 ? -Number.POSITIVE_INFINITY : Number.NaN;
}

/** x^y for x > 0, with a relative error of (2 + |y ln x|) 2^-51: 1e-14 if |y ln x| < 20, and at most 4e-13. */
export const pow = (x: number, y: number): number => exp(y * log(x));

const double = new Float64Array(1);
const half = new Int32Array(double.buffer); // low, high

/** x * 2^k, for x from 1/2 to 2 and k from -1076 to 1024. */
function scale(x: number, k: number): number {
  double[0] = x;
  if (k > 1023) return scale(x, 1023) * 2;
  if (k < -1021) return scale(x, k + 64) * 5.421010862427522e-20; // 2^-64
  half[1] = (half[1] as number) + (k << 20);
  return double[0] as number;
}

/** P(0 < Z < z) for a standard normal Z and |z| <= 2; relative error 1e-15. Abramowitz and Stegun 1964, 26.2.11. */
export function centralMass(z: number): number {
  let term = z;
  let sum = z;
  for (let k = 3; ; k += 2) {
    term = (term * z * z) / k;
    if (sum + term === sum) return (sum * exp(-0.5 * z * z)) / ROOT_2PI;
    sum += term;
  }
}

/** Mills' ratio P(Z > z) / density(z) for z >= 0; relative error 4e-15. Abramowitz and Stegun 1964, 26.2.14. */
export function millsRatio(z: number): number {
  if (z < 2) return (0.5 - centralMass(z)) * ROOT_2PI * exp(0.5 * z * z);
  let denominator = z;
  for (let k = 64; k > 0; --k) denominator = z + k / denominator;
  return 1 / denominator;
}

/** P(Z > z) for z >= 0; relative error 1e-14 if it is above 1e-300. Further out it becomes 0. */
export function upperTail(z: number): number {
  return (millsRatio(z) * exp(-0.5 * z * z)) / ROOT_2PI;
}

/** -ln P(Z > z) for any z >= 0 with a finite square. */
export function negativeLogTail(z: number): number {
  return 0.5 * z * z + LOG_ROOT_2PI - normalLog(millsRatio(z));
}
