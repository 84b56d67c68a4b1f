/**
 * Uniform values between low and high, both excluded: middle + v * half, where v = (word | 1) * 2^-31, the word signed.
 * Twin: src/kernel/uniform.ts, where the formula is explained. Specification: docs/stream.md, "uniform".
 */
import { FRACTION, signed } from "./fraction";

// In memory, for the reason given in normal.ts.
const TABLE = memory.data<u32>([0x00000001, 0x30000000]); // 1; 2^-31
const SCALE: f32 = 4.656612873077393e-10; // 2^-31
const SMALL: f32 = 2.524354896707238e-29; // 2^-95: from here on, half * 2^-31 is a normal number

/** Turns words into values, in place. `first` and `last` are the outermost values of the dtype inside the interval. */
export function uniform(out: usize, count: u32, middle: f32, half: f32, first: f32, last: f32): void {
  const end = out + (<usize>count << 2);
  if (middle == 0 && half >= SMALL && last >= half) symmetric(out, end, half * SCALE);
  else if (middle == 0 && half >= SMALL) clamped(out, end, half * SCALE, first, last);
  else general(out, end, middle, half, first, last);
}

/** The same bits by one multiplication: around 0 the sum is exact, and |v| <= 1 keeps every value inside. */
function symmetric(out: usize, end: usize, step: f32): void {
  const s = f32x4.splat(step), one = v128.load32_splat(TABLE, 0);
  for (; out < end; out += 64) {
    v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(v128.or(v128.load(out, 0), one)), s), 0);
    v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(v128.or(v128.load(out, 16), one)), s), 16);
    v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(v128.or(v128.load(out, 32), one)), s), 32);
    v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(v128.or(v128.load(out, 48), one)), s), 48);
  }
}

/** The same for a 16-bit dtype, whose outermost values inside lie closer to the middle. */
function clamped(out: usize, end: usize, step: f32, first: f32, last: f32): void {
  const s = f32x4.splat(step), one = v128.load32_splat(TABLE, 0), lo = f32x4.splat(first), hi = f32x4.splat(last);
  for (; out < end; out += 32) {
    const x = f32x4.mul(f32x4.convert_i32x4_s(v128.or(v128.load(out, 0), one)), s);
    const y = f32x4.mul(f32x4.convert_i32x4_s(v128.or(v128.load(out, 16), one)), s);
    v128.store(out, f32x4.pmin(f32x4.pmax(x, lo), hi), 0);
    v128.store(out, f32x4.pmin(f32x4.pmax(y, lo), hi), 16);
  }
}

function general(out: usize, end: usize, middle: f32, half: f32, first: f32, last: f32): void {
  const m = f32x4.splat(middle), h = f32x4.splat(half), lo = f32x4.splat(first), hi = f32x4.splat(last);
  const one = v128.load32_splat(TABLE, 0), s = v128.load32_splat(TABLE, 4);
  for (; out < end; out += 16) {
    const v = f32x4.mul(f32x4.convert_i32x4_s(v128.or(v128.load(out), one)), s);
    const x = f32x4.add(m, f32x4.mul(v, h));
    v128.store(out, f32x4.pmin(f32x4.pmax(x, lo), hi)); // one instruction each, unlike min and max; no value is NaN
  }
}

const SMALL64: f64 = 1e-300;

/**
 * The same in double precision. Turns twice `count` words into `count` values, in place: v is a fraction of 53 bits,
 * signed by the highest bit.
 */
export function uniform64(out: usize, count: u32, middle: f64, half: f64, first: f64, last: f64): void {
  const end = out + (<usize>count << 3);
  if (middle == 0 && half >= SMALL64) symmetric64(out, end, half);
  else general64(out, end, middle, half, first, last);
}

/** Needs no clamping: |v| <= 1 - 2^-53, and half * (1 - 2^-53) never rounds to half if it is a normal number. */
function symmetric64(out: usize, end: usize, half: f64): void {
  const h = f64x2.splat(half);
  const digits = v128.load64_splat(FRACTION, 0), one = v128.load64_splat(FRACTION, 8);
  const offset = v128.load64_splat(FRACTION, 16), minus = v128.load64_splat(FRACTION, 24);
  for (; out < end; out += 64) {
    v128.store(out, f64x2.mul(signed(v128.load(out, 0), digits, one, offset, minus), h), 0);
    v128.store(out, f64x2.mul(signed(v128.load(out, 16), digits, one, offset, minus), h), 16);
    v128.store(out, f64x2.mul(signed(v128.load(out, 32), digits, one, offset, minus), h), 32);
    v128.store(out, f64x2.mul(signed(v128.load(out, 48), digits, one, offset, minus), h), 48);
  }
}

function general64(out: usize, end: usize, middle: f64, half: f64, first: f64, last: f64): void {
  const m = f64x2.splat(middle), h = f64x2.splat(half), lo = f64x2.splat(first), hi = f64x2.splat(last);
  const digits = v128.load64_splat(FRACTION, 0), one = v128.load64_splat(FRACTION, 8);
  const offset = v128.load64_splat(FRACTION, 16), minus = v128.load64_splat(FRACTION, 24);
  for (; out < end; out += 16) {
    const x = f64x2.add(m, f64x2.mul(signed(v128.load(out), digits, one, offset, minus), h));
    v128.store(out, f64x2.pmin(f64x2.pmax(x, lo), hi));
  }
}
