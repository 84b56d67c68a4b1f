/**
 * Orthogonal matrices, uniformly distributed (Haar), as products of Householder reflectors of normal vectors.
 * Stewart, "The efficient generation of random orthogonal matrices", SIAM J. Numer. Anal. 17, 1980; in blocks: Schreiber and
 * Van Loan, "A storage-efficient WY representation for products of Householder transformations", 1989.
 *
 * Let x_k be a normal vector of length m - k, k = 0 to n - 1, and H_k the reflector that maps it to -sign(x) |x| e_1, with
 * x its first element. Q = H_0 H_1 ... H_(n-1) [I; 0] D, D = diag(-sign(x)), is what the QR decomposition of a normal matrix
 * gives when R's diagonal is made positive, without the matrix and the R: m x n, its columns orthonormal. Without D it is
 * not uniform.
 *
 * 32 reflectors are a block I - U T U^T, and a block is three products of matrices. Columns of Q do not know each other: a
 * slab of 64 (f64: 32) goes through all blocks, the last first, and stays in the cache.
 *
 * Twin: assembly/orthogonal.ts. Specification: docs/stream.md, "orthogonal".
 */
import { matmul, type Product } from "./matmul.js";

export const PANEL = 32; // reflectors of a block
const SLAB = 256; // bytes
const DEPTH = 256; // rows that a product sums in one go

type Floats = Float32Array | Float64Array;

/** The blocks of reflectors of an m x n matrix: panels of (m - 32 block) x 32 elements, one after the other. */
export function panels(rows: number, columns: number): { readonly count: number; readonly elements: number } {
  const count = Math.ceil(columns / PANEL);
  return { count, elements: panelAt(rows, count) };
}

/** Where a block's panel begins, in elements. */
export const panelAt = (rows: number, block: number): number =>
  (block * rows - ((block * (block - 1)) / 2) * PANEL) * PANEL;

export const slabWidth = (bytes: number): number => SLAB / bytes;

/** Reflectors of all blocks: vectors, triangles (transposed) and signs. */
export interface Reflectors {
  readonly rows: number;
  readonly columns: number;
  /** Normal values at first. */
  readonly vectors: Floats;
  readonly triangles: Floats;
  readonly signs: Floats;
}

/** Normal values of a block become the vectors u of reflectors I - tau u u^T, and its triangle the T of their product. */
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
  for (let q = 0; q < PANEL; ++q) {
    signs[block * PANEL + q] = 0;
    if (q >= count) continue;
    const head = vectors[at + q * PANEL + q] as number;
    const all = sums[q] as number;
    const norm = Math.sqrt(all);
    scales[q] = 1 / (head < 0 ? head - norm : head + norm);
    signs[block * PANEL + q] = head < 0 ? 1 : -1;
    const e = scales[q] as number;
    sums[q] = 2 / (1 + (all - head * head) * e * e); // tau, for e as it was rounded
  }
  for (let i = 0; i < left * PANEL; ++i) {
    vectors[at + i] = (vectors[at + i] as number) * (scales[i % PANEL] as number);
  }
  for (let q = 0; q < count; ++q) vectors[at + q * PANEL + q] = 1;

  const gram = vectors.slice(0, PANEL * PANEL).fill(0);
  product({ c: gram, atC: 0, a: vectors, atA: at, b: vectors, atB: at, columns: PANEL, strideB: PANEL }, 0, left);
  const from = block * PANEL * PANEL;
  const round = double ? (x: number) => x : Math.fround;
  triangles.fill(0, from, from + PANEL * PANEL);
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

/** The sum of squares of each column, in double precision, row by row. */
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

/** C += A^T B over rows [begin, end) of a panel A and of B, DEPTH rows at a time, counted from row 32. */
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
 * Columns [first, first + 64 or 32) of the product of all reflectors and the signs, times the gain: as columns of `q`, or as
 * its rows where it is not tall.
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
    // Columns right of the block are still 0 in its rows.
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
