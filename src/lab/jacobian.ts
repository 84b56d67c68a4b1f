/** Singular values of a network's Jacobian, from the gradients of orthonormal directions of its output. */
import { columnsOf } from "../engine/product.js";
import { eigenvalues } from "../math/eigen.js";
import type { SignalShape } from "./signal.js";

/** Directions of the output that are followed, at most. */
export const MOST_PROBES = 64;

/**
 * Singular values in descending order: the square roots of the eigenvalues of the gradients' Gram matrix.
 *
 * @param gradients of the directions ("probes"), each in the columns of one sample.
 */
export function singularValues(gradients: Float32Array, { width, positions }: SignalShape, probes: number): number[] {
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
  gram.forEach((row, p) => {
    for (let q = 0; q < p; ++q) (gram[q] as Float64Array)[p] = row[q] as number;
  });
  return eigenvalues(gram)
    .map((value) => Math.sqrt(Math.max(0, value)))
    .sort((a, b) => b - a);
}
