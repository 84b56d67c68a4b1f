/**
 * The law N(mean, std^2) cut to an interval, by inversion: one word, one value, nothing rejected.
 * Twin: src/kernel/truncated.ts, where the formulas are derived. Specification: docs/stream.md, "truncated".
 */
import { log } from "./log";
import { central, tail } from "./quantile";

// In memory for the reason given in normal.ts.
const TABLE = memory.data<u32>([
  0x00000001, 0x80000000, // 1; 2^31
  0x3ff45a18, // 2 erf(sqrt 2)
  0x40061a06, 0x41e5a000, 0x42ca34a6, 0x42abfa08, 0x4103d6cd, // p0..p4: z = t P(r) / Q(r)
  0x3f800000, 0x4179346c, 0x428686f9, 0x42a41a0e, 0x41951006, // q0..q4: r = erf(sqrt 2)^2 - t^2
]);

/**
 * Words to values, in place, for cuts at equal distance on both sides, at most 2 std: `scale` = erf(cut / sqrt 2) 2^-31.
 * Four vectors go through each step together, for the reason given in normal.ts.
 */
export function truncated(
  out: usize, count: u32, mean: f32, std: f32, scale: f32, rest: f32, first: f32, last: f32,
): void {
  const k = f32x4.splat(scale), o = f32x4.splat(rest);
  const m = f32x4.splat(mean), s = f32x4.splat(std), lo = f32x4.splat(first), hi = f32x4.splat(last);
  for (const end = out + (<usize>count << 2); out < end; out += 64) {
    const x0 = odd(v128.load(out, 0)), x1 = odd(v128.load(out, 16));
    const x2 = odd(v128.load(out, 32)), x3 = odd(v128.load(out, 48));
    const r0 = distance(x0, k, o), r1 = distance(x1, k, o), r2 = distance(x2, k, o), r3 = distance(x3, k, o);
    const p0 = above(r0), p1 = above(r1), p2 = above(r2), p3 = above(r3);
    const q0 = below(r0), q1 = below(r1), q2 = below(r2), q3 = below(r3);
    const z0 = quotient(x0, p0, q0, k), z1 = quotient(x1, p1, q1, k);
    const z2 = quotient(x2, p2, q2, k), z3 = quotient(x3, p3, q3, k);
    v128.store(out, clamp(f32x4.add(m, f32x4.mul(s, z0)), lo, hi), 0);
    v128.store(out, clamp(f32x4.add(m, f32x4.mul(s, z1)), lo, hi), 16);
    v128.store(out, clamp(f32x4.add(m, f32x4.mul(s, z2)), lo, hi), 32);
    v128.store(out, clamp(f32x4.add(m, f32x4.mul(s, z3)), lo, hi), 48);
  }
}

@inline
function odd(x: v128): v128 {
  return v128.or(x, v128.load32_splat(TABLE, 0));
}

/** erf(sqrt 2)^2 - t^2, from the distance of |t| to erf(sqrt 2). */
@inline
function distance(x: v128, scale: v128, rest: v128): v128 {
  const left = f32x4.convert_i32x4_s(i32x4.sub(v128.load32_splat(TABLE, 4), i32x4.abs(x)));
  const d = f32x4.add(f32x4.mul(left, scale), rest);
  return f32x4.mul(d, f32x4.sub(v128.load32_splat(TABLE, 8), d));
}

/** P(r) */
@inline
function above(r: v128): v128 {
  let p = f32x4.add(f32x4.mul(v128.load32_splat(TABLE, 28), r), v128.load32_splat(TABLE, 24));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(TABLE, 20));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(TABLE, 16));
  return f32x4.add(f32x4.mul(p, r), v128.load32_splat(TABLE, 12));
}

/** Q(r) */
@inline
function below(r: v128): v128 {
  let q = f32x4.add(f32x4.mul(v128.load32_splat(TABLE, 48), r), v128.load32_splat(TABLE, 44));
  q = f32x4.add(f32x4.mul(q, r), v128.load32_splat(TABLE, 40));
  q = f32x4.add(f32x4.mul(q, r), v128.load32_splat(TABLE, 36));
  return f32x4.add(f32x4.mul(q, r), v128.load32_splat(TABLE, 32));
}

/** t P / Q */
@inline
function quotient(x: v128, p: v128, q: v128, scale: v128): v128 {
  return f32x4.div(f32x4.mul(f32x4.mul(f32x4.convert_i32x4_s(x), scale), p), q);
}

@inline
function clamp(x: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, low), high);
}

/** Words to values, in place, for any other cuts, in double precision. The twin's `Wide` describes the parameters. */
export function truncatedWide(
  out: usize, count: u32, mean: f64, std: f64, middle: f64, slope: f64,
  below: f64, above: f64, step: f64, surplus: f64, first: f32, last: f32,
): void {
  for (const end = out + (<usize>count << 2); out < end; out += 4) {
    const s = <f64>(load<i32>(out) | 1);
    const c = middle + s * slope;
    let z: f64;
    if (abs(c) <= 0.425) z = central(c);
    else if (c > 0) z = tail(surplus - log(above + (2147483648 - s) * step));
    else z = -tail(surplus - log(below + (2147483648 + s) * step));
    const x = <f32>(mean + std * z);
    store<f32>(out, x < first ? first : x > last ? last : x);
  }
}
