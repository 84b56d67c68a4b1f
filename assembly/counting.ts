/**
 * How many values fall into each bin, and their sums: kernels of audits, in a module of their own, without constants in memory.
 * Twin: src/kernel/counting.ts.
 *
 * Arguments are byte addresses and numbers of values. The bins are two tables of 65,536 counters, one after the other, which take
 * neighbouring values in turns. Kernels check nothing.
 */

/** Bytes of a table. */
const TABLE: usize = 4 << 16;

// @ts-ignore: decorator
@inline function add(table: usize, bin: u32): void {
  const counter = table + (<usize>bin << 2);
  store<u32>(counter, load<u32>(counter) + 1);
}

// @ts-ignore: decorator
@inline function write(sums: usize, sum: v128, squares: v128, least: v128, greatest: v128): void {
  v128.store(sums, sum);
  v128.store(sums, squares, 16);
  v128.store(sums, least, 32);
  v128.store(sums, greatest, 48);
}

/**
 * Counts floats by their first 16 bits.
 *
 * @param count an even number.
 * @param sums gets four vectors: sums and sums of squares, in f64, of values at even and at odd places; the least and the greatest
 * values of each of four places.
 */
export function count32(from: usize, count: u32, bins: usize, sums: usize): void {
  const other = bins + TABLE;
  let sum = f64x2.splat(0);
  let squares = f64x2.splat(0);
  let least = f32x4.splat(Infinity);
  let greatest = f32x4.splat(-Infinity);
  for (const end = from + (<usize>(count & ~3) << 2); from < end; from += 16) {
    const x = v128.load(from);
    const a = f64x2.promote_low_f32x4(x);
    const b = f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 0));
    sum = f64x2.add(f64x2.add(sum, a), b);
    squares = f64x2.add(f64x2.add(squares, f64x2.mul(a, a)), f64x2.mul(b, b));
    least = f32x4.pmin(least, x);
    greatest = f32x4.pmax(greatest, x);
    add(bins, load<u16>(from, 2));
    add(other, load<u16>(from, 6));
    add(bins, load<u16>(from, 10));
    add(other, load<u16>(from, 14));
  }
  if (count & 2) {
    const x = v128.load64_splat(from);
    const a = f64x2.promote_low_f32x4(x);
    sum = f64x2.add(sum, a);
    squares = f64x2.add(squares, f64x2.mul(a, a));
    least = f32x4.pmin(least, x);
    greatest = f32x4.pmax(greatest, x);
    add(bins, load<u16>(from, 2));
    add(other, load<u16>(from, 6));
  }
  write(sums, sum, squares, least, greatest);
}

/** As `count32`, for doubles. The least and the greatest values are of each of two places. @param count an even number. */
export function count64(from: usize, count: u32, bins: usize, sums: usize): void {
  const other = bins + TABLE;
  let sum = f64x2.splat(0);
  let squares = f64x2.splat(0);
  let least = f64x2.splat(Infinity);
  let greatest = f64x2.splat(-Infinity);
  for (const end = from + (<usize>count << 3); from < end; from += 16) {
    const x = v128.load(from);
    sum = f64x2.add(sum, x);
    squares = f64x2.add(squares, f64x2.mul(x, x));
    least = f64x2.pmin(least, x);
    greatest = f64x2.pmax(greatest, x);
    add(bins, load<u16>(from, 6));
    add(other, load<u16>(from, 14));
  }
  write(sums, sum, squares, least, greatest);
}

/** Counts values of 16 bits. @param count an even number. */
export function count16(from: usize, count: u32, bins: usize): void {
  const other = bins + TABLE;
  for (const end = from + (<usize>count << 1); from < end; from += 4) {
    add(bins, load<u16>(from));
    add(other, load<u16>(from, 2));
  }
}
