/**
 * The law N(mean, std^2) by the Box-Muller transform: of every 8 words, 4 make radii and 4 make angles.
 * Box and Muller, "A note on the generation of random normal deviates", Ann. Math. Stat. 29, 1958.
 * Twin: src/kernel/normal.ts, where each step is derived. Specification: docs/stream.md, "normal".
 */

// Constants lie in memory: V8 rebuilds a v128.const in three instructions at every turn of a loop, but keeps a
// loaded one in its register (measured, 9% of this law).
const RADIUS = memory.data<u32>([
  0x00000001, 0x30000000, // 1; 2^-31
  0x40000000, 0x40800000, // 2; 4
  0x3fb504f3, 0xff800000, // sqrt(2) as bits; the mask of sign and exponent
  0x3faaaabd, 0x3f4caf6b, 0x3f18f04b, // 2 ln((1 + q) / (1 - q)) = q (4 + z (p1 + z (p2 + z p3))), z = q^2
  0xb4317218, // -2 ln(2) * 2^-23
]);
const ANGLE = memory.data<u32>([
  0x00000001, 0x30000000, // 1; 2^-31
  0x3f490fdb, 0xbda55df6, 0x3b23359d, 0xb817b220, // sin(pi/4 v) = v (s1 + w (s3 + w (s5 + w s7))), w = v^2
  0x3f800000, 0xbe9de9d0, 0x3c81d892, 0xb9a74f76, // cos(pi/4 v) = 1 + w (c2 + w (c4 + w c6))
]);

/** Words to values, in place. */
export function normal(out: usize, count: u32, mean: f32, std: f32): void {
  const end = out + (<usize>count << 2);
  radii(out, end, std);
  angles(out, end);
  if (mean != 0) shift(out, end, mean);
}

/** +-std * sqrt(-2 ln u): the first vector of each pair becomes radii, signed by their words' lowest bits. */
function radii(out: usize, end: usize, std: f32): void {
  const one = v128.load32_splat(RADIUS, 0), scale = v128.load32_splat(RADIUS, 4);
  const two = v128.load32_splat(RADIUS, 8), four = v128.load32_splat(RADIUS, 12);
  const root = v128.load32_splat(RADIUS, 16), power = v128.load32_splat(RADIUS, 20);
  const p1 = v128.load32_splat(RADIUS, 24), p2 = v128.load32_splat(RADIUS, 28), p3 = v128.load32_splat(RADIUS, 32);
  const ln2 = v128.load32_splat(RADIUS, 36);
  const s = f32x4.splat(std);
  for (; out < end; out += 64) {
    radius(out, one, scale, two, four, root, power, p1, p2, p3, ln2, s);
    radius(out + 32, one, scale, two, four, root, power, p1, p2, p3, ln2, s);
  }
}

@inline
function radius(
  out: usize, one: v128, scale: v128, two: v128, four: v128, root: v128, power: v128,
  p1: v128, p2: v128, p3: v128, ln2: v128, std: v128,
): void {
  const x = v128.load(out);
  const a = f32x4.mul(f32x4.convert_i32x4_s(v128.or(x, one)), scale);
  const negative = i32x4.shr_s(x, 31);
  const t = f32x4.add(a, v128.and(negative, two)); // 2u
  const e = v128.and(i32x4.sub(t, root), power); // exponent of u * sqrt(2), in place
  const base = f32x4.sub(v128.and(negative, i32x4.sub(two, e)), two);
  const f = f32x4.add(i32x4.sub(a, e), base); // 2 (m - 1), u = m 2^e, exact
  const q = f32x4.div(f, f32x4.add(f, four));
  const z = f32x4.mul(q, q);
  const p = f32x4.mul(z, f32x4.add(p1, f32x4.mul(z, f32x4.add(p2, f32x4.mul(z, p3)))));
  const k = f32x4.mul(f32x4.convert_i32x4_s(e), ln2);
  const y = f32x4.add(f32x4.sub(k, f), f32x4.mul(q, f32x4.sub(f, p))); // -2 ln u
  v128.store(out, v128.xor(f32x4.mul(f32x4.sqrt(y), std), i32x4.shl(x, 31)));
}

/** Each pair (radii, angle words) becomes radius * (cos, sin) of an eighth of the circle, exchanged by the sign bit. */
function angles(out: usize, end: usize): void {
  const one = v128.load32_splat(ANGLE, 0), scale = v128.load32_splat(ANGLE, 4);
  const s1 = v128.load32_splat(ANGLE, 8), s3 = v128.load32_splat(ANGLE, 12);
  const s5 = v128.load32_splat(ANGLE, 16), s7 = v128.load32_splat(ANGLE, 20);
  const c0 = v128.load32_splat(ANGLE, 24), c2 = v128.load32_splat(ANGLE, 28);
  const c4 = v128.load32_splat(ANGLE, 32), c6 = v128.load32_splat(ANGLE, 36);
  for (; out < end; out += 32) {
    const r = v128.load(out, 0), x = v128.load(out, 16);
    const v = f32x4.mul(f32x4.convert_i32x4_s(v128.or(i32x4.shl(x, 1), one)), scale);
    const w = f32x4.mul(v, v);
    const sin = f32x4.mul(v, f32x4.add(s1, f32x4.mul(w, f32x4.add(s3, f32x4.mul(w, f32x4.add(s5, f32x4.mul(w, s7)))))));
    const cos = f32x4.add(c0, f32x4.mul(w, f32x4.add(c2, f32x4.mul(w, f32x4.add(c4, f32x4.mul(w, c6))))));
    const exchange = v128.and(v128.xor(sin, cos), i32x4.shr_s(x, 31));
    v128.store(out, f32x4.mul(r, v128.xor(cos, exchange)), 0);
    v128.store(out, f32x4.mul(r, v128.xor(sin, exchange)), 16);
  }
}

function shift(out: usize, end: usize, mean: f32): void {
  const m = f32x4.splat(mean);
  for (; out < end; out += 16) v128.store(out, f32x4.add(v128.load(out), m));
}
