/**
 * An affine map, C = A B + biases: each bias, plus a sum over the depth, in order.
 * Twin: assembly/affine.ts.
 */
import { type Floats, matmul, type Product } from "./matmul.js";

/** Computes C = A B, plus biases[i] in row i if there are any. */
export function affine(product: Omit<Product, "subtract">, biases?: Floats): void {
  const { c, atC, strideC, rows, columns } = product;
  for (let i = 0; i < rows; ++i) {
    const at = atC + i * strideC;
    c.fill((biases?.[i] ?? 0) as number, at, at + columns);
  }
  matmul({ ...product, subtract: false });
}
