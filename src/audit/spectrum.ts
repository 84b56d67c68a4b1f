/** The largest singular value of a matrix, by block Lanczos steps. */

import type { Reading } from "../checkpoint/stored.js";
import { engine } from "../engine/choose.js";
import { bytesOfMatrix, columnsOf, products } from "../engine/product.js";
import { fill } from "../init.js";
import { normal } from "../scheme/named.js";

const VECTORS = 8; // multiplied together: as many as the kernel of the product takes at a time
const MOST_STEPS = 60;
const CLOSE = 1e-3; // relative change between steps at which the iteration stops
const SLAB = 256; // rows that both products of a step are made of while they are in the cache
const LOST = 1e-5; // what is left of a vector after so much of it is taken away is rounding

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
 * The largest singular value, by the block Lanczos method (Golub and Underwood, "The block Lanczos method for computing
 * eigenvalues", 1977). It is approached from below, to within a percent if the largest values are close to each other, as in
 * random matrices. Power iteration takes three times as many steps to come as close (measured).
 */
export function* largestSingularValue(matrix: MatrixReader): Reading<number> {
  const { rows, columns } = matrix;
  const most = Math.min(rows, matrix.rowsAtOnce);
  const width = columnsOf(columns); // the columns beyond the matrix are and stay 0
  const block = [VECTORS, width] as const;
  const square = [VECTORS, VECTORS] as const;
  const sizes = [[most, width], [width, VECTORS], [SLAB, VECTORS], square, square, block, block, block] as const;
  const made = products(
    engine().name,
    sizes.reduce((sum, [a, b]) => sum + bytesOfMatrix(a, b), 0),
  );
  const [slice, turned, image, gram, weights, ...blocks] = sizes.map(([a, b]) => made.matrix(a, b)) as Eight;
  let [previous, current, next] = blocks;
  const largest = yield* largestEntry(matrix, most, slice, width);
  if (largest === 0) return 0;
  fill(current.subarray(0, VECTORS * columns), [VECTORS, columns], normal({ std: 1 }), { seed: 0, name: "spectrum" });
  padRows(current, columns, width);
  orthonormalize(current, width, LOST * Math.sqrt(columns));
  const projected = new Projected();
  let before = 0;
  for (let step = 0; step < MOST_STEPS; ++step) {
    transpose(turned, current, width);
    next.fill(0);
    const inner = squareOf();
    for (let first = 0; first < rows; first += most) {
      const count = Math.min(most, rows - first);
      if (most < rows) yield* readScaled(matrix, first, count, slice, width, largest);
      for (let at = 0; at < count; at += SLAB) {
        const slab = { values: slice.subarray(at * width), rows: Math.min(SLAB, count - at), columns: width };
        made.multiply(image, slab, turned, VECTORS);
        const across = { values: image, rows: VECTORS, columns: slab.rows, transposed: true };
        made.multiply(gram, across, image, VECTORS);
        addTo(inner, gram);
        made.accumulate(next, across, slab.values, width);
      }
    }
    projected.extend(inner);
    const square = projected.largestEigenvalue();
    const value = largest * Math.sqrt(square);
    if (Math.abs(value - before) <= CLOSE * value) return value;
    before = value;
    made.accumulate(next, minus(weights, inner), current, width);
    made.accumulate(next, minus(weights, projected.coupling), previous, width);
    [previous, current, next] = [current, next, previous];
    projected.coupling = orthonormalize(current, width, LOST * square);
  }
  return before;
}

type Eight = [
  Float32Array,
  Float32Array,
  Float32Array,
  Float32Array,
  Float32Array,
  Float32Array,
  Float32Array,
  Float32Array,
];

/** A square of VECTORS rows. */
type Square = readonly Float64Array[];

const squareOf = (): Square => Array.from({ length: VECTORS }, () => new Float64Array(VECTORS));

function addTo(sum: Square, floats: Float32Array): void {
  for (const [p, row] of sum.entries()) {
    for (let q = 0; q < VECTORS; ++q) row[q] = (row[q] as number) + (floats[p * VECTORS + q] as number);
  }
}

/** Minus a square, as an operand. */
function minus(values: Float32Array, square: Square) {
  for (const [p, row] of square.entries())
    values.set(
      row.map((x) => -x),
      p * VECTORS,
    );
  return { values, rows: VECTORS, columns: VECTORS };
}

/** What the square of the matrix is between the vectors so far: a symmetric matrix of squares along its diagonal and beside it. */
class Projected {
  readonly #rows: Float64Array[] = [];
  /** The last vectors are what the ones before become, times this. */
  coupling: Square = squareOf();
  #largest = 0;

  extend(inner: Square): void {
    const before = this.#rows.length - VECTORS;
    for (const [p, row] of inner.entries()) {
      const line = new Float64Array(before + VECTORS + p + 1); // up to the diagonal
      for (let q = 0; q < VECTORS && before >= 0; ++q) line[before + q] = this.coupling[p]?.[q] as number;
      line.set(row.subarray(0, p + 1), before + VECTORS);
      this.#rows.push(line);
    }
  }

  /** By bisection: x minus the matrix has a Cholesky decomposition if x is larger than all eigenvalues. */
  largestEigenvalue(): number {
    let low = this.#rows.reduce((most, row) => Math.max(most, row.at(-1) as number), this.#largest);
    let high = 1.1 * low;
    for (; low > 0 && !this.#isBelow(high); high *= 1.5) low = high;
    while (high - low > 1e-5 * low) {
      const middle = (low + high) / 2;
      if (this.#isBelow(middle)) high = middle;
      else low = middle;
    }
    this.#largest = low; // with more vectors it only becomes larger
    return low;
  }

  #isBelow(x: number): boolean {
    const factors: Float64Array[] = [];
    const pivots: number[] = [];
    for (const [i, row] of this.#rows.entries()) {
      const factor = new Float64Array(i);
      const begin = Math.max(0, i - 2 * VECTORS);
      let pivot = x - (row[i] as number);
      for (let j = begin; j < i; ++j) {
        const other = factors[j] as Float64Array;
        let sum = -(row[j] as number);
        for (let k = begin; k < j; ++k) sum -= (factor[k] as number) * (other[k] as number) * (pivots[k] as number);
        factor[j] = sum / (pivots[j] as number);
        pivot -= sum * (factor[j] as number);
      }
      if (!(pivot > 0)) return false;
      factors.push(factor);
      pivots.push(pivot);
    }
    return true;
  }
}

/** Rows of `columns` values, one after the other, become rows of `width`. */
function padRows(rows: Float32Array, columns: number, width: number): void {
  for (let p = VECTORS - 1; p > 0; --p) {
    rows.copyWithin(p * width, p * columns, (p + 1) * columns);
  }
  for (let p = 0; p < VECTORS; ++p) rows.fill(0, p * width + columns, (p + 1) * width);
}

function transpose(to: Float32Array, rows: Float32Array, width: number): void {
  for (let i = 0; i < width; ++i) {
    for (let p = 0; p < VECTORS; ++p) to[i * VECTORS + p] = rows[p * width + i] as number;
  }
}

/**
 * Gram-Schmidt, of rows in place. A row of which no more than `lost` is left becomes 0.
 *
 * @returns what times the new rows gives the old ones, transposed.
 */
function orthonormalize(rows: Float32Array, width: number, lost: number): Square {
  const coefficients = squareOf();
  const done: Float64Array[] = [];
  for (let p = 0; p < VECTORS; ++p) {
    const row = rows.subarray(p * width, (p + 1) * width);
    const one = Float64Array.from(row);
    for (const [q, other] of done.entries()) {
      const along = dot(one, other);
      for (let i = 0; i < width; ++i) one[i] = (one[i] as number) - along * (other[i] as number);
      (coefficients[q] as Float64Array)[p] = along;
    }
    const left = Math.sqrt(dot(one, one));
    const scale = left > lost ? 1 / left : 0;
    if (scale > 0) (coefficients[p] as Float64Array)[p] = left;
    for (let i = 0; i < width; ++i) one[i] = (one[i] as number) * scale;
    row.set(one);
    done.push(one);
  }
  return coefficients;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; ++i) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

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
