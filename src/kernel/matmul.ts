/**
 * Matrix multiplication, C += A B or C -= A B. Every element of A B is a single sum over the depth, in order.
 * Twin: assembly/matmul.ts. Specification: docs/stream.md, "matrix products".
 */
const f32 = Math.fround;

export type Floats = Float32Array | Float64Array;

/** Three matrices within arrays. Where they begin (`atC` ...) and their strides count elements. */
export interface Product {
  readonly c: Floats;
  readonly a: Floats;
  readonly b: Floats;
  readonly atC: number;
  readonly atA: number;
  readonly atB: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly strideC: number;
  /** Strides of A: from row to row, and along the depth. */
  readonly rowsA: number;
  readonly depthA: number;
  readonly strideB: number;
  readonly subtract: boolean;
}

/** Computes C += A B, or C -= A B with `subtract`, in the precision of the arrays. */
export function matmul(product: Product): void {
  const { c, a, b, atC, atA, atB, rows, columns, depth, strideC, rowsA, depthA, strideB, subtract } = product;
  const single = c instanceof Float32Array;
  for (let i = 0; i < rows; ++i) {
    for (let j = 0; j < columns; ++j) {
      let sum = 0;
      for (let k = 0, x = atA + i * rowsA, y = atB + j; k < depth; ++k, x += depthA, y += strideB) {
        const term = (a[x] as number) * (b[y] as number);
        sum = single ? f32(sum + f32(term)) : sum + term;
      }
      const at = atC + i * strideC + j;
      c[at] = (c[at] as number) + (subtract ? -sum : sum);
    }
  }
}
