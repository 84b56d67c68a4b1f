/**
 * The product of a matrix and a transposed one, C = A B': the gradient of a weight. Columns of B' are made in tiles that stay in
 * the cache, and then multiplied as by `affine`.
 * Twin: src/kernel/transposed.ts.
 */
import { affine } from "./affine";
import { ADD, matmul } from "./matmul";

const DEPTH: usize = 256; // as in src/engine/product.ts
const TILE: usize = 64;

/**
 * Strides are in bytes; A and B have the same one, a multiple of 32. There is memory for as many rows of B as the next multiple
 * of 4, and `rows` is one. `scratch` has room for DEPTH times TILE floats.
 */
export function multiplyTransposed(
  c: usize, a: usize, b: usize, scratch: usize, rows: usize, columns: usize, depth: usize, strideC: usize, stride: usize,
): void {
  for (let k: usize = 0; k < depth; k += DEPTH) {
    const terms = min(DEPTH, depth - k), x = a + (k << 2);
    for (let j: usize = 0; j < columns; j += TILE) {
      const count = min(TILE, columns - j), width = (count + 7) & ~7, to = c + (j << 2), strideB = width << 2;
      if (width > count) memory.fill(scratch, 0, terms * strideB);
      turn(scratch, b + j * stride + (k << 2), count, terms, strideB, stride);
      if (k == 0) affine(to, x, scratch, 0, rows, width, terms, strideC, stride, 4, strideB);
      else matmul<f32>(to, x, scratch, rows, width, terms, strideC, stride, 4, strideB, ADD);
    }
  }
}

/** to[x, y] = from[y, x], for `rows` rows of `from`. Columns are turned four at a time. */
@inline
function turn(to: usize, from: usize, rows: usize, columns: usize, strideTo: usize, strideFrom: usize): void {
  let row: usize = 0;
  for (; row + 4 <= rows; row += 4, from += 4 * strideFrom, to += 16) {
    let at = from, y = to;
    for (const end = from + (columns << 2); at < end; at += 16, y += 4 * strideTo) {
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
    for (let x: usize = 0; x < columns; ++x, y += strideTo) store<f32>(y, load<f32>(from + (x << 2)));
  }
}
