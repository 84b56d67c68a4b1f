/** Attention of one head among the tokens of each sample, and the way back through it. */
import { columnsOf } from "../engine/product.js";
import { exp } from "../math/functions.js";
import { POSITIONS } from "./patches.js";

export interface Attention {
  forward(to: Float32Array, query: Float32Array, key: Float32Array, value: Float32Array): void;
  backward(
    to: readonly Float32Array[],
    from: Float32Array,
    query: Float32Array,
    key: Float32Array,
    value: Float32Array,
  ): void;
}

/** softmax(q k / sqrt(width)) v among the tokens of each sample. Vaswani et al. 2017, eq. 1. */
export function attention(width: number, columns: number): Attention {
  const stride = columnsOf(columns);
  const scale = 1 / Math.sqrt(width);
  const shares = new Float64Array(POSITIONS * POSITIONS);
  const slopes = new Float64Array(POSITIONS * POSITIONS);
  const dot = (to: Float64Array, a: Float32Array, b: Float32Array, first: number) => {
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
  /** to[s] = sum over t of weights[s, t] from[t]; with `down` of weights[t, s]. */
  const mix = (to: Float32Array, weights: Float64Array, from: Float32Array, first: number, down: boolean) => {
    for (let i = 0; i < width; ++i) {
      for (let s = 0; s < POSITIONS; ++s) {
        let sum = 0;
        for (let t = 0; t < POSITIONS; ++t) {
          const weight = weights[down ? t * POSITIONS + s : s * POSITIONS + t] as number;
          sum += weight * (from[i * stride + first + t] as number);
        }
        to[i * stride + first + s] = sum;
      }
    }
  };
  const attend = (query: Float32Array, key: Float32Array, first: number) => {
    dot(shares, query, key, first);
    for (let s = 0; s < POSITIONS; ++s) softmax(shares.subarray(s * POSITIONS, (s + 1) * POSITIONS), scale);
  };
  return {
    forward(to, query, key, value) {
      for (let first = 0; first < columns; first += POSITIONS) {
        attend(query, key, first);
        mix(to, shares, value, first, false);
      }
    },
    backward([toQuery, toKey, toValue], from, query, key, value) {
      for (let first = 0; first < columns; first += POSITIONS) {
        attend(query, key, first);
        mix(toValue as Float32Array, shares, from, first, true);
        dot(slopes, from, value, first);
        for (let s = 0; s < POSITIONS; ++s) {
          let mean = 0;
          for (let t = 0; t < POSITIONS; ++t) {
            mean += (shares[s * POSITIONS + t] as number) * (slopes[s * POSITIONS + t] as number);
          }
          for (let t = 0; t < POSITIONS; ++t) {
            const at = s * POSITIONS + t;
            slopes[at] = scale * (shares[at] as number) * ((slopes[at] as number) - mean);
          }
        }
        mix(toQuery as Float32Array, slopes, key, first, false);
        mix(toKey as Float32Array, slopes, query, first, true);
      }
    },
  };
}

function softmax(row: Float64Array, scale: number): void {
  let most = Number.NEGATIVE_INFINITY;
  for (const x of row) most = Math.max(most, x);
  let sum = 0;
  for (let i = 0; i < row.length; ++i) {
    row[i] = exp(scale * ((row[i] as number) - most));
    sum += row[i] as number;
  }
  for (let i = 0; i < row.length; ++i) row[i] = (row[i] as number) / sum;
}
