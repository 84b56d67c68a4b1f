/**
 * Truncated normal values, by inversion: every word (f64: every two words) makes a value, and none is rejected.
 * Twin: src/kernel/truncated.ts, where the formulas are derived. Specification: docs/stream.md, "truncated".
 */
import { DIGITS, OFFSET, ONE, SIGN } from "./fraction";
import { log } from "./log";
import { central, tail } from "./quantile";

// In memory, for the reason given in normal.ts.
const TABLE = memory.data<u32>([
  0x00000001, 0x80000000, // 1; 2^31
  0x3ff45a18, // 2 erf(sqrt 2)
  0x40061a06, 0x41e5a000, 0x42ca34a6, 0x42abfa08, 0x4103d6cd, // p0..p4: z = t P(r) / Q(r)
  0x3f800000, 0x4179346c, 0x428686f9, 0x42a41a0e, 0x41951006, // q0..q4: r = erf(sqrt 2)^2 - t^2
]);

const TILE: usize = 4096; // bytes of values, and of scratch, that one pass works on

/**
 * Turns words into values, in place, for bounds at equal distances of at most 2 std on both sides of the mean. The
 * twin's `Truncated` describes the parameters. `scratch` is the address of 4096 bytes that the caller lends. Each tile
 * takes two passes, four vectors at a time, for the reasons given in normal.ts (measured: 9% and 21%).
 */
export function truncated(
  out: usize, count: u32, mean: f32, std: f32, scale: f32, rest: f32, first: f32, last: f32, scratch: usize,
): void {
  const end = out + (<usize>count << 2);
  for (let tile = out; tile < end; tile += TILE) {
    const border = min(tile + TILE, end);
    distances(tile, border, scratch, scale, rest);
    quantiles(tile, border, scratch, mean, std, first, last);
  }
}

/** Replaces words by t, and writes their r to scratch. */
function distances(out: usize, end: usize, scratch: usize, scale: f32, rest: f32): void {
  const k = f32x4.splat(scale), o = f32x4.splat(rest);
  for (; out < end; out += 64, scratch += 64) {
    const x0 = odd(v128.load(out, 0)), x1 = odd(v128.load(out, 16));
    const x2 = odd(v128.load(out, 32)), x3 = odd(v128.load(out, 48));
    v128.store(scratch, distance(x0, k, o), 0);
    v128.store(scratch, distance(x1, k, o), 16);
    v128.store(scratch, distance(x2, k, o), 32);
    v128.store(scratch, distance(x3, k, o), 48);
    v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(x0), k), 0);
    v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(x1), k), 16);
    v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(x2), k), 32);
    v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(x3), k), 48);
  }
}

/** Replaces t by mean + std * t P(r) / Q(r). */
function quantiles(out: usize, end: usize, scratch: usize, mean: f32, std: f32, first: f32, last: f32): void {
  const m = f32x4.splat(mean), s = f32x4.splat(std), lo = f32x4.splat(first), hi = f32x4.splat(last);
  for (; out < end; out += 64, scratch += 64) {
    const r0 = v128.load(scratch, 0), r1 = v128.load(scratch, 16);
    const r2 = v128.load(scratch, 32), r3 = v128.load(scratch, 48);
    const p0 = above(r0), p1 = above(r1), p2 = above(r2), p3 = above(r3);
    const q0 = below(r0), q1 = below(r1), q2 = below(r2), q3 = below(r3);
    const z0 = f32x4.div(f32x4.mul(v128.load(out, 0), p0), q0);
    const z1 = f32x4.div(f32x4.mul(v128.load(out, 16), p1), q1);
    const z2 = f32x4.div(f32x4.mul(v128.load(out, 32), p2), q2);
    const z3 = f32x4.div(f32x4.mul(v128.load(out, 48), p3), q3);
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

/** r = erf(sqrt 2)^2 - t^2, computed from the distance between |t| and erf(sqrt 2). */
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

@inline
function clamp(x: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, low), high);
}

/**
 * Turns words into values, in place, for any other bounds, in double precision. The twin's `TruncatedWide` describes
 * the parameters.
 */
export function truncatedWide(
  out: usize, count: u32, mean: f64, std: f64, middle: f64, half: f64,
  below: f64, above: f64, span: f64, surplus: f64, first: f32, last: f32,
): void {
  for (const end = out + (<usize>count << 2); out < end; out += 4) {
    const v = <f64>(load<i32>(out) | 1) * 4.656612873077393e-10; // 2^-31
    const x = <f32>(mean + std * invert(v, middle, half, below, above, span, surplus));
    store<f32>(out, x < first ? first : x > last ? last : x);
  }
}

/** The same for f64 and any bounds: two words make a value. */
export function truncated64(
  out: usize, count: u32, mean: f64, std: f64, middle: f64, half: f64,
  below: f64, above: f64, span: f64, surplus: f64, first: f64, last: f64,
): void {
  for (const end = out + (<usize>count << 3); out < end; out += 8) {
    const word = load<u64>(out);
    const u = reinterpret<f64>((word & DIGITS) | ONE) - OFFSET;
    const v = reinterpret<f64>(reinterpret<u64>(u) | (word & SIGN));
    const x = mean + std * invert(v, middle, half, below, above, span, surplus);
    store<f64>(out, x < first ? first : x > last ? last : x);
  }
}

/** The quantile of v, which runs from -1 at the lower bound to 1 at the upper bound. */
@inline
function invert(v: f64, middle: f64, half: f64, below: f64, above: f64, span: f64, surplus: f64): f64 {
  const c = middle + v * half;
  if (abs(c) <= 0.425) return central(c);
  if (c > 0) return tail(surplus - log(above + (1 - v) * span));
  return -tail(surplus - log(below + (1 + v) * span));
}
