/** The same value everywhere; uses no random words. Twin: src/kernel/constant.ts. */
export function constant(out: usize, count: u32, value: f32): void {
  const v = f32x4.splat(value);
  for (const end = out + (<usize>count << 2); out < end; out += 64) {
    v128.store(out, v, 0);
    v128.store(out, v, 16);
    v128.store(out, v, 32);
    v128.store(out, v, 48);
  }
}

export function constant64(out: usize, count: u32, value: f64): void {
  const v = f64x2.splat(value);
  for (const end = out + (<usize>count << 3); out < end; out += 64) {
    v128.store(out, v, 0);
    v128.store(out, v, 16);
    v128.store(out, v, 32);
    v128.store(out, v, 48);
  }
}
