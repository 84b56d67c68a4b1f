/**
 * Truncated normal values, by inversion: every word (f64: every two words) makes a value, and none is rejected.
 * Twin: src/kernel/truncated.ts, where the formulas are derived. Specification: docs/stream.md, "truncated".
 */
import { FRACTION, signed } from "./fraction";
import { logarithms } from "./log";
import { CENTRAL, FAR, NEAR, ratios, squares } from "./quantile";

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

const WIDE = memory.data<f64>([0.425, 0.180625, 4.656612873077393e-10]); // bounds of the middle, and 2^-31

const SPAN: usize = 1024; // bytes of an array of 128 doubles
// Arrays in the scratch of the kernels below: v, c and z at its address; then 0.180625 - c^2; and of the tails alone, the sign of c
// as +-1; ln p; the root less 1.6, and less 5; z; then v and the address of z in turn.
const REST: usize = SPAN, SIGNS: usize = 2 * SPAN, LOGARITHMS: usize = 3 * SPAN, NEAR_ROOTS: usize = 4 * SPAN;
const FAR_ROOTS: usize = 5 * SPAN, TAILS: usize = 6 * SPAN, LIST: usize = 7 * SPAN;

/**
 * Turns words into values, in place, for any other bounds, in double precision. The twin's `TruncatedWide` describes
 * the parameters. `scratch` is the address of 9216 bytes that the caller lends.
 *
 * Each tile takes several passes, most of them on two doubles at once. The middle of the distribution is computed for all of
 * them, and then the tails, which are listed first, so that none branches (measured: docs/speed.md).
 */
export function truncatedWide(
  out: usize, count: u32, mean: f64, std: f64, middle: f64, half: f64,
  below: f64, above: f64, span: f64, surplus: f64, first: f32, last: f32, scratch: usize,
): void {
  const m = f64x2.splat(mean), s = f64x2.splat(std), lo = f32x4.splat(first), hi = f32x4.splat(last);
  const one = v128.load32_splat(TABLE, 0), unit = v128.load64_splat(WIDE, 16);
  for (const end = out + (<usize>count << 2); out < end; out += SPAN / 2) {
    const bytes = min(end - out + 31 & ~31, SPAN / 2);
    for (let i: usize = 0; i < bytes; i += 8) {
      const odd = v128.or(v128.load64_zero(out + i), one);
      v128.store(scratch + 2 * i, f64x2.mul(f64x2.convert_low_i32x4_s(odd), unit));
    }
    invert(scratch, 2 * bytes, middle, half, below, above, span, surplus);
    for (let i: usize = 0; i < bytes; i += 16) {
      const low = f32x4.demote_f64x2_zero(f64x2.add(m, f64x2.mul(s, v128.load(scratch + 2 * i, 0))));
      const high = f32x4.demote_f64x2_zero(f64x2.add(m, f64x2.mul(s, v128.load(scratch + 2 * i, 16))));
      v128.store(out + i, clamp(v128.shuffle<u64>(low, high, 0, 2), lo, hi));
    }
  }
}

/** The same for f64 and any bounds: two words make a value. */
export function truncated64(
  out: usize, count: u32, mean: f64, std: f64, middle: f64, half: f64,
  below: f64, above: f64, span: f64, surplus: f64, first: f64, last: f64, scratch: usize,
): void {
  const m = f64x2.splat(mean), s = f64x2.splat(std), lo = f64x2.splat(first), hi = f64x2.splat(last);
  const digits = v128.load64_splat(FRACTION, 0), one = v128.load64_splat(FRACTION, 8);
  const offset = v128.load64_splat(FRACTION, 16), minus = v128.load64_splat(FRACTION, 24);
  for (const end = out + (<usize>count << 3); out < end; out += SPAN) {
    const bytes = min(end - out + 63 & ~63, SPAN);
    for (let i: usize = 0; i < bytes; i += 16) {
      v128.store(scratch + i, signed(v128.load(out + i), digits, one, offset, minus));
    }
    invert(scratch, bytes, middle, half, below, above, span, surplus);
    for (let i: usize = 0; i < bytes; i += 16) {
      const x = f64x2.add(m, f64x2.mul(s, v128.load(scratch + i)));
      v128.store(out + i, f64x2.pmin(f64x2.pmax(x, lo), hi));
    }
  }
}

/** The quantiles of v, which runs from -1 at the lower bound to 1 at the upper bound, in place. */
function invert(
  scratch: usize, bytes: usize, middle: f64, half: f64,
  below: f64, above: f64, span: f64, surplus: f64,
): void {
  const end = separate(scratch, bytes, middle, half);
  if (abs(middle) - half <= 0.425) ratios(scratch, scratch, scratch + REST, bytes, CENTRAL); // else all are tails
  if (end > scratch + LIST) tails(scratch, end, middle, half, below, above, span, surplus);
}

