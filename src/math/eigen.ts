/**
 * Eigenvalues of small symmetric matrices, by cyclic Jacobi rotations (Golub and Van Loan, Matrix computations, 2013,
 * 8.5).
 */

/**
 * The eigenvalues of a symmetric matrix, in no order. If an element is NaN or infinite, all of them are NaN.
 *
 * @param m rows of the matrix; they are overwritten.
 */
export function eigenvalues(m: readonly Float64Array[]): number[] {
  const n = m.length;
  const trace = m.reduce((sum, _, i) => sum + Math.abs(get(m, i, i)), 0);
  if (!Number.isFinite(trace)) return m.map(() => Number.NaN);
  for (let sweep = 0; sweep < 30; ++sweep) {
    let off = 0;
    for (let p = 0; p < n; ++p) {
      for (let q = p + 1; q < n; ++q) {
        const b = get(m, p, q);
        off = Math.max(off, Math.abs(b));
        if (Math.abs(b) <= 1e-300) continue;
        const tau = (get(m, q, q) - get(m, p, p)) / (2 * b);
        const t = (tau < 0 ? -1 : 1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau));
        const c = 1 / Math.sqrt(1 + t * t);
        rotate(m, p, q, c, t * c);
      }
    }
    if (off <= 1e-15 * trace) break;
  }
  return m.map((_, i) => get(m, i, i));
}

const get = (m: readonly Float64Array[], i: number, j: number): number => (m[i] as Float64Array)[j] as number;
const set = (m: readonly Float64Array[], i: number, j: number, value: number): void => {
  (m[i] as Float64Array)[j] = value;
};

function rotate(m: readonly Float64Array[], p: number, q: number, c: number, s: number): void {
  for (let k = 0; k < m.length; ++k) {
    const [a, b] = [get(m, k, p), get(m, k, q)];
    set(m, k, p, c * a - s * b);
    set(m, k, q, s * a + c * b);
  }
  for (let k = 0; k < m.length; ++k) {
    const [a, b] = [get(m, p, k), get(m, q, k)];
    set(m, p, k, c * a - s * b);
    set(m, q, k, s * a + c * b);
  }
}
