/**
 * What a step of an optimizer does to parameters.
 * Twin: src/kernel/optimizer.ts, where the formulas are explained.
 *
 * `count` is a multiple of 4. Double precision takes two floats at a time: one instruction reads and converts them.
 */

/** p -= rate g */
export function descend(values: usize, gradient: usize, count: u32, rate: f64): void {
  const r = f64x2.splat(rate);
  for (const end = values + (<usize>count << 2); values < end; values += 16, gradient += 16) {
    store2(values, f64x2.sub(load2(values), f64x2.mul(r, load2(gradient))));
    store2(values + 8, f64x2.sub(load2(values + 8), f64x2.mul(r, load2(gradient + 8))));
  }
}

/** v = momentum v + g; p -= rate v */
export function roll(values: usize, gradient: usize, velocity: usize, count: u32, momentum: f64, rate: f64): void {
  const m = f64x2.splat(momentum), r = f64x2.splat(rate);
  for (const end = values + (<usize>count << 2); values < end; values += 8, gradient += 8, velocity += 8) {
    store2(velocity, f64x2.add(f64x2.mul(m, load2(velocity)), load2(gradient)));
    store2(values, f64x2.sub(load2(values), f64x2.mul(r, load2(velocity)))); // v as it was rounded
  }
}

/** m += (g - m) (1 - b1); v = b2 v + (1 - b2) g g; p -= size m / (root sqrt(v) + epsilon); in single precision */
export function adapt(
  values: usize, gradient: usize, first: usize, second: usize, count: u32,
  rest1: f32, beta2: f32, rest2: f32, epsilon: f32, size: f32, root: f32,
): void {
  const c1 = f32x4.splat(rest1), b2 = f32x4.splat(beta2), c2 = f32x4.splat(rest2);
  const e = f32x4.splat(epsilon), s = f32x4.splat(size), t = f32x4.splat(root);
  for (const end = values + (<usize>count << 2); values < end; values += 16, gradient += 16, first += 16, second += 16) {
    const g = v128.load(gradient), before = v128.load(first);
    const m = f32x4.add(before, f32x4.mul(f32x4.sub(g, before), c1));
    const v = f32x4.add(f32x4.mul(v128.load(second), b2), f32x4.mul(f32x4.mul(c2, g), g));
    v128.store(first, m);
    v128.store(second, v);
    const step = f32x4.div(f32x4.mul(s, m), f32x4.add(f32x4.mul(t, f32x4.sqrt(v)), e));
    v128.store(values, f32x4.sub(v128.load(values), step));
  }
}

@inline
function load2(at: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(at));
}

@inline
function store2(at: usize, x: v128): void {
  v128.store64_lane(at, f32x4.demote_f64x2_zero(x), 0);
}
