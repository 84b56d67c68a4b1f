/**
 * Sums of the rows of a matrix.
 * Twin: src/kernel/rows.ts.
 */

/**
 * to[i] = the sum of row i over its columns, in order, in double precision. Four rows are summed at once: there is memory for as
 * many as the next multiple of 4. The stride is in bytes.
 */
export function sumRows(to: usize, from: usize, rows: u32, columns: u32, stride: usize): void {
  const whole = columns & ~3;
  for (const end = to + (<usize>rows << 2); to < end; to += 16, from += 4 * stride) {
    let low = i32x4.splat(0), high = low; // sums of rows 0 and 1, 2 and 3
    let at = from;
    for (const last = from + (<usize>whole << 2); at < last; at += 16) {
      const r0 = v128.load(at), r1 = v128.load(at + stride), r2 = v128.load(at + 2 * stride), r3 = v128.load(at + 3 * stride);
      const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), b = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      const c = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      low = f64x2.add(f64x2.add(low, f64x2.promote_low_f32x4(a)), upper(a));
      high = f64x2.add(f64x2.add(high, f64x2.promote_low_f32x4(c)), upper(c));
      low = f64x2.add(f64x2.add(low, f64x2.promote_low_f32x4(b)), upper(b));
      high = f64x2.add(f64x2.add(high, f64x2.promote_low_f32x4(d)), upper(d));
    }
    for (const last = from + (<usize>columns << 2); at < last; at += 4) {
      const s = at + stride, t = s + stride;
      low = f64x2.add(low, f64x2(load<f32>(at), load<f32>(s)));
      high = f64x2.add(high, f64x2(load<f32>(t), load<f32>(t + stride)));
    }
    const sums = v128.shuffle<f64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
    if (to + 16 <= end) v128.store(to, sums);
    else {
      v128.store32_lane(to, sums, 0);
      if (to + 4 < end) v128.store32_lane(to + 4, sums, 1);
      if (to + 8 < end) v128.store32_lane(to + 8, sums, 2);
    }
  }
}

/** The two upper floats, as doubles. */
@inline
function upper(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f64>(x, x, 1, 1));
}
