/** Attention with one head over the tokens of each sample, forward and backward. */
import { columnsOf } from "../engine/product.js";
import type { Floats } from "../kernel/matmul.js";
import { exp } from "../math/functions.js";
import { POSITIONS } from "./patches.js";

export interface Attention {
  /** to = softmax(q k / sqrt(width)) v */
  forward(to: Floats, query: Floats, key: Floats, value: Floats): void;
  /**
   * @param to receive the gradients of query, key and value.
   * @param from the gradient of the output.
   */
  backward(to: readonly [Floats, Floats, Floats], from: Floats, query: Floats, key: Floats, value: Floats): void;
}

/** softmax(q k / sqrt(width)) v over the tokens of each sample. Vaswani et al. 2017, eq. 1. */
export function attention(width: number, columns: number): Attention {
  const stride = columnsOf(columns);
  const scale = 1 / Math.sqrt(width);
  const weights = new Float64Array(POSITIONS * POSITIONS); // after the softmax
  const gradients = new Float64Array(POSITIONS * POSITIONS); // of the weights, then of the scores before the softmax
  /** to[s, t] = sum over units of a[s] b[t]. */
  const dot = (to: Float64Array, a: Floats, b: Floats, first: number) => {
    to.fill(0);
    for (let i = 0; i < width; ++i) {
      for (let s = 0; s < POSITIONS; ++s) {
        const x = a[i * stride + first + s] as number;
        for (let t = 0; t < POSITIONS; ++t) {
          const at = s * POSITIONS + t;
          to[at] = (to[at] as number) + x * (b[i * stride + first + t] as number);
        }
      }
    }
  };
  /** to[s] = sum over t of by[s, t] from[t]; of by[t, s] if `transposed`. */
  const mix = (to: Floats, by: Float64Array, from: Floats, first: number, transposed: boolean) => {
    for (let i = 0; i < width; ++i) {
      for (let s = 0; s < POSITIONS; ++s) {
        let sum = 0;
        for (let t = 0; t < POSITIONS; ++t) {
          const weight = by[transposed ? t * POSITIONS + s : s * POSITIONS + t] as number;
          sum += weight * (from[i * stride + first + t] as number);
        }
        to[i * stride + first + s] = sum;
      }
    }
  };
  const attend = (query: Floats, key: Floats, first: number) => {
    dot(weights, query, key, first);
    for (let s = 0; s < POSITIONS; ++s) softmax(weights.subarray(s * POSITIONS, (s + 1) * POSITIONS), scale);
  };
  return {
    forward(to, query, key, value) {
      for (let first = 0; first < columns; first += POSITIONS) {
        attend(query, key, first);
        mix(to, weights, value, first, false);
      }
    },
    backward([toQuery, toKey, toValue], from, query, key, value) {
      for (let first = 0; first < columns; first += POSITIONS) {
        attend(query, key, first);
        mix(toValue, weights, from, first, true);
        dot(gradients, from, value, first);
        for (let s = 0; s < POSITIONS; ++s) {
          let mean = 0;
          for (let t = 0; t < POSITIONS; ++t) {
            mean += (weights[s * POSITIONS + t] as number) * (gradients[s * POSITIONS + t] as number);
          }
          for (let t = 0; t < POSITIONS; ++t) {
            const at = s * POSITIONS + t;
            gradients[at] = scale * (weights[at] as number) * ((gradients[at] as number) - mean);
          }
        }
        mix(toQuery, gradients, key, first, false);
        mix(toKey, gradients, query, first, true);
      }
    },
  };
}

/** row = softmax(scale row), shifted by the largest element so that nothing overflows. */
function softmax(row: Float64Array, scale: number): void {
  let max = Number.NEGATIVE_INFINITY;
  for (const x of row) max = Math.max(max, x);
  let sum = 0;
  for (let i = 0; i < row.length; ++i) {
    row[i] = exp(scale * ((row[i] as number) - max));
    sum += row[i] as number;
  }
  for (let i = 0; i < row.length; ++i) row[i] = (row[i] as number) / sum;
}
