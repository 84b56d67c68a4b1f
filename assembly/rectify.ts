/**
 * ReLU and the gradient of its input.
 * Twin: src/kernel/rectify.ts.
 *
 * `count` is a multiple of 4.
 */

/** to = max(0, from); NaN stays NaN */
export function rectify(to: usize, from: usize, count: u32): void {
  const zero = i32x4.splat(0);
  for (const end = to + (<usize>count << 2); to < end; to += 16, from += 16) {
    v128.store(to, f32x4.max(v128.load(from), zero));
  }
}

/** to = gradient where the pre-activation is above 0, and 0 elsewhere */
export function rectifySlope(to: usize, gradient: usize, preactivation: usize, count: u32): void {
  const zero = i32x4.splat(0);
  for (const end = to + (<usize>count << 2); to < end; to += 16, gradient += 16, preactivation += 16) {
    v128.store(to, v128.and(v128.load(gradient), f32x4.gt(v128.load(preactivation), zero)));
  }
}
