/** The largest singular value of a matrix, by power iteration, and the largest that a law makes. */

import type { Unsplit } from "../distribution.js";
import { engine } from "../engine/choose.js";
import { bytesOfMatrix, columnsOf, products } from "../engine/product.js";
import { fill } from "../init.js";
import { digits } from "../math/digits.js";
import { eigenvalues } from "../math/eigen.js";
import { isRandom, meanOf, stdOf, subGaussianOf, supportOf } from "../moments.js";
import { normal } from "../scheme/scheme.js";
import type { Finding } from "./check.js";

const VECTORS = 8; // that are iterated together, as many as the product's kernel takes at a time
const MOST_STEPS = 60;
const CLOSE = 5e-4; // relative change between steps, at which it stops

/** A matrix in so many rows at a time, as floats, row-major, `stride` apart. */
export interface Blocks {
  readonly rows: number;
  readonly columns: number;
  readonly rowsAtOnce: number;
  read(first: number, count: number, to: Float32Array, stride: number): void;
}

/**
 * By power iteration of a few vectors together (Golub and Van Loan 2013, section 8.2.4), from below; within a few percent
 * where the largest values are close to each other, as those of random matrices are.
 */
export function largestSingularValue(blocks: Blocks): number {
  const { rows, columns } = blocks;
  const most = Math.min(rows, blocks.rowsAtOnce);
  const width = columnsOf(columns); // what is beyond the columns is 0, and stays it
  const bytes = [
    [most, width],
    [width, VECTORS],
    [most, VECTORS],
    [VECTORS, width],
    [VECTORS, VECTORS],
  ] as const;
  const made = products(
    engine().name,
    bytes.reduce((sum, [a, b]) => sum + bytesOfMatrix(a, b), 0),
  );
  const [block, vectors, image, back, gram] = bytes.map(([a, b]) => made.matrix(a, b)) as Five;
  const largest = scaleOf(blocks, most, block, width);
  if (largest === 0) return 0;
  const sum = new Float32Array(VECTORS * width);
  fill(sum.subarray(0, VECTORS * columns), [VECTORS, columns], normal({ std: 1 }), { seed: 0, name: "spectrum" });
  let before = 0;
  for (let step = 0; step < MOST_STEPS; ++step) {
    orthonormalize(vectors, sum, width);
    sum.fill(0);
    const grams = Array.from({ length: VECTORS }, () => new Float64Array(VECTORS));
    for (let first = 0; first < rows; first += most) {
      const count = Math.min(most, rows - first);
      if (most < rows) load(blocks, first, count, block, width, largest);
      made.multiply(image, { values: block, rows: count, columns: width }, vectors, VECTORS);
      const turned = { values: image, rows: VECTORS, columns: count, transposed: true };
      made.multiply(gram, turned, image, VECTORS);
      for (const [p, row] of grams.entries()) {
        for (let q = 0; q < VECTORS; ++q) row[q] = (row[q] as number) + (gram[p * VECTORS + q] as number);
      }
      made.multiply(back, turned, block, width);
      for (let i = 0; i < sum.length; ++i) sum[i] = (sum[i] as number) + (back[i] as number);
    }
    const value = largest * Math.sqrt(Math.max(0, ...eigenvalues(grams)));
    if (Math.abs(value - before) <= CLOSE * value) return value;
    before = value;
  }
  return before;
}

type Five = [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];

/** The largest of the values, by which they are divided: squares of tiny ones are no floats. A single block is ready then. */
function scaleOf(blocks: Blocks, most: number, block: Float32Array, width: number): number {
  let largest = 0;
  for (let first = 0; first < blocks.rows && largest === 0; first += most) {
    const count = Math.min(most, blocks.rows - first);
    blocks.read(first, count, block, width);
    for (let i = 0; i < count * width; ++i) {
      const size = Math.abs(block[i] as number);
      if (size > largest && size < Number.POSITIVE_INFINITY) largest = size;
    }
    if (most >= blocks.rows && largest > 0) divide(block, count * width, largest);
  }
  return largest;
}

function load(blocks: Blocks, first: number, count: number, to: Float32Array, width: number, scale: number): void {
  blocks.read(first, count, to, width);
  divide(to, count * width, scale);
}

/** What is no number counts as 0, and is told of elsewhere. */
function divide(values: Float32Array, count: number, by: number): void {
  for (let i = 0; i < count; ++i) {
    const x = (values[i] as number) / by;
    values[i] = x - x === 0 ? x : 0;
  }
}

/** By Gram and Schmidt, rows into columns; a vector of which nothing is left is 0. */
function orthonormalize(to: Float32Array, vectors: Float32Array, width: number): void {
  for (let p = 0; p < VECTORS; ++p) {
    const one = Float64Array.from(vectors.subarray(p * width, (p + 1) * width));
    const size = Math.sqrt(dot(one, one));
    for (let q = 0; q < p; ++q) {
      const along = one.reduce((sum, x, i) => sum + x * (to[i * VECTORS + q] as number), 0);
      for (let i = 0; i < width; ++i) one[i] = (one[i] as number) - along * (to[i * VECTORS + q] as number);
    }
    const left = Math.sqrt(dot(one, one));
    for (let i = 0; i < width; ++i) to[i * VECTORS + p] = left > 1e-6 * size ? (one[i] as number) / left : 0;
  }
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);

/** What the law leads one to expect; none where nothing is known. */
export function expectedSingularValue(
  distribution: Unsplit | undefined,
  rows: number,
  columns: number,
): number | undefined {
  if (distribution?.kind === "orthogonal") return Math.abs(distribution.gain);
  if (!isRandom(distribution)) return undefined;
  const [mean, std] = [meanOf(distribution), stdOf(distribution)];
  return std * (Math.sqrt(rows) + Math.sqrt(columns)) + Math.abs(mean) * Math.sqrt(rows * columns);
}

/**
 * That it is not larger than the law makes it. Of a normal law by Davidson and Szarek 2001, theorem 2.13; of bounded ones
 * by Talagrand's inequality about that value.
 */
export function checkSpectrum(
  value: number,
  distribution: Unsplit | undefined,
  rows: number,
  columns: number,
  t: number,
): Finding[] {
  const expected = expectedSingularValue(distribution, rows, columns);
  if (expected === undefined || distribution === undefined) return [];
  const proxy = isRandom(distribution) ? subGaussianOf(distribution) : 0;
  const [low, high] = isRandom(distribution) ? supportOf(distribution) : [0, 0];
  const bounded = isRandom(distribution) && distribution.kind !== "normal";
  const room = bounded ? 4 * Math.min(9 * proxy, high - low) * Math.sqrt(t) : proxy * Math.sqrt(2 * t);
  const most = distribution.kind === "orthogonal" ? 1e-2 * expected : room;
  const sentence = `largest singular value ${digits(value, 4)}, expected ${digits(expected, 4)}`;
  return [{ check: "spectrum", excess: Math.max(0, value - expected) / most, sentence }];
}
