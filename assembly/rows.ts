/**
 * Rows of a matrix: summed, turned into columns.
 * Twin: src/kernel/rows.ts.
 *
 * Strides are bytes from row to row, multiples of 32; there is memory for as many rows as the next multiple of 4.
 */

/** to[i] = the sum of row i over its columns, in order, in double precision. Four rows are summed at once. */
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

/**
 * to[x, y] = from[y, x], for `rows` rows of `from`. Columns are turned four at a time, so there is room for as many rows of
 * `to` as the next multiple of 4.
 */
export function turnRows(to: usize, from: usize, rows: u32, columns: u32, strideTo: usize, strideFrom: usize): void {
  let row: u32 = 0;
  for (; row + 4 <= rows; row += 4, from += 4 * strideFrom, to += 16) {
    let at = from, y = to;
    for (const end = from + (<usize>columns << 2); at < end; at += 16, y += 4 * strideTo) {
      const r0 = v128.load(at), r1 = v128.load(at + strideFrom);
      const r2 = v128.load(at + 2 * strideFrom), r3 = v128.load(at + 3 * strideFrom);
      const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), b = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      const c = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      v128.store(y, v128.shuffle<f64>(a, c, 0, 2));
      v128.store(y + strideTo, v128.shuffle<f64>(a, c, 1, 3));
      v128.store(y + 2 * strideTo, v128.shuffle<f64>(b, d, 0, 2));
      v128.store(y + 3 * strideTo, v128.shuffle<f64>(b, d, 1, 3));
    }
  }
  for (; row < rows; ++row, from += strideFrom, to += 4) {
    let y = to;
    for (let x: u32 = 0; x < columns; ++x, y += strideTo) store<f32>(y, load<f32>(from + (<usize>x << 2)));
  }
}
