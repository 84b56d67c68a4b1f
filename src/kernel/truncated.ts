/**
 * Truncated normal values, by inversion: every word (f64: every two words) makes a value, and none is rejected.
 * Twin: assembly/truncated.ts. Specification: docs/stream.md, "truncated".
 */
import { fraction } from "./fraction.js";
import { log } from "./log.js";
import { central, tail } from "./quantile.js";

const f32 = Math.fround;

const TWICE = f32(1.9089995); // 2 erf(sqrt 2)
const P0 = f32(2.0953383); // z = t P(r) / Q(r), error 7e-8 for |z| <= 2
const P1 = f32(28.703125);
const P2 = f32(101.10283);
const P3 = f32(85.98834);
const P4 = f32(8.239942);
const Q1 = f32(15.575298);
const Q2 = f32(67.26362);
const Q3 = f32(82.05089);
const Q4 = f32(18.632824);

/** Parameters for bounds at equal distances, at most 2 std, on both sides of the mean. All are f32 values. */
export interface Truncated {
  readonly mean: number;
  readonly std: number;
  /** erf(bound / sqrt 2) * 2^-31, with the bound in std from the mean. */
  readonly scale: number;
  /** erf(sqrt 2) - erf(bound / sqrt 2). */
  readonly rest: number;
  /** The outermost values of the dtype inside the bounds. */
  readonly first: number;
  readonly last: number;
}

/**
 * Turns words into values, in place: `words` and `out` are views of the same memory.
 *
 * The word, as a fraction, is t = erf(z / sqrt 2). z / t is a rational function of r = erf(sqrt 2)^2 - t^2 with
 * positive coefficients, so nothing cancels. Near the bound z is steep in t, and 24 bits of t are too few: r is
 * therefore computed from the distance d to the bound, which itself is exact to 24 bits. Error: at most 2^-20 std, 6e-7
 * measured.
 */
export function truncated(words: Int32Array, out: Float32Array, count: number, edge: Truncated): void {
  const { mean, std, scale, rest, first, last } = edge;
  for (let i = 0; i < count; ++i) {
    const x = (words[i] as number) | 1;
    const t = f32(f32(x) * scale);
    const d = f32(f32(f32(2147483648 - Math.abs(x)) * scale) + rest);
    const r = f32(d * f32(TWICE - d));
    const p = f32(f32(f32(f32(f32(f32(f32(f32(P4 * r) + P3) * r) + P2) * r) + P1) * r) + P0);
    const q = f32(f32(f32(f32(f32(f32(f32(f32(Q4 * r) + Q3) * r) + Q2) * r) + Q1) * r) + 1);
    const z = f32(f32(t * p) / q);
    const y = f32(mean + f32(std * z));
    out[i] = y < first ? first : y > last ? last : y;
  }
}

/** Parameters for any other bounds, and for all bounds of f64; in double precision. */
export interface TruncatedWide {
  readonly mean: number;
  readonly std: number;
  /** The middle of the interval on the scale of c = P(Z < z) - 1/2. */
  readonly middle: number;
  /** Half the length of the interval on that scale. */
  readonly half: number;
  /** Probability below the lower bound, in units of exp(-surplus); 0 if the whole interval lies above 0. */
  readonly below: number;
  /** Probability above the upper bound, in the same units; 0 if the whole interval lies below 0. */
  readonly above: number;
  /** Half the probability of the interval, in the same units. */
  readonly span: number;
  /**
   * -ln of the tail probability beyond the bound nearer to 0, so that no bound is too far out; 0 if the interval
   * contains 0.
   */
  readonly surplus: number;
  /** The outermost values of the dtype inside the bounds. */
  readonly first: number;
  readonly last: number;
}

/**
 * Turns words into values, in place. Near the middle, z is computed from c. In a tail it is computed from the tail's
 * own probability, counted from the bound beyond it, which keeps all digits.
 */
export function truncatedWide(words: Int32Array, out: Float32Array, count: number, edge: TruncatedWide): void {
  const { mean, std, first, last } = edge;
  for (let i = 0; i < count; ++i) {
    const v = ((words[i] as number) | 1) * 4.656612873077393e-10; // 2^-31
    const x = f32(mean + std * invert(v, edge));
    out[i] = x < first ? first : x > last ? last : x;
  }
}

/** The same for f64 and any bounds: two words make a value. */
export function truncated64(words: Int32Array, out: Float64Array, count: number, edge: TruncatedWide): void {
  const { mean, std, first, last } = edge;
  for (let i = 0; i < count; ++i) {
    const high = words[2 * i + 1] as number;
    const u = fraction(words[2 * i] as number, high);
    const x = mean + std * invert(high < 0 ? -u : u, edge);
    out[i] = x < first ? first : x > last ? last : x;
  }
}

/** The quantile of v, which runs from -1 at the lower bound to 1 at the upper bound. */
function invert(v: number, { middle, half, below, above, span, surplus }: TruncatedWide): number {
  const c = middle + v * half;
  if (Math.abs(c) <= 0.425) return central(c);
  if (c > 0) return tail(surplus - log(above + (1 - v) * span));
  return -tail(surplus - log(below + (1 + v) * span));
}
