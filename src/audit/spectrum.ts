/** The largest singular value of a matrix, by power iteration, and the one that its distribution predicts. */

import type { Reading } from "../checkpoint/stored.js";
import type { Unsplit } from "../distribution.js";
import { engine } from "../engine/choose.js";
import { bytesOfMatrix, columnsOf, products } from "../engine/product.js";
import { fill } from "../init.js";
import { digits } from "../math/digits.js";
import { eigenvalues } from "../math/eigen.js";
import { isRandom, meanOf, stdOf, subGaussianOf, supportOf } from "../moments.js";
import { normal } from "../scheme/named.js";
import type { Finding } from "./found.js";

const VECTORS = 8; // iterated together: as many as the kernel of the product takes at a time
const MOST_STEPS = 60;
const CLOSE = 5e-4; // relative change between steps at which the iteration stops

/** A matrix whose rows can be read a few at a time. */
export interface MatrixReader {
  readonly rows: number;
  readonly columns: number;
  /** Most rows that fit into memory. */
  readonly rowsAtOnce: number;
  /** Reads `count` rows from row `first` on, as floats, one row `stride` floats after the other. */
  read(first: number, count: number, to: Float32Array, stride: number): Reading<void>;
}

/**
 * The largest singular value, by power iteration of a few vectors together (Golub and Van Loan 2013, section 8.2.4). It is
 * approached from below, to within a few percent if the largest values are close to each other, as in random matrices.
 */
export function* largestSingularValue(matrix: MatrixReader): Reading<number> {
  const { rows, columns } = matrix;
  const most = Math.min(rows, matrix.rowsAtOnce);
  const width = columnsOf(columns); // the columns beyond the matrix are and stay 0
  const sizes = [
    [most, width],
    [width, VECTORS],
    [most, VECTORS],
    [VECTORS, width],
    [VECTORS, VECTORS],
  ] as const;
  const { matrix: allocate, multiply } = products(
    engine().name,
    sizes.reduce((sum, [a, b]) => sum + bytesOfMatrix(a, b), 0),
  );
  const [slice, vectors, image, back, gram] = sizes.map(([a, b]) => allocate(a, b)) as Five;
  const largest = yield* largestEntry(matrix, most, slice, width);
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
      if (most < rows) yield* readScaled(matrix, first, count, slice, width, largest);
      multiply(image, { values: slice, rows: count, columns: width }, vectors, VECTORS);
      const turned = { values: image, rows: VECTORS, columns: count, transposed: true };
      multiply(gram, turned, image, VECTORS);
      for (const [p, row] of grams.entries()) {
        for (let q = 0; q < VECTORS; ++q) row[q] = (row[q] as number) + (gram[p * VECTORS + q] as number);
      }
      multiply(back, turned, slice, width);
      for (let i = 0; i < sum.length; ++i) sum[i] = (sum[i] as number) + (back[i] as number);
    }
    const value = largest * Math.sqrt(Math.max(0, ...eigenvalues(grams)));
    if (Math.abs(value - before) <= CLOSE * value) return value;
    before = value;
  }
  return before;
}

type Five = [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];

/**
 * The largest magnitude in the first slice that is not all 0. Entries are divided by it, since squares of tiny ones would
 * underflow. If the whole matrix is one slice, `slice` holds it afterwards, divided.
 */
function* largestEntry(matrix: MatrixReader, most: number, slice: Float32Array, width: number): Reading<number> {
  let largest = 0;
  for (let first = 0; first < matrix.rows && largest === 0; first += most) {
    const count = Math.min(most, matrix.rows - first);
    yield* matrix.read(first, count, slice, width);
    for (let i = 0; i < count * width; ++i) {
      const size = Math.abs(slice[i] as number);
      if (size > largest && size < Number.POSITIVE_INFINITY) largest = size;
    }
    if (most >= matrix.rows && largest > 0) divide(slice, count * width, largest);
  }
  return largest;
}

function* readScaled(
  matrix: MatrixReader,
  first: number,
  count: number,
  to: Float32Array,
  width: number,
  scale: number,
): Reading<void> {
  yield* matrix.read(first, count, to, width);
  divide(to, count * width, scale);
}

/** NaN and infinities become 0; another check reports them. */
function divide(values: Float32Array, count: number, by: number): void {
  for (let i = 0; i < count; ++i) {
    const x = (values[i] as number) / by;
    values[i] = x - x === 0 ? x : 0;
  }
}

/** Gram-Schmidt, from the rows of `vectors` to the columns of `to`. A vector that depends on the others becomes 0. */
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

/** The expected value; undefined if the distribution is not known. */
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
 * Checks that the value is not larger than the distribution plausibly makes it: for normal distributions by Davidson and
 * Szarek 2001, theorem 2.13; for bounded ones by Talagrand's inequality around the expected value.
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
  const parameter = isRandom(distribution) ? subGaussianOf(distribution) : 0;
  const [low, high] = isRandom(distribution) ? supportOf(distribution) : [0, 0];
  const bounded = isRandom(distribution) && distribution.kind !== "normal";
  const room = bounded ? 4 * Math.min(9 * parameter, high - low) * Math.sqrt(t) : parameter * Math.sqrt(2 * t);
  const most = distribution.kind === "orthogonal" ? 1e-2 * expected : room;
  const sentence = `largest singular value ${digits(value, 4)}, expected ${digits(expected, 4)}`;
  return [{ check: "spectrum", excess: Math.max(0, value - expected) / most, sentence }];
}
