/**
 * Normal values, N(mean, std^2), by the Box-Muller transform. Of every 8 words, 4 make radii and 4 make angles.
 * Box and Muller, "A note on the generation of random normal deviates", Ann. Math. Stat. 29, 1958.
 * Twin: src/kernel/normal.ts, where each step is derived. Specification: docs/stream.md, "normal".
 */

// Constants lie in memory: V8 rebuilds a v128.const by three instructions at every use, but loads it by one.
const RADIUS = memory.data<u32>([
  0x00000001, 0x0f800000, // 1; 31 where a float has its exponent: subtracting it from a float's bits divides by 2^31
  0x40000000, 0x40800000, // 2; 4
  0x3fb504f3, 0xff800000, // sqrt(2) as bits; the mask of sign and exponent
  0x3faaaabd, 0x3f4caf6b, 0x3f18f04b, // 2 ln((1 + q) / (1 - q)) = q (4 + z (p1 + z (p2 + z p3))), z = q^2
  0xb4317218, // -2 ln(2) * 2^-23
]);
const ANGLE = memory.data<u32>([
  0x00000001, 0x0f800000, // as above
  0x3f490fdb, 0xbda55df6, 0x3b23359d, 0xb817b220, // sin(pi/4 v) = v (s1 + w (s3 + w (s5 + w s7))), w = v^2
  0x3f800000, 0xbe9de9d0, 0x3c81d892, 0xb9a74f76, // cos(pi/4 v) = 1 + w (c2 + w (c4 + w c6))
]);

const TILE: usize = 4096; // bytes of values, and of scratch, that one pass works on

/**
 * Turns words into values, in place. `scratch` is the address of 4096 bytes that the caller lends.
 *
 * Each tile takes three passes. A pair of vectors needs 56 operations, which depend on each other over some 130 cycles,
 * and in one pass the core's schedulers would fill up with waiting operations. Short passes keep the units busy, and
 * the unit that divides and takes roots works alongside other arithmetic in both passes that need it (measured: 5% of
 * the time). Within a pass, four vectors go through each step together, for the same reason (measured: 12%).
 */
export function normal(out: usize, count: u32, mean: f32, std: f32, scratch: usize): void {
  const end = out + (<usize>count << 2);
  for (let tile = out; tile < end; tile += TILE) {
    const border = min(tile + TILE, end);
    reduce(tile, border, scratch);
    logarithm(scratch, scratch + (border - tile));
    project(tile, border, scratch, std);
  }
  if (mean != 0) shift(out, end, mean);
}

/** For each radius word, u = m 2^e: writes 2 (m - 1) and -2 e ln 2 - 2 (m - 1) to scratch. */
function reduce(out: usize, end: usize, scratch: usize): void {
  for (; out < end; out += 128, scratch += 128) {
    const x0 = v128.load(out, 0), x1 = v128.load(out, 32), x2 = v128.load(out, 64), x3 = v128.load(out, 96);
    const a0 = fraction(x0), a1 = fraction(x1), a2 = fraction(x2), a3 = fraction(x3);
    const e0 = exponent(x0, a0), e1 = exponent(x1, a1), e2 = exponent(x2, a2), e3 = exponent(x3, a3);
    const f0 = reduced(x0, a0, e0), f1 = reduced(x1, a1, e1), f2 = reduced(x2, a2, e2), f3 = reduced(x3, a3, e3);
    v128.store(scratch, f0, 0);
    v128.store(scratch, f32x4.sub(power(e0), f0), 16);
    v128.store(scratch, f1, 32);
    v128.store(scratch, f32x4.sub(power(e1), f1), 48);
    v128.store(scratch, f2, 64);
    v128.store(scratch, f32x4.sub(power(e2), f2), 80);
    v128.store(scratch, f3, 96);
    v128.store(scratch, f32x4.sub(power(e3), f3), 112);
  }
}

/** Replaces the first vector of each pair by -2 ln u. */
function logarithm(scratch: usize, end: usize): void {
  for (; scratch < end; scratch += 128) {
    const f0 = v128.load(scratch, 0), f1 = v128.load(scratch, 32), f2 = v128.load(scratch, 64);
    const f3 = v128.load(scratch, 96);
    const q0 = quotient(f0), q1 = quotient(f1), q2 = quotient(f2), q3 = quotient(f3);
    const p0 = series(q0), p1 = series(q1), p2 = series(q2), p3 = series(q3);
    v128.store(scratch, f32x4.add(v128.load(scratch, 16), f32x4.mul(q0, f32x4.sub(f0, p0))), 0);
    v128.store(scratch, f32x4.add(v128.load(scratch, 48), f32x4.mul(q1, f32x4.sub(f1, p1))), 32);
    v128.store(scratch, f32x4.add(v128.load(scratch, 80), f32x4.mul(q2, f32x4.sub(f2, p2))), 64);
    v128.store(scratch, f32x4.add(v128.load(scratch, 112), f32x4.mul(q3, f32x4.sub(f3, p3))), 96);
  }
}

