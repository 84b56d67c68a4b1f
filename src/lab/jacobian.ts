/** Singular values of a network's Jacobian, from the gradients of orthonormal directions of its output. */
import { columnsOf } from "../engine/product.js";
import type { Layout } from "./measure.js";

/** Output directions that are followed. */
export const MOST_PROBES = 64;

/** @param gradients of so many probes, each in the columns of one sample. */
export function singularValues(gradients: Float32Array, { width, positions }: Layout, probes: number): number[] {
  const stride = columnsOf(probes * positions);
  const gram = Array.from({ length: probes }, () => new Float64Array(probes));
  for (let i = 0; i < width; ++i) {
    for (let p = 0; p < probes; ++p) {
      for (let q = 0; q <= p; ++q) {
        let sum = 0;
        for (let k = 0; k < positions; ++k) {
          sum +=
            (gradients[i * stride + p * positions + k] as number) *
            (gradients[i * stride + q * positions + k] as number);
        }
        const row = gram[p] as Float64Array;
        row[q] = (row[q] as number) + sum;
      }
    }
  }
  for (let p = 0; p < probes; ++p) for (let q = 0; q < p; ++q) set(gram, q, p, get(gram, p, q));
  return eigenvalues(gram)
    .map((value) => Math.sqrt(Math.max(0, value)))
    .sort((a, b) => b - a);
}

const get = (m: readonly Float64Array[], i: number, j: number): number => (m[i] as Float64Array)[j] as number;
const set = (m: readonly Float64Array[], i: number, j: number, value: number): void => {
  (m[i] as Float64Array)[j] = value;
};

/** Of a symmetric matrix, by rotations in turn (Jacobi 1846; Golub and Van Loan 2013, section 8.5). */
function eigenvalues(m: readonly Float64Array[]): number[] {
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
