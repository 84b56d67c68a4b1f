/**
 * The law U(low, high), both ends excluded: middle + v * half, v = odd signed word * 2^-31.
 * Twin: src/kernel/uniform.ts, where the formula is derived. Specification: docs/stream.md, "uniform".
 */
const SCALE: f32 = 4.656612873077393e-10; // 2^-31
const SMALL: f32 = 2.524354896707238e-29; // 2^-95: from here on half * 2^-31 is a normal number

/** Words to values, in place. `first` and `last` are the outermost floats inside the interval. */
export function uniform(out: usize, count: u32, middle: f32, half: f32, first: f32, last: f32): void {
  const end = out + (<usize>count << 2);
  if (middle == 0 && half >= SMALL) symmetric(out, end, half * SCALE);
  else general(out, end, middle, half, first, last);
}

/** The same bits with one multiplication: around 0 the sum is exact, and |v| <= 1 keeps every value inside. */
function symmetric(out: usize, end: usize, step: f32): void {
  const s = f32x4.splat(step), one = i32x4.splat(1);
  for (; out < end; out += 64) {
    v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(v128.or(v128.load(out, 0), one)), s), 0);
    v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(v128.or(v128.load(out, 16), one)), s), 16);
    v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(v128.or(v128.load(out, 32), one)), s), 32);
    v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(v128.or(v128.load(out, 48), one)), s), 48);
  }
}

function general(out: usize, end: usize, middle: f32, half: f32, first: f32, last: f32): void {
  const m = f32x4.splat(middle), h = f32x4.splat(half), lo = f32x4.splat(first), hi = f32x4.splat(last);
  const s = f32x4.splat(SCALE), one = i32x4.splat(1);
  for (; out < end; out += 16) {
    const v = f32x4.mul(f32x4.convert_i32x4_s(v128.or(v128.load(out), one)), s);
    const x = f32x4.add(m, f32x4.mul(v, h));
    v128.store(out, f32x4.pmin(f32x4.pmax(x, lo), hi)); // pmin, pmax: one instruction each; there is no NaN
  }
}