/** Replaces both words by radius * (cos, sin), exchanged if the angle word is negative. */
function project(out: usize, end: usize, scratch: usize, std: f32): void {
  const s = f32x4.splat(std);
  for (; out < end; out += 128, scratch += 128) {
    const y0 = v128.load(out, 16), y1 = v128.load(out, 48), y2 = v128.load(out, 80), y3 = v128.load(out, 112);
    const v0 = turn(y0), v1 = turn(y1), v2 = turn(y2), v3 = turn(y3);
    const s0 = sine(v0), s1 = sine(v1), s2 = sine(v2), s3 = sine(v3);
    const c0 = cosine(v0), c1 = cosine(v1), c2 = cosine(v2), c3 = cosine(v3);
    pair(out, radius(v128.load(out, 0), v128.load(scratch, 0), s), y0, s0, c0);
    pair(out + 32, radius(v128.load(out, 32), v128.load(scratch, 32), s), y1, s1, c1);
    pair(out + 64, radius(v128.load(out, 64), v128.load(scratch, 64), s), y2, s2, c2);
    pair(out + 96, radius(v128.load(out, 96), v128.load(scratch, 96), s), y3, s3, c3);
  }
}

/** 2u for positive words, 2(u - 1) for negative ones, to 24 bits. */
@inline
function fraction(x: v128): v128 {
  const odd = v128.or(x, v128.load32_splat(RADIUS, 0));
  return i32x4.sub(f32x4.convert_i32x4_s(odd), v128.load32_splat(RADIUS, 4));
}

/** The exponent of u * sqrt(2), where a float has it. */
@inline
function exponent(x: v128, a: v128): v128 {
  const t = f32x4.add(a, v128.and(i32x4.shr_s(x, 31), v128.load32_splat(RADIUS, 8))); // 2u
  return v128.and(i32x4.sub(t, v128.load32_splat(RADIUS, 16)), v128.load32_splat(RADIUS, 20));
}

/** 2 (m - 1), where u = m 2^e; exact. */
@inline
function reduced(x: v128, a: v128, e: v128): v128 {
  const two = v128.load32_splat(RADIUS, 8);
  const base = f32x4.sub(v128.and(i32x4.shr_s(x, 31), i32x4.sub(two, e)), two);
  return f32x4.add(i32x4.sub(a, e), base);
}

/** (m - 1) / (m + 1) */
@inline
function quotient(f: v128): v128 {
  return f32x4.div(f, f32x4.add(f, v128.load32_splat(RADIUS, 12)));
}

/** z (p1 + z (p2 + z p3)), z = q^2 */
@inline
function series(q: v128): v128 {
  const z = f32x4.mul(q, q);
  const p = f32x4.add(v128.load32_splat(RADIUS, 28), f32x4.mul(z, v128.load32_splat(RADIUS, 32)));
  return f32x4.mul(z, f32x4.add(v128.load32_splat(RADIUS, 24), f32x4.mul(z, p)));
}

/** -2 e ln 2 */
@inline
function power(e: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(e), v128.load32_splat(RADIUS, 36));
}

/** +-std * sqrt(d), signed by the radius word's lowest bit. */
@inline
function radius(x: v128, d: v128, std: v128): v128 {
  return v128.xor(f32x4.mul(f32x4.sqrt(d), std), i32x4.shl(x, 31));
}

/** The angle in units of pi/4, from all bits but the highest. */
@inline
function turn(x: v128): v128 {
  const odd = v128.or(i32x4.shl(x, 1), v128.load32_splat(ANGLE, 0));
  return i32x4.sub(f32x4.convert_i32x4_s(odd), v128.load32_splat(ANGLE, 4));
}

@inline
function sine(v: v128): v128 {
  const w = f32x4.mul(v, v);
  let p = f32x4.add(v128.load32_splat(ANGLE, 16), f32x4.mul(w, v128.load32_splat(ANGLE, 20)));
  p = f32x4.add(v128.load32_splat(ANGLE, 12), f32x4.mul(w, p));
  return f32x4.mul(v, f32x4.add(v128.load32_splat(ANGLE, 8), f32x4.mul(w, p)));
}

@inline
function cosine(v: v128): v128 {
  const w = f32x4.mul(v, v);
  let p = f32x4.add(v128.load32_splat(ANGLE, 32), f32x4.mul(w, v128.load32_splat(ANGLE, 36)));
  p = f32x4.add(v128.load32_splat(ANGLE, 28), f32x4.mul(w, p));
  return f32x4.add(v128.load32_splat(ANGLE, 24), f32x4.mul(w, p));
}

@inline
function pair(out: usize, r: v128, y: v128, sin: v128, cos: v128): void {
  const exchange = v128.and(v128.xor(sin, cos), i32x4.shr_s(y, 31));
  v128.store(out, f32x4.mul(r, v128.xor(cos, exchange)), 0);
  v128.store(out, f32x4.mul(r, v128.xor(sin, exchange)), 16);
}

function shift(out: usize, end: usize, mean: f32): void {
  const m = f32x4.splat(mean);
  for (; out < end; out += 16) v128.store(out, f32x4.add(v128.load(out), m));
}
