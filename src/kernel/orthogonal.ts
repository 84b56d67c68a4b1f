/**
 * Orthogonal matrices, uniformly distributed (Haar), as products of Householder reflectors of normal vectors.
 * Stewart, "The efficient generation of random orthogonal matrices", SIAM J. Numer. Anal. 17, 1980; in blocks:
 * Schreiber and Van Loan, "A storage-efficient WY representation for products of Householder transformations", 1989.
 *
 * For k = 0 to n - 1, let x_k be a normal vector of length m - k, and H_k the reflector that maps it to -sign(x) |x|
 * e_1, where x is its first element. Q = H_0 H_1 ... H_(n-1) [I; 0] D, with D = diag(-sign(x)), is m x n and has
 * orthonormal columns. It is what the QR decomposition of a normal matrix gives if R has a positive diagonal, but
 * neither that matrix nor R is made. Without D it would not be uniform.
 *
 * 32 reflectors form a block I - U T U^T, which is applied by three matrix products. The columns of Q are independent,
 * so a slab of 64 of them (f64: 32) goes through all blocks, the last one first, and stays in the cache.
 *
 * Twin: assembly/orthogonal.ts. Specification: docs/stream.md, "orthogonal".
 */
import { type Floats, matmul, type Product } from "./matmul.js";

export const PANEL = 32; // reflectors in a block
const SLAB = 256; // bytes in a row of a slab
const DEPTH = 256; // rows that a product sums at a time

/**
 * The blocks of reflectors of an m x n matrix: how many there are, and the elements of their panels. The panel of a
 * block has (m - 32 block) x 32 elements; panels lie one after the other.
 */
export function panels(rows: number, columns: number): { readonly count: number; readonly elements: number } {
  const count = Math.ceil(columns / PANEL);
  return { count, elements: panelAt(rows, count) };
}

/** The element where a block's panel begins. */
export const panelAt = (rows: number, block: number): number =>
  (block * rows - ((block * (block - 1)) / 2) * PANEL) * PANEL;

/** Columns in a slab. */
export const slabWidth = (bytes: number): number => SLAB / bytes;

/** The reflectors of all blocks: vectors u, triangles T (transposed) and signs. */
export interface Reflectors {
  readonly rows: number;
  readonly columns: number;
  /** At first the normal values that the reflectors are made from. */
  readonly vectors: Floats;
  /** At first 0. */
  readonly triangles: Floats;
  readonly signs: Floats;
}

/** Turns a block's normal values into the vectors u of reflectors I - tau u u^T, and writes their triangle T. */
export function reflect({ rows, columns, vectors, triangles, signs }: Reflectors, block: number): void {
  const double = vectors instanceof Float64Array;
  const at = panelAt(rows, block);
  const left = rows - PANEL * block;
  const count = Math.min(PANEL, columns - PANEL * block);
  for (let q = 0; q < PANEL; ++q) {
    for (let i = 0; i < Math.min(q, left); ++i) vectors[at + i * PANEL + q] = 0;
  }
  const sums = squares(vectors, at, left);
  const scales = vectors.slice(0, PANEL).fill(0); // unused columns become 0
  for (let q = 0; q < count; ++q) {
    const head = vectors[at + q * PANEL + q] as number;
    const all = sums[q] as number;
    const norm = Math.sqrt(all);
    scales[q] = 1 / (head < 0 ? head - norm : head + norm);
    signs[block * PANEL + q] = head < 0 ? 1 : -1;
    const e = scales[q] as number;
    sums[q] = 2 / (1 + (all - head * head) * e * e); // tau, from the rounded e
  }
  for (let i = 0; i < left * PANEL; ++i) {
    vectors[at + i] = (vectors[at + i] as number) * (scales[i % PANEL] as number);
  }
  for (let q = 0; q < count; ++q) vectors[at + q * PANEL + q] = 1;

  const gram = vectors.slice(0, PANEL * PANEL).fill(0);
  product({ c: gram, atC: 0, a: vectors, atA: at, b: vectors, atB: at, columns: PANEL, strideB: PANEL }, 0, left);
  const from = block * PANEL * PANEL;
  const round = double ? (x: number) => x : Math.fround;
  for (let k = 0; k < count; ++k) {
    const tau = round(sums[k] as number);
    const column = from + k * PANEL;
    for (let i = 0; i < PANEL; ++i) {
      let sum = 0;
      for (let j = 0; j < k; ++j) {
        sum = round(sum + round((triangles[from + j * PANEL + i] as number) * (gram[j * PANEL + k] as number)));
      }
      triangles[column + i] = sum * -tau;
    }
    triangles[column + k] = tau;
  }
}

