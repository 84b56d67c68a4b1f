/**
 * Orthogonal matrices, uniformly distributed (Haar), as products of Householder reflectors of normal vectors.
 * Stewart, "The efficient generation of random orthogonal matrices", SIAM J. Numer. Anal. 17, 1980; in blocks:
 * Schreiber and Van Loan, "A storage-efficient WY representation for products of Householder transformations", 1989.
 * Twin: src/kernel/orthogonal.ts, where the method is explained. Specification: docs/stream.md, "orthogonal".
 */
import { ADD, ADD_UPPER, matmul, SUBTRACT_LOWER } from "./matmul";

const PANEL: usize = 32; // reflectors in a block
const SLAB: usize = 256; // bytes in a row of a slab: columns of the result that go through all blocks together
const DEPTH: usize = 256; // rows that a product sums at a time

export function reflect32(panel: usize, rows: usize, columns: usize, t: usize, signs: usize, scratch: usize): void {
  reflect<f32>(panel, rows, columns, t, signs, scratch);
}

export function reflect64(panel: usize, rows: usize, columns: usize, t: usize, signs: usize, scratch: usize): void {
  reflect<f64>(panel, rows, columns, t, signs, scratch);
}

/**
 * Turns a panel of normal values, `rows` x 32, into the vectors u of reflectors I - tau u u^T, and writes to `t` the
 * triangle T, transposed, of their product I - U T U^T. Only the first `columns` columns are used; the others become 0.
 * `scratch` holds a 32 x 32 matrix and 32 doubles.
 */
function reflect<T>(panel: usize, rows: usize, columns: usize, t: usize, signs: usize, scratch: usize): void {
  const size = sizeof<T>(), stride = PANEL * size;
  const gram = scratch, sums = gram + PANEL * stride;
  for (let q: usize = 0; q < PANEL; ++q) {
    for (let i: usize = 0; i < min(q, rows); ++i) store<T>(panel + i * stride + q * size, <T>0);
  }
  squares<T>(panel, rows, sums);
  for (let q: usize = 0; q < PANEL; ++q) {
    let e: T = 0, sign: T = 0; // unused columns become 0
    if (q < columns) {
      const head = <f64>load<T>(panel + q * stride + q * size), all = load<f64>(sums + 8 * q), norm = sqrt(all);
      e = <T>(1 / (head < 0 ? head - norm : head + norm));
      sign = head < 0 ? <T>1 : <T>-1;
      store<f64>(sums + 8 * q, 2 / (1 + (all - head * head) * <f64>e * <f64>e));
    }
    store<T>(gram + q * size, e); // until the panel is scaled
    store<T>(signs + q * size, sign);
  }
  for (let at = panel, end = panel + rows * stride; at < end; at += stride) {
    for (let x: usize = 0; x < stride; x += 16) {
      v128.store(at + x, v128.mul<T>(v128.load(at + x), v128.load(gram + x)));
    }
  }
  for (let q: usize = 0; q < columns; ++q) store<T>(panel + q * stride + q * size, <T>1);
  memory.fill(gram, 0, PANEL * stride);
  // Only the part of the Gram matrix above its diagonal is used, so each product has just those rows (measured: a
  // quarter of this function's time).
  for (let x: usize = 0; x < stride; x += 32) {
    product<T>(gram + x, panel, panel + x, (x / size + 32 / size + 3) & ~3, 32 / size, 0, rows, stride);
  }
  memory.fill(t, 0, PANEL * stride);
  for (let k: usize = 0; k < columns; ++k) {
    const tau = <T>load<f64>(sums + 8 * k);
    const column = t + k * stride;
    for (let j: usize = 0; j < k; ++j) {
      const s = v128.splat<T>(load<T>(gram + j * stride + k * size));
      for (let x: usize = 0; x < stride; x += 16) {
        v128.store(column + x, v128.add<T>(v128.load(column + x), v128.mul<T>(v128.load(t + j * stride + x), s)));
      }
    }
    const minus = v128.splat<T>(-tau);
    for (let x: usize = 0; x < stride; x += 16) v128.store(column + x, v128.mul<T>(v128.load(column + x), minus));
    store<T>(column + k * size, tau);
  }
}

