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

/** Words to values, in place, for cuts at equal distance on both sides, at most 2 std: `scale` = erf(cut / sqrt 2) 2^-31. */
export function truncated(
  out: usize, count: u32, mean: f32, std: f32, scale: f32, rest: f32, first: f32, last: f32,
): void {
  const one = v128.load32_splat(TABLE, 0), full = v128.load32_splat(TABLE, 4), twice = v128.load32_splat(TABLE, 8);
  const k = f32x4.splat(scale), o = f32x4.splat(rest);
  const m = f32x4.splat(mean), s = f32x4.splat(std), lo = f32x4.splat(first), hi = f32x4.splat(last);
  for (const end = out + (<usize>count << 2); out < end; out += 16) {
    const x = v128.or(v128.load(out), one);
    const t = f32x4.mul(f32x4.convert_i32x4_s(x), k);
    const d = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(i32x4.sub(full, i32x4.abs(x))), k), o);
    const r = f32x4.mul(d, f32x4.sub(twice, d));
    let p = v128.load32_splat(TABLE, 28), q = v128.load32_splat(TABLE, 48);
    p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(TABLE, 24));
    q = f32x4.add(f32x4.mul(q, r), v128.load32_splat(TABLE, 44));
    p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(TABLE, 20));
    q = f32x4.add(f32x4.mul(q, r), v128.load32_splat(TABLE, 40));
    p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(TABLE, 16));
    q = f32x4.add(f32x4.mul(q, r), v128.load32_splat(TABLE, 36));
    p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(TABLE, 12));
    q = f32x4.add(f32x4.mul(q, r), v128.load32_splat(TABLE, 32));
    const z = f32x4.div(f32x4.mul(t, p), q);
    v128.store(out, f32x4.pmin(f32x4.pmax(f32x4.add(m, f32x4.mul(s, z)), lo), hi));
  }
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
