/**
 * Normal values, N(mean, std^2), in double precision, by the Box-Muller transform. Of every 8 words, 4 make two radii
 * and 4 make two angles.
 * Box and Muller, "A note on the generation of random normal deviates", Ann. Math. Stat. 29, 1958.
 * Twin: src/kernel/normal64.ts, where each step is derived. Specification: docs/stream.md, "normal, f64".
 */
import { FRACTION, fraction } from "./fraction";

// In memory, for the reason given in normal.ts.
const RADIUS = memory.data<u64>([
  0x3ff6a09e667f3bcd, 0xfff0000000000000, // sqrt(2) as bits; the mask of sign and exponent
  0x4000000000000000, 0x4010000000000000, // 2; 4
  0x3ff5555555555593, 0x3fe999999997fa04, 0x3fe2492494229359, 0x3fdc71c51d8e78af, // p1..p7:
  0x3fd7466496cb03de, 0x3fd39a09d078c69f, 0x3fd2f112df3e5244, // 2 ln((1 + q) / (1 - q)) = q (4 + z (p1 + ...)), z = q^2
  0x4330000000000000, 0x4330000000000fff, 0xbff62e42fefa39ef, // 2^52; 2^52 + 4095; -2 ln 2
]);
// Where TURNS of the twin lie, which the caller writes there (src/engine/kernels.ts): s1..s13 and c2..c14, with
// sin(pi/4 v) = v (s1 + w (s3 + ...)) and cos(pi/4 v) = 1 + w (c2 + ...), w = v^2.
const TURNS: usize = 2176;

const TILE: usize = 4096; // bytes of values, and of scratch, that one pass works on

/**
 * Turns twice `count` words into `count` values, in place. `scratch` is the address of 4096 bytes that the caller
 * lends. Each tile takes three passes, four vectors at a time, for the reasons given in normal.ts.
 */
export function normal64(out: usize, count: u32, mean: f64, std: f64, scratch: usize): void {
  const end = out + (<usize>count << 3);
  for (let tile = out; tile < end; tile += TILE) {
    const border = min(tile + TILE, end);
    reduce(tile, border, scratch);
    logarithm(scratch, scratch + (border - tile));
    project(tile, border, scratch, std);
  }
  if (mean != 0) shift(out, end, mean);
}

/** For each pair of radius words, u = m 2^k: writes 2 (m - 1) and -2 k ln 2 - 2 (m - 1) to scratch. */
function reduce(out: usize, end: usize, scratch: usize): void {
  for (; out < end; out += 128, scratch += 128) {
    const u0 = unit(v128.load(out, 0)), u1 = unit(v128.load(out, 32));
    const u2 = unit(v128.load(out, 64)), u3 = unit(v128.load(out, 96));
    const e0 = exponent(u0), e1 = exponent(u1), e2 = exponent(u2), e3 = exponent(u3);
    const f0 = reduced(u0, e0), f1 = reduced(u1, e1), f2 = reduced(u2, e2), f3 = reduced(u3, e3);
    v128.store(scratch, f0, 0);
    v128.store(scratch, f64x2.sub(power(e0), f0), 16);
    v128.store(scratch, f1, 32);
    v128.store(scratch, f64x2.sub(power(e1), f1), 48);
    v128.store(scratch, f2, 64);
    v128.store(scratch, f64x2.sub(power(e2), f2), 80);
    v128.store(scratch, f3, 96);
    v128.store(scratch, f64x2.sub(power(e3), f3), 112);
  }
}

/** Replaces the first vector of each pair by -2 ln u. */
function logarithm(scratch: usize, end: usize): void {
  for (; scratch < end; scratch += 128) {
    const f0 = v128.load(scratch, 0), f1 = v128.load(scratch, 32), f2 = v128.load(scratch, 64);
    const f3 = v128.load(scratch, 96);
    const q0 = quotient(f0), q1 = quotient(f1), q2 = quotient(f2), q3 = quotient(f3);
    const p0 = series(q0), p1 = series(q1), p2 = series(q2), p3 = series(q3);
    v128.store(scratch, f64x2.add(v128.load(scratch, 16), f64x2.mul(q0, f64x2.sub(f0, p0))), 0);
    v128.store(scratch, f64x2.add(v128.load(scratch, 48), f64x2.mul(q1, f64x2.sub(f1, p1))), 32);
    v128.store(scratch, f64x2.add(v128.load(scratch, 80), f64x2.mul(q2, f64x2.sub(f2, p2))), 64);
    v128.store(scratch, f64x2.add(v128.load(scratch, 112), f64x2.mul(q3, f64x2.sub(f3, p3))), 96);
  }
}

