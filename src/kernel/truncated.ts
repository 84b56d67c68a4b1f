/**
 * The law N(mean, std^2) cut to an interval, by inversion: one word, one value, nothing rejected.
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

/** Cuts at equal distance on both sides of the mean, at most 2 std. All floats of 32 bits. */
export interface Truncated {
  readonly mean: number;
  readonly std: number;
  /** erf(cut / sqrt 2) * 2^-31. */
  readonly scale: number;
  /** erf(sqrt 2) - erf(cut / sqrt 2). */
  readonly rest: number;
  readonly first: number;
  readonly last: number;
}

/**
 * Words to values, in place: `words` and `out` are views of the same memory.
 *
 * t = erf(z / sqrt 2) is the word as a fraction. z / t is a rational function of r = erf(sqrt 2)^2 - t^2, all of whose
 * coefficients are positive, so nothing cancels. Towards the cut z is steep in t, and 24 bits of t are too few: there r
 * comes from the distance to the cut, d, which is exact to 24 bits of itself. Error: 2^-20 std at most, 6e-7 measured.
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

/** Any other cuts, and all cuts of f64, in double precision. */
export interface TruncatedWide {
  readonly mean: number;
  readonly std: number;
  /** The middle of the interval in c = P(Z < z) - 1/2. */
  readonly middle: number;
  /** Half the interval's length in c. */
  readonly half: number;
  /** The tail below the lower cut, in units of exp(-surplus); 0 when the whole interval lies above 0. */
  readonly below: number;
  /** The tail above the upper cut, likewise. */
  readonly above: number;
  /** Half the interval's probability in units of exp(-surplus). */
  readonly span: number;
  /** 0 when the interval holds 0; else -ln of the tail that begins at the cut nearer to 0: no cut is too far out. */
  readonly surplus: number;
  /** The outermost values of the dtype inside the interval. */
  readonly first: number;
  readonly last: number;
}

/**
 * Words to values, in place. Near the middle z comes from c; in the tails from the tail's own probability, counted
 * from the cut beyond it, so that it keeps all its digits.
 */
export function truncatedWide(words: Int32Array, out: Float32Array, count: number, edge: TruncatedWide): void {
  const { mean, std, first, last } = edge;
  for (let i = 0; i < count; ++i) {
    const v = ((words[i] as number) | 1) * 4.656612873077393e-10; // 2^-31
    const x = f32(mean + std * invert(v, edge));
    out[i] = x < first ? first : x > last ? last : x;
  }
}

/** As `truncatedWide`, for all cuts, values of 64 bits from two words each. */
export function truncated64(words: Int32Array, out: Float64Array, count: number, edge: TruncatedWide): void {
  const { mean, std, first, last } = edge;
  for (let i = 0; i < count; ++i) {
    const high = words[2 * i + 1] as number;
    const u = fraction(words[2 * i] as number, high);
    const x = mean + std * invert(high < 0 ? -u : u, edge);
    out[i] = x < first ? first : x > last ? last : x;
  }
}

/** The quantile of v, between -1 at the lower cut and 1 at the upper. */
function invert(v: number, { middle, half, below, above, span, surplus }: TruncatedWide): number {
  const c = middle + v * half;
  if (Math.abs(c) <= 0.425) return central(c);
  if (c > 0) return tail(surplus - log(above + (1 - v) * span));
  return -tail(surplus - log(below + (1 + v) * span));
}