/** Replaces v by c, writes 0.180625 - c^2, and lists the tails. Returns where the list ends. */
function separate(scratch: usize, bytes: usize, middle: f64, half: f64): usize {
  const m = f64x2.splat(middle), h = f64x2.splat(half), limit = v128.load64_splat(WIDE, 0), square = v128.load64_splat(WIDE, 8);
  let list = scratch + LIST;
  for (const end = scratch + bytes; scratch < end; scratch += 16) {
    const v = v128.load(scratch);
    const c = f64x2.add(m, f64x2.mul(v, h));
    v128.store(scratch, c);
    v128.store(scratch, f64x2.sub(square, f64x2.mul(c, c)), REST);
    const isTail = i64x2.bitmask(f64x2.gt(f64x2.abs(c), limit));
    v128.store64_lane(list, v, 0, 0);
    store<usize>(list, scratch, 8);
    list += (isTail & 1) << 4;
    v128.store64_lane(list, v, 1, 0);
    store<usize>(list, scratch + 8, 8);
    list += (isTail & 2) << 3;
  }
  return list;
}

/** Writes z of the tails that are listed. */
function tails(
  scratch: usize, end: usize, middle: f64, half: f64,
  below: f64, above: f64, span: f64, surplus: f64,
): void {
  const list = scratch + LIST;
  const bytes = (end - list + 127 & ~127) >> 1;
  probabilities(scratch, bytes, middle, half, below, above, span);
  logarithms(scratch + LOGARITHMS, bytes);
  const largest = roots(scratch, bytes, surplus);
  ratios(scratch + TAILS, scratch + SIGNS, scratch + NEAR_ROOTS, bytes, NEAR);
  if (v128.any_true(f64x2.gt(largest, f64x2.splat(0)))) {
    ratios(scratch + REST, scratch + SIGNS, scratch + FAR_ROOTS, bytes, FAR);
    if (v128.any_true(f64x2.gt(largest, f64x2.splat(22)))) {
      squares(scratch + NEAR_ROOTS, scratch + LOGARITHMS, bytes, surplus);
    }
    choose(scratch, bytes);
  }
  let z = scratch + TAILS;
  for (let at = list; at < end; at += 16, z += 8) store<f64>(load<usize>(at, 8), load<f64>(z));
}

/** Writes the signs of c, and P(Z > |z|) in units of exp(-surplus). */
function probabilities(
  scratch: usize, bytes: usize, middle: f64, half: f64, below: f64, above: f64, span: f64,
): void {
  const one = v128.load64_splat(FRACTION, 8);
  let list = scratch + LIST;
  for (const end = scratch + bytes; scratch < end; scratch += 16, list += 32) {
    const v = v128.load64_lane(list, v128.load64_zero(list, 0), 1, 16);
    const c = f64x2.add(f64x2.splat(middle), f64x2.mul(v, f64x2.splat(half)));
    const sign = v128.and(c, v128.load64_splat(FRACTION, 24));
    const outside = v128.bitselect(f64x2.splat(below), f64x2.splat(above), f64x2.lt(c, f64x2.splat(0))); // beyond the bound
    const inside = f64x2.mul(f64x2.sub(one, v128.xor(v, sign)), f64x2.splat(span));
    v128.store(scratch, v128.or(sign, one), SIGNS);
    v128.store(scratch, f64x2.add(outside, inside), LOGARITHMS);
  }
}

/** Writes the roots of y = surplus - ln p, less 1.6 and less 5. Returns the largest ones less 5. */
function roots(scratch: usize, bytes: usize, surplus: f64): v128 {
  let largest = f64x2.splat(-5);
  for (const end = scratch + bytes; scratch < end; scratch += 16) {
    const root = f64x2.sqrt(f64x2.sub(f64x2.splat(surplus), v128.load(scratch, LOGARITHMS)));
    const far = f64x2.sub(root, f64x2.splat(5));
    v128.store(scratch, f64x2.sub(root, f64x2.splat(1.6)), NEAR_ROOTS);
    v128.store(scratch, far, FAR_ROOTS);
    largest = f64x2.pmax(largest, far);
  }
  return largest;
}

/** Takes the other z of the tails whose root is above 5, and above 27. */
function choose(scratch: usize, bytes: usize): void {
  for (const end = scratch + bytes; scratch < end; scratch += 16) {
    const far = v128.load(scratch, FAR_ROOTS);
    const z = v128.bitselect(v128.load(scratch, REST), v128.load(scratch, TAILS), f64x2.gt(far, f64x2.splat(0)));
    const beyond = f64x2.mul(v128.load(scratch, SIGNS), f64x2.sqrt(v128.load(scratch, NEAR_ROOTS)));
    v128.store(scratch, v128.bitselect(beyond, z, f64x2.gt(far, f64x2.splat(22))), TAILS);
  }
}
