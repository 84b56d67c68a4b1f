/**
 * The inverse of the standard normal distribution function; relative error about 1e-16.
 * Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37, 1988, PPND16;
 * beyond 38 standard deviations, the asymptotic series of Abramowitz and Stegun 1964, 26.2.12.
 * Twin: src/kernel/quantile.ts.
 */
import { logarithms } from "./log";

// Where the coefficients of each range lie: COEFFICIENTS of the twin, which the caller writes there (src/engine/kernels.ts).
export const CENTRAL: usize = 1792, NEAR: usize = 1920, FAR: usize = 2048;

/**
 * Writes f P(r) / Q(r) for numbers f and r; `bytes` of them are a multiple of 64. Four vectors at a time, for the reason given in
 * normal.ts.
 */
export function ratios(to: usize, f: usize, r: usize, bytes: usize, table: usize): void {
  for (const end = f + bytes; f < end; f += 64, r += 64, to += 64) {
    const r0 = v128.load(r, 0), r1 = v128.load(r, 16), r2 = v128.load(r, 32), r3 = v128.load(r, 48);
    let p0 = v128.load64_splat(table, 0), p1 = p0, p2 = p0, p3 = p0;
    let q0 = v128.load64_splat(table, 8), q1 = q0, q2 = q0, q3 = q0;
    for (let at = table + 16; at < table + 128; at += 16) {
      const p = v128.load64_splat(at, 0), q = v128.load64_splat(at, 8);
      p0 = f64x2.add(f64x2.mul(p0, r0), p);
      p1 = f64x2.add(f64x2.mul(p1, r1), p);
      p2 = f64x2.add(f64x2.mul(p2, r2), p);
      p3 = f64x2.add(f64x2.mul(p3, r3), p);
      q0 = f64x2.add(f64x2.mul(q0, r0), q);
      q1 = f64x2.add(f64x2.mul(q1, r1), q);
      q2 = f64x2.add(f64x2.mul(q2, r2), q);
      q3 = f64x2.add(f64x2.mul(q3, r3), q);
    }
    v128.store(to, f64x2.div(f64x2.mul(v128.load(f, 0), p0), q0), 0);
    v128.store(to, f64x2.div(f64x2.mul(v128.load(f, 16), p1), q1), 16);
    v128.store(to, f64x2.div(f64x2.mul(v128.load(f, 32), p2), q2), 32);
    v128.store(to, f64x2.div(f64x2.mul(v128.load(f, 48), p3), q3), 48);
  }
}

/**
 * Writes z^2, where ln P(Z > z) = l - surplus = -y.
 * z^2 = 2y - ln(2 pi z^2) + 2 ln(1 - z^-2 + 3 z^-4 - 15 z^-6 + 105 z^-8); a turn divides the error by z^2 > 1400.
 */
export function squares(to: usize, l: usize, bytes: usize, surplus: f64): void {
  const one = f64x2.splat(1);
  memory.fill(to, 0, bytes);
  for (let turn = 0; turn < 7; ++turn) {
    for (let i: usize = 0; i < bytes; i += 16) {
      const y = f64x2.sub(f64x2.splat(surplus), v128.load(l + i));
      const square = f64x2.add(f64x2.add(y, y), v128.load(to + i));
      const t = f64x2.div(one, square);
      let series = f64x2.sub(f64x2.splat(15), f64x2.mul(t, f64x2.splat(105)));
      series = f64x2.sub(f64x2.splat(3), f64x2.mul(t, series));
      series = f64x2.sub(one, f64x2.mul(t, series));
      series = f64x2.sub(one, f64x2.mul(t, series));
      const ratio = f64x2.div(f64x2.mul(series, series), f64x2.mul(f64x2.splat(6.283185307179586), square)); // 2 pi
      v128.store(to + i, turn < 6 ? ratio : square);
    }
    if (turn < 6) logarithms(to, bytes);
  }
}
