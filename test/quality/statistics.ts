/** Goodness of fit with p-values, as far as the statistical tests need it. */
import { upper } from "../oracle.js";

/**
 * P(X > x) of the chi-square distribution with `df` degrees of freedom, by Wilson and Hilferty 1931: to 1% where p > 1e-6 and
 * df > 30.
 */
export function chiSquareP(x: number, df: number): number {
  const z = (Math.cbrt(x / df) - (1 - 2 / (9 * df))) / Math.sqrt(2 / (9 * df));
  return upper(z);
}

/** Two-sided p-value of a standard normal z. */
export const normalP = (z: number): number => 2 * upper(Math.abs(z));

/** Two-sided p-value of a Poisson count. */
export function poissonP(count: number, mean: number): number {
  if (mean > 1000) return normalP((count - mean) / Math.sqrt(mean));
  let term = Math.exp(-mean);
  let below = 0; // P(X < count)
  for (let k = 0; k < count; ++k) {
    below += term;
    term *= mean / (k + 1);
  }
  return Math.min(1, 2 * Math.min(below + term, 1 - below));
}

/** Pearson's statistic of counts with equal expectations. `join` bins in a row count as one. */
export function chiSquare(counts: ArrayLike<number>, total: number, join = 1): number {
  const expected = (total * join) / counts.length;
  let sum = 0;
  for (let bin = 0; bin < counts.length; bin += join) {
    let count = 0;
    for (let i = bin; i < bin + join; ++i) count += counts[i] as number;
    sum += (count - expected) ** 2 / expected;
  }
  return sum;
}

/** Counts values in bins. A table of 2^18 cells says at which bin the search for a value begins. */
export class Bins {
  readonly counts: Float64Array;
  readonly #edges: Float64Array;
  readonly #low: number;
  readonly #scale: number;
  readonly #start: Int32Array;

  /** @param edges the inner edges, ascending; there is one more bin than edges. */
  constructor(edges: Float64Array) {
    const cells = 1 << 18;
    this.counts = new Float64Array(edges.length + 1);
    this.#edges = edges;
    this.#low = edges[0] as number;
    this.#scale = cells / ((edges.at(-1) as number) - this.#low);
    this.#start = new Int32Array(cells + 1);
    for (let cell = 0, bin = 0; cell <= cells; ++cell) {
      while (bin < edges.length && (edges[bin] as number) < this.#low + (cell - 1) / this.#scale) ++bin;
      this.#start[cell] = bin;
    }
  }

  add(value: number): void {
    const cell = Math.min(Math.max(0, Math.floor((value - this.#low) * this.#scale)), this.#start.length - 1);
    let bin = this.#start[cell] as number;
    while (bin < this.#edges.length && value >= (this.#edges[bin] as number)) ++bin;
    this.counts[bin] = (this.counts[bin] as number) + 1;
  }
}
