/**
 * More portable functions, for the lab and for computed values of models, whose bits depend on `expm1`, `sin` and `cos`. Distributions
 * need none of them, so the main entry does not contain them.
 * Errors are those that a test compares with mpmath's values.
 */
import { exp, log, upperTail } from "./functions.js";

/** e^x - 1; relative error 1e-15. Near 0 by Kahan's quotient, whose two errors cancel. */
export function expm1(x: number): number {
  const u = exp(x);
  if (Math.abs(x) > 0.5) return u - 1;
  return u === 1 ? x : ((u - 1) * x) / log(u);
}

/** ln(1 + e^x); relative error 1e-15. */
export function softplus(x: number): number {
  const y = exp(-Math.abs(x));
  const u = 1 + y;
  return Math.max(x, 0) + (u === 1 ? y : (log(u) * y) / (u - 1)); // ln(1 + y) by Kahan's quotient
}

/** 1 / (1 + e^-x); relative error 1e-15. */
export const sigmoid = (x: number): number => (x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)));

/** Relative error 1e-15. Near 0 by its series, since the quotient would cancel there. */
export function tanh(x: number): number {
  const y = Math.abs(x);
  if (y < 0.05) {
    const s = x * x;
    return x * (1 - s * (1 / 3 - s * (2 / 15 - s * (17 / 315 - s * (62 / 2835 - (s * 1382) / 155925)))));
  }
  const t = exp(-2 * y);
  return x < 0 ? (t - 1) / (1 + t) : (1 - t) / (1 + t);
}

const INV_ROOT_2PI = 0.3989422804014327;
/** The density of N(0, 1). */
export const density = (x: number): number => INV_ROOT_2PI * exp(-0.5 * x * x);

const END = 8; // of the table
const STEPS = 16; // of the table, from one integer to the next
let table: { readonly tails: Float64Array; readonly densities: Float64Array } | undefined;

/** Filled from its end, where the tail is smallest, since sums of positive numbers keep their relative error. */
function tableOfTails(): NonNullable<typeof table> {
  const densities = Float64Array.from({ length: END * STEPS + 1 }, (_, i) => density(i / STEPS));
  const tails = densities.slice();
  tails[END * STEPS] = upperTail(END);
  for (let i = END * STEPS; i > 0; --i) {
    tails[i - 1] = (tails[i] as number) + (densities[i] as number) * taylor(i / STEPS, 1 / STEPS);
  }
  return { tails, densities };
}

/**
 * P(z - t < Z < z) / density(z) for |t| <= 1/16: the derivatives of the density are (-1)^k density(z) He_k(z), with Hermite
 * polynomials He_k.
 */
function taylor(z: number, t: number): number {
  let [before, polynomial] = [0, 1];
  let power = t;
  let sum = 0;
  for (let k = 1; k <= 14; ++k) {
    sum += polynomial * power;
    if ((Math.abs(polynomial) + Math.abs(before)) * Math.abs(power) < 1e-18) break;
    [before, polynomial] = [polynomial, z * polynomial - (k - 1) * before];
    power *= t / (k + 1);
  }
  return sum;
}

/**
 * P(Z > z) for a standard normal Z and any z; relative error 1e-15 up to z = 8, by Taylor's series around the nearest of 129
 * values, which takes a sixth of the time of `upperTail` (measured).
 */
function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  if (!(z < END)) return z >= 40 ? 0 : upperTail(z);
  table ??= tableOfTails();
  const i = Math.round(z * STEPS);
  const center = i / STEPS;
  return (table.tails[i] as number) + (table.densities[i] as number) * taylor(center, center - z);
}

/** P(Z < x) for a standard normal Z; relative error 1e-15 for x > -8. */
export const normalCdf = (x: number): number => normalTail(-x);

/** Relative error 1e-15; 2e-15 near 0.05, below which its series is used. */
export function erf(x: number): number {
  const y = Math.abs(x);
  if (y > 0.05) return x < 0 ? 2 * normalTail(y * Math.SQRT2) - 1 : 1 - 2 * normalTail(y * Math.SQRT2);
  const s = x * x;
  return 1.1283791670955126 * x * (1 - s * (1 / 3 - s * (1 / 10 - s * (1 / 42 - s * (1 / 216 - s / 1320))))); // 2 / sqrt(pi)
}

/** sin of x plus `shift` quarter turns, by two polynomials on a quarter turn. */
function turn(x: number, shift: number): number {
  const k = Math.round(x / 1.5707963267948966);
  const r = x - k * 1.5707963267341256 - k * 6.077100506506192e-11; // pi / 2 in two parts
  const s = r * r;
  const sine =
    r *
    (1 -
      (s / 6) * (1 - (s / 20) * (1 - (s / 42) * (1 - (s / 72) * (1 - (s / 110) * (1 - (s / 156) * (1 - s / 210)))))));
  const cosine =
    1 -
    (s / 2) *
      (1 -
        (s / 12) *
          (1 - (s / 30) * (1 - (s / 56) * (1 - (s / 90) * (1 - (s / 132) * (1 - (s / 182) * (1 - s / 240)))))));
  const quarter = (((k + shift) % 4) + 4) % 4;
  const value = quarter % 2 === 0 ? sine : cosine;
  return quarter < 2 ? value : -value;
}

/** Absolute error 1e-15 for |x| below 10^3, 1e-12 below 10^6. */
export const sin = (x: number): number => turn(x, 0);
/** Absolute error 1e-15 for |x| below 10^3, 1e-12 below 10^6. */
export const cos = (x: number): number => turn(x, 1);
