/**
 * Matrix multiplication, C += A B or C -= A B. Every element of A B is a single sum over the depth, in order, in a
 * register.
 * Twin: src/kernel/matmul.ts. Specification: docs/stream.md, "matrix products".
 *
 * A tile has four rows and two vectors of columns. Its eight sums in flight hide the latency of an addition, and with
 * two vectors of B and one of A they fit into sixteen registers.
 */

/** What is done with the product, and which terms of A are 0 and left out: that changes no bit of a sum. */
export const ADD: i32 = 0; // C += A B
export const SUBTRACT: i32 = 1; // C -= A B
export const ADD_UPPER: i32 = 2; // C += A B, where A is 0 left of its diagonal
export const SUBTRACT_LOWER: i32 = 3; // C -= A B, where A is 0 right of its diagonal

/**
 * `rows` is a multiple of 4, `columns` of 8 (f64: 4). Strides are in bytes; those of A lead from row to row and along
 * the depth.
 */
export function matmul32(
  c: usize, a: usize, b: usize, rows: usize, columns: usize, depth: usize,
  strideC: usize, rowsA: usize, depthA: usize, strideB: usize, subtract: bool,
): void {
  matmul<f32>(c, a, b, rows, columns, depth, strideC, rowsA, depthA, strideB, i32(subtract));
}

export function matmul64(
  c: usize, a: usize, b: usize, rows: usize, columns: usize, depth: usize,
  strideC: usize, rowsA: usize, depthA: usize, strideB: usize, subtract: bool,
): void {
  matmul<f64>(c, a, b, rows, columns, depth, strideC, rowsA, depthA, strideB, i32(subtract));
}

export function matmul<T>(
  c: usize, a: usize, b: usize, rows: usize, columns: usize, depth: usize,
  strideC: usize, rowsA: usize, depthA: usize, strideB: usize, kind: i32,
): void {
  for (const end = b + columns * sizeof<T>(); b < end; b += 32, c += 32) {
    let x = a, to = c;
    for (let i: usize = 0; i < rows; i += 4, x += 4 * rowsA, to += 4 * strideC) {
      const first: usize = kind == ADD_UPPER ? i : 0;
      const last: usize = kind == SUBTRACT_LOWER ? min(depth, i + 4) : depth;
      tile<T>(to, x + first * depthA, b + first * strideB, b + last * strideB, strideC, rowsA, depthA, strideB, kind);
    }
  }
}

/** Terms up to row `end` of B. Each pointer that moves takes an instruction a term, of some thirty, so none counts terms. */
@inline
function tile<T>(
  c: usize, a: usize, b: usize, end: usize,
  strideC: usize, rowsA: usize, depthA: usize, strideB: usize, kind: i32,
): void {
  let c00 = i32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  let a1 = a + rowsA, a2 = a1 + rowsA, a3 = a2 + rowsA;
  for (; b < end; b += strideB) {
    const b0 = v128.load(b, 0), b1 = v128.load(b, 16);
    const x0 = v128.load_splat<T>(a);
    c00 = v128.add<T>(c00, v128.mul<T>(x0, b0));
    c01 = v128.add<T>(c01, v128.mul<T>(x0, b1));
    const x1 = v128.load_splat<T>(a1);
    c10 = v128.add<T>(c10, v128.mul<T>(x1, b0));
    c11 = v128.add<T>(c11, v128.mul<T>(x1, b1));
    const x2 = v128.load_splat<T>(a2);
    c20 = v128.add<T>(c20, v128.mul<T>(x2, b0));
    c21 = v128.add<T>(c21, v128.mul<T>(x2, b1));
    const x3 = v128.load_splat<T>(a3);
    c30 = v128.add<T>(c30, v128.mul<T>(x3, b0));
    c31 = v128.add<T>(c31, v128.mul<T>(x3, b1));
    a += depthA;
    a1 += depthA;
    a2 += depthA;
    a3 += depthA;
  }
  const sign = v128.splat<T>(kind & 1 ? <T>-0.0 : <T>0);
  row<T>(c, c00, c01, sign);
  row<T>(c + strideC, c10, c11, sign);
  row<T>(c + 2 * strideC, c20, c21, sign);
  row<T>(c + 3 * strideC, c30, c31, sign);
}

/** Adds sums to C, with their signs changed where `sign` has a 1: one path, and fewer bytes than two (measured: 3% faster). */
@inline
function row<T>(c: usize, x: v128, y: v128, sign: v128): void {
  v128.store(c, v128.add<T>(v128.load(c, 0), v128.xor(x, sign)), 0);
  v128.store(c, v128.add<T>(v128.load(c, 16), v128.xor(y, sign)), 16);
}