/** Replaces the words by radius * (cos, sin), exchanged if bit 62 of the angle is set. */
function project(out: usize, end: usize, scratch: usize, std: f64): void {
  const s = f64x2.splat(std);
  for (; out < end; out += 128, scratch += 128) {
    const y0 = v128.load(out, 16), y1 = v128.load(out, 48), y2 = v128.load(out, 80), y3 = v128.load(out, 112);
    const v0 = unit(y0), v1 = unit(y1), v2 = unit(y2), v3 = unit(y3);
    const w0 = f64x2.mul(v0, v0), w1 = f64x2.mul(v1, v1), w2 = f64x2.mul(v2, v2), w3 = f64x2.mul(v3, v3);
    const x0 = f64x2.mul(w0, w0), x1 = f64x2.mul(w1, w1), x2 = f64x2.mul(w2, w2), x3 = f64x2.mul(w3, w3);
    const s0 = sine(v0, w0, x0), s1 = sine(v1, w1, x1), s2 = sine(v2, w2, x2), s3 = sine(v3, w3, x3);
    const c0 = cosine(w0, x0), c1 = cosine(w1, x1), c2 = cosine(w2, x2), c3 = cosine(w3, x3);
    pair(out, radius(v128.load(out, 0), v128.load(scratch, 0), s), y0, s0, c0);
    pair(out + 32, radius(v128.load(out, 32), v128.load(scratch, 32), s), y1, s1, c1);
    pair(out + 64, radius(v128.load(out, 64), v128.load(scratch, 64), s), y2, s2, c2);
    pair(out + 96, radius(v128.load(out, 96), v128.load(scratch, 96), s), y3, s3, c3);
  }
}

@inline
function unit(x: v128): v128 {
  const digits = v128.load64_splat(FRACTION, 0), one = v128.load64_splat(FRACTION, 8);
  return fraction(x, digits, one, v128.load64_splat(FRACTION, 16));
}

/** The highest bit. */
@inline
function sign(x: v128): v128 {
  return v128.and(x, v128.load64_splat(FRACTION, 24));
}

/** k - 1, where a double has its exponent: u = m 2^k with m in [sqrt(1/2), sqrt(2)). */
@inline
function exponent(u: v128): v128 {
  return v128.and(i64x2.sub(u, v128.load64_splat(RADIUS, 0)), v128.load64_splat(RADIUS, 8));
}

/** 2 (m - 1); exact. */
@inline
function reduced(u: v128, e: v128): v128 {
  return f64x2.sub(i64x2.sub(u, e), v128.load64_splat(RADIUS, 16));
}

/** (m - 1) / (m + 1) */
@inline
function quotient(f: v128): v128 {
  return f64x2.div(f, f64x2.add(f, v128.load64_splat(RADIUS, 24)));
}

/** z (p1 + z (p2 + ... + z p7)), z = q^2, by Estrin's scheme: a chain of 5 operations instead of 7. */
@inline
function series(q: v128): v128 {
  const z = f64x2.mul(q, q);
  const y = f64x2.mul(z, z);
  const low = f64x2.add(term(RADIUS + 32, z), f64x2.mul(y, term(RADIUS + 48, z)));
  const high = f64x2.add(term(RADIUS + 64, z), f64x2.mul(y, v128.load64_splat(RADIUS, 80)));
  return f64x2.mul(z, f64x2.add(low, f64x2.mul(f64x2.mul(y, y), high)));
}

/** Two coefficients of a polynomial: a + b x. */
@inline
function term(at: usize, x: v128): v128 {
  return f64x2.add(v128.load64_splat(at, 0), f64x2.mul(x, v128.load64_splat(at, 8)));
}

/** -2 k ln 2 */
@inline
function power(e: v128): v128 {
  const k = f64x2.sub(v128.or(i64x2.shr_u(e, 52), v128.load64_splat(RADIUS, 88)), v128.load64_splat(RADIUS, 96));
  return f64x2.mul(k, v128.load64_splat(RADIUS, 104));
}

/** +-std * sqrt(d), signed by the radius' highest bit. */
@inline
function radius(x: v128, d: v128, std: v128): v128 {
  return v128.xor(f64x2.mul(f64x2.sqrt(d), std), sign(x));
}

@inline
function sine(v: v128, w: v128, x: v128): v128 {
  const low = f64x2.add(term(TURNS, w), f64x2.mul(x, term(TURNS + 16, w)));
  const high = f64x2.add(term(TURNS + 32, w), f64x2.mul(x, v128.load64_splat(TURNS, 48)));
  return f64x2.mul(v, f64x2.add(low, f64x2.mul(f64x2.mul(x, x), high)));
}

@inline
function cosine(w: v128, x: v128): v128 {
  const low = f64x2.add(term(TURNS + 56, w), f64x2.mul(x, term(TURNS + 72, w)));
  const high = f64x2.add(term(TURNS + 88, w), f64x2.mul(x, v128.load64_splat(TURNS, 104)));
  return f64x2.add(v128.load64_splat(FRACTION, 8), f64x2.mul(w, f64x2.add(low, f64x2.mul(f64x2.mul(x, x), high))));
}

/** The angle's highest bit is the sign of the sine; the bit below it exchanges sine and cosine. */
@inline
function pair(out: usize, r: v128, y: v128, sine: v128, cos: v128): void {
  const sin = v128.xor(sine, sign(y));
  const exchange = v128.and(v128.xor(sin, cos), i64x2.lt_s(i64x2.shl(y, 1), i64x2.splat(0)));
  v128.store(out, f64x2.mul(r, v128.xor(cos, exchange)), 0);
  v128.store(out, f64x2.mul(r, v128.xor(sin, exchange)), 16);
}

function shift(out: usize, end: usize, mean: f64): void {
  const m = f64x2.splat(mean);
  for (; out < end; out += 16) v128.store(out, f64x2.add(v128.load(out), m));
}
