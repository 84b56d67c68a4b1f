/**
 * Eigenvalues of small symmetric matrices, by cyclic Jacobi rotations (Golub and Van Loan, Matrix computations, 2013,
 * 8.5).
 */

/**
 * The eigenvalues of a symmetric matrix, in no order. If an element is NaN or infinite, all of them are NaN.
 *
 * @param rows of the matrix.
 */
export function eigenvalues(rows: readonly Float64Array[]): number[] {
  const n = rows.length;
  const m = new Float64Array(n * n);
  for (const [i, row] of rows.entries()) m.set(row, i * n);
  const diagonal = () => Array.from(rows, (_, i) => m[i * n + i] as number);
  const trace = diagonal().reduce((sum, x) => sum + Math.abs(x), 0);
  if (!Number.isFinite(trace)) return rows.map(() => Number.NaN);
  for (let sweep = 0; sweep < 30; ++sweep) {
    let off = 0;
    for (let p = 0; p < n; ++p) {
      for (let q = p + 1; q < n; ++q) {
        const b = m[p * n + q] as number;
        off = Math.max(off, Math.abs(b));
        if (Math.abs(b) <= 1e-300) continue;
        const tau = ((m[q * n + q] as number) - (m[p * n + p] as number)) / (2 * b);
        const t = (tau < 0 ? -1 : 1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau));
        const c = 1 / Math.sqrt(1 + t * t);
        rotate(m, p, q, n, n, c, t * c); // columns
        rotate(m, p * n, q * n, 1, n, c, t * c); // rows
      }
    }
    if (off <= 1e-15 * trace) break;
  }
  return diagonal();
}

/** Rotates two lines of n elements that begin at `a` and `b`; elements of a line are `stride` apart. */
function rotate(m: Float64Array, a: number, b: number, stride: number, n: number, c: number, s: number): void {
  for (let k = 0; k < n; ++k) {
    const x = m[a + k * stride] as number;
    const y = m[b + k * stride] as number;
    m[a + k * stride] = c * x - s * y;
    m[b + k * stride] = s * x + c * y;
  }
}