/** The sum of squares of each column, row by row, in double precision. */
function squares<T>(panel: usize, rows: usize, sums: usize): void {
  const stride: usize = PANEL * sizeof<T>(), bytes = rows * stride;
  for (let x: usize = 0; x < stride; x += 16) {
    let low = f64x2.splat(0), high = low;
    for (let at = panel + x, end = at + bytes; at < end; at += stride) {
      const v = v128.load(at);
      if (sizeof<T>() == 8) low = f64x2.add(low, f64x2.mul(v, v));
      else {
        const a = f64x2.promote_low_f32x4(v), b = f64x2.promote_low_f32x4(i64x2.shuffle(v, v, 1, 1));
        low = f64x2.add(low, f64x2.mul(a, a));
        high = f64x2.add(high, f64x2.mul(b, b));
      }
    }
    v128.store(sums, low);
    if (sizeof<T>() == 4) v128.store(sums, high, 16);
    sums += sizeof<T>() == 8 ? 16 : 32;
  }
}

/**
 * C += A^T B over rows [begin, end) of a panel A, of which the first `rows` columns are used, and of B: rows 0 to 31
 * first, then DEPTH rows at a time.
 */
function product<T>(
  c: usize, panel: usize, b: usize, rows: usize, columns: usize, begin: usize, end: usize, strideB: usize,
): void {
  const size = sizeof<T>(), stride = PANEL * size;
  while (begin < end) {
    const border = min(end, begin < PANEL ? PANEL : begin + DEPTH);
    const x = panel + begin * stride, y = b + begin * strideB;
    matmul<T>(c, x, y, rows, columns, border - begin, strideB, size, stride, strideB, begin == 0 ? ADD_UPPER : ADD);
    begin = border;
  }
}

export function orthogonal32(
  q: usize, rows: usize, columns: usize, first: usize, gain: f64, tall: bool, panels: usize, ts: usize, signs: usize, slab: usize,
): void {
  orthogonal<f32>(q, rows, columns, first, gain, tall, panels, ts, signs, slab);
}

export function orthogonal64(
  q: usize, rows: usize, columns: usize, first: usize, gain: f64, tall: bool, panels: usize, ts: usize, signs: usize, slab: usize,
): void {
  orthogonal<f64>(q, rows, columns, first, gain, tall, panels, ts, signs, slab);
}

/**
 * Writes columns [first, first + 64), or of f64 [first, first + 32), of the product of all reflectors and the signs,
 * which is `rows` x `columns`, times the gain: as columns of `q` if it is tall, else as rows. `slab` has room for
 * `rows` rounded up to a multiple of 4, and for 64 more rows.
 */
function orthogonal<T>(
  q: usize, rows: usize, columns: usize, first: usize, gain: f64, tall: bool, panels: usize, ts: usize, signs: usize, slab: usize,
): void {
  const size = sizeof<T>(), width: usize = SLAB / size, stride = PANEL * size;
  const padded: usize = (rows + 3) & ~3;
  const w = slab + padded * SLAB, v = w + PANEL * SLAB;
  const count = min(width, columns - first);
  memory.fill(slab, 0, padded * SLAB);
  for (let c: usize = 0; c < count; ++c) {
    store<T>(slab + (first + c) * SLAB + c * size, load<T>(signs + (first + c) * size));
  }
  for (let blocks = (first + count - 1) / PANEL + 1; blocks > 0; --blocks) {
    const block = blocks - 1;
    const above = block * PANEL, left = rows - above;
    const panel = panels + (block * rows - (block * (block - 1) / 2) * PANEL) * stride;
    // Zeros are skipped: the block leaves columns to its left as they are, columns in it are still 0 below its own 32
    // rows, and columns to its right are still 0 in those rows (measured: 8% at 256 x 256). The zeros of U and T are left
    // out by the products (measured: 5% there).
    const skip = above > first ? above - first : 0, at = skip * size, wide = width - skip;
    const begin = first >= above + PANEL ? PANEL : 0, end = above + PANEL >= first + width ? min(PANEL, left) : left;
    const top = slab + above * SLAB + at, t = ts + block * PANEL * stride;
    memory.fill(w, 0, 2 * PANEL * SLAB);
    product<T>(w + at, panel, top, PANEL, wide, begin, end, SLAB);
    matmul<T>(v + at, t, w + at, PANEL, wide, PANEL, SLAB, size, stride, SLAB, ADD_UPPER);
    matmul<T>(top, panel, v + at, (left + 3) & ~3, wide, PANEL, SLAB, stride, size, SLAB, SUBTRACT_LOWER);
  }
  const g = <T>gain, gs = v128.splat<T>(g);
  const down = tall ? columns * size : size, across = tall ? size : rows * size;
  for (let i: usize = 0; i < rows; ++i) {
    let from = slab + i * SLAB, to = q + i * down + first * across;
    const end = from + count * size;
    if (tall) {
      for (; from + 16 <= end; from += 16, to += 16) v128.store(to, v128.mul<T>(v128.load(from), gs));
    }
    for (; from < end; from += size, to += across) store<T>(to, load<T>(from) * g);
  }
}
