/**
 * An affine map, C = A B + biases: the matrix product, added to columns that are filled eight at a time, so that they are still in
 * the first-level cache.
 * Twin: src/kernel/affine.ts.
 */
import { matmul } from "./matmul";

/** As `matmul32`. Each row of A has a bias; an address of 0 stands for zeros. */
export function affine(
  c: usize, a: usize, b: usize, biases: usize, rows: usize, columns: usize, depth: usize,
  strideC: usize, rowsA: usize, depthA: usize, strideB: usize,
): void {
  for (const end = b + (columns << 2); b < end; b += 32, c += 32) {
    let to = c;
    for (let i: usize = 0; i < rows; ++i, to += strideC) {
      const x = biases ? v128.load_splat<f32>(biases + (i << 2)) : i32x4.splat(0);
      v128.store(to, x, 0);
      v128.store(to, x, 16);
    }
    matmul<f32>(c, a, b, rows, 8, depth, strideC, rowsA, depthA, strideB, false);
  }
}