/** The sum of squares of each column, row by row, in double precision. */
function squares(vectors: Floats, at: number, rows: number): Float64Array {
  const sums = new Float64Array(PANEL);
  for (let i = 0; i < rows; ++i) {
    for (let q = 0; q < PANEL; ++q) {
      const x = vectors[at + i * PANEL + q] as number;
      sums[q] = (sums[q] as number) + x * x;
    }
  }
  return sums;
}

/** C += A^T B over rows [begin, end) of a panel A and of B: rows 0 to 31 first, then DEPTH rows at a time. */
function product(
  parts: Pick<Product, "c" | "atC" | "a" | "atA" | "b" | "atB" | "columns" | "strideB">,
  begin: number,
  end: number,
): void {
  for (let row = begin; row < end; ) {
    const border = Math.min(end, row < PANEL ? PANEL : row + DEPTH);
    matmul({
      ...parts,
      atA: parts.atA + row * PANEL,
      atB: parts.atB + row * parts.strideB,
      rows: PANEL,
      depth: border - row,
      strideC: parts.strideB,
      rowsA: 1,
      depthA: PANEL,
      subtract: false,
    });
    row = border;
  }
}

/**
 * Writes columns [first, first + 64), or of f64 [first, first + 32), of the product of all reflectors and the signs,
 * times the gain: as columns of `q` if it is tall, else as rows.
 */
export function orthogonal(q: Floats, reflectors: Reflectors, first: number, gain: number, tall: boolean): void {
  const { rows, columns, vectors, triangles, signs } = reflectors;
  const width = slabWidth(vectors.BYTES_PER_ELEMENT);
  const count = Math.min(width, columns - first);
  const make = (length: number): Floats =>
    vectors instanceof Float64Array ? new Float64Array(length) : new Float32Array(length);
  const slab = make(rows * width);
  const w = make(PANEL * width);
  const v = make(PANEL * width);
  for (let c = 0; c < count; ++c) slab[(first + c) * width + c] = signs[first + c] as number;
  for (let block = Math.floor((first + count - 1) / PANEL); block >= 0; --block) {
    const above = block * PANEL;
    const left = rows - above;
    const atA = panelAt(rows, block);
    const atB = above * width;
    w.fill(0);
    v.fill(0);
    const inner = { columns: width, strideB: width };
    // Columns to the right of the block are still 0 in its own 32 rows.
    product({ c: w, atC: 0, a: vectors, atA, b: slab, atB, ...inner }, first >= above + PANEL ? PANEL : 0, left);
    const outer = { ...inner, b: w, atB: 0, rows: PANEL, depth: PANEL, strideC: width };
    const t = { a: triangles, atA: block * PANEL * PANEL, rowsA: 1, depthA: PANEL };
    matmul({ ...outer, ...t, c: v, atC: 0, subtract: false });
    const u = { a: vectors, atA, rows: left, rowsA: PANEL, depthA: 1 };
    matmul({ ...outer, ...u, b: v, c: slab, atC: atB, subtract: true });
  }
  const factor = vectors instanceof Float64Array ? gain : Math.fround(gain);
  for (let i = 0; i < rows; ++i) {
    for (let c = 0; c < count; ++c) {
      const to = tall ? i * columns + first + c : (first + c) * rows + i;
      q[to] = (slab[i * width + c] as number) * factor;
    }
  }
}
