/**
 * An affine map, C = A B + biases: the matrix product, added to blocks of C that are filled just before, so that they are still in
 * the first-level cache.
 * Twin: src/kernel/affine.ts.
 */
import { ADD, matmul } from "./matmul";

const BLOCK: usize = 16; // rows: in more, lines of the cache displace each other where a row has a power of two of columns

/** As `matmul32`. Each row of A has a bias; an address of 0 stands for zeros. */
export function affine(
  c: usize, a: usize, b: usize, biases: usize, rows: usize, columns: usize, depth: usize,
  strideC: usize, rowsA: usize, depthA: usize, strideB: usize,
): void {
  for (const end = b + (columns << 2); b < end; b += 32, c += 32) {
    let to = c;
    for (let first: usize = 0; first < rows; first += BLOCK) {
      const block = to, last = min(rows, first + BLOCK);
      for (let i = first; i < last; ++i, to += strideC) {
        const x = biases ? v128.load_splat<f32>(biases + (i << 2)) : i32x4.splat(0);
        v128.store(to, x, 0);
        v128.store(to, x, 16);
      }
      matmul<f32>(block, a + first * rowsA, b, last - first, 8, depth, strideC, rowsA, depthA, strideB, ADD);
    }
  }
}
