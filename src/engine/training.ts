/** What training computes with, by kernels of its own or by their twins: the same bits. */
import { exportsOf } from "#exports";
import { loadModule } from "#training";
import { affine } from "../kernel/affine.js";
import type { Floats } from "../kernel/matmul.js";
import { type Adaptation, adapt, descend, roll } from "../kernel/optimizer.js";
import { rectify, rectifySlope } from "../kernel/rectify.js";
import { sumRows } from "../kernel/rows.js";
import { multiplyTransposed, type TransposedSize } from "../kernel/transposed.js";
import type { TrainingKernels } from "./abi.js";
import type { EngineName } from "./engine.js";
import { type AddedProduct, type Operand, type Products, products, rowsOf } from "./product.js";

/** What the twins do, which kernels do as well. Arrays are matrices of `TrainingArithmetic`. */
interface TrainingOperations {
  affine(product: AddedProduct, biases?: Floats): void;
  descend(values: Floats, gradient: Floats, rate: number): void;
  roll(values: Floats, gradient: Floats, velocity: Floats, momentum: number, rate: number): void;
  adapt(values: Floats, gradient: Floats, first: Floats, second: Floats, by: Adaptation): void;
  rectify(to: Floats, from: Floats): void;
  rectifySlope(to: Floats, gradient: Floats, preactivation: Floats): void;
  sumRows(to: Floats, from: Floats, rows: number, columns: number, stride: number): void;
  multiplyTransposed(c: Floats, a: Floats, b: Floats, size: TransposedSize): void;
}

/** Matrices in one memory, and what is done to them. */
export interface TrainingArithmetic extends TrainingOperations, Pick<Products<Floats>, "matrix"> {
  /** c = a b, plus in each row its bias. The rows of b and of c are `columnsOf(columns)` floats apart. */
  multiply(c: Floats, a: Operand<Floats>, b: Floats, columns: number, biases?: Floats): void;
}

const TWINS: TrainingOperations = { affine, descend, roll, adapt, rectify, rectifySlope, sumRows, multiplyTransposed };

/** @param bytes of all matrices together, as if they were f32. */
export function trainingArithmetic(engine: EngineName, bytes: number, dtype: "f32" | "f64"): TrainingArithmetic {
  const made = (dtype === "f32" ? products(engine, bytes) : products(engine, bytes, "f64")) as Products<Floats>;
  const { matrix, memory, turned } = made;
  const kernels = dtype === "f32" && memory !== undefined ? kernelsOn(memory) : undefined;
  const operations = kernels === undefined ? TWINS : byKernels(kernels, turned.byteOffset);
  return {
    ...operations,
    matrix,
    multiply(c, a, b, columns, biases) {
      made.accumulate(c, a, b, columns, (slice) => {
        operations.affine(slice, biases?.subarray(slice.atC / slice.strideC));
      });
    },
  };
}

let module: WebAssembly.Module | undefined;

/** Undefined where the runtime may not compile them, and its bundler has not: the twins are slower. */
function kernelsOn(memory: WebAssembly.Memory): TrainingKernels | undefined {
  try {
    module ??= loadModule();
    return exportsOf(module, memory) as unknown as TrainingKernels;
  } catch {
    return undefined;
  }
}

/** Bytes of a float. */
const SIZE = 4;

const byKernels = (kernels: TrainingKernels, scratch: number): TrainingOperations => ({
  affine(product, biases) {
    const { c, a, b, atC, atA, atB, rows, columns, depth, strideC, rowsA, depthA, strideB } = product;
    kernels.affine(
      ...([c.byteOffset + SIZE * atC, a.byteOffset + SIZE * atA, b.byteOffset + SIZE * atB] as const),
      ...([biases?.byteOffset ?? 0, rowsOf(rows), columns, depth] as const),
      ...([SIZE * strideC, SIZE * rowsA, SIZE * depthA, SIZE * strideB] as const),
    );
  },
  descend: (values, gradient, rate) => kernels.descend(values.byteOffset, gradient.byteOffset, values.length, rate),
  roll: (values, gradient, velocity, momentum, rate) =>
    kernels.roll(values.byteOffset, gradient.byteOffset, velocity.byteOffset, values.length, momentum, rate),
  adapt(values, gradient, first, second, { rest1, beta2, rest2, epsilon, size, root }) {
    const arrays = [values.byteOffset, gradient.byteOffset, first.byteOffset, second.byteOffset] as const;
    kernels.adapt(...arrays, values.length, rest1, beta2, rest2, epsilon, size, root);
  },
  rectify: (to, from) => kernels.rectify(to.byteOffset, from.byteOffset, to.length),
  rectifySlope: (to, gradient, preactivation) =>
    kernels.rectifySlope(to.byteOffset, gradient.byteOffset, preactivation.byteOffset, to.length),
  sumRows: (to, from, rows, columns, stride) =>
    kernels.sumRows(to.byteOffset, from.byteOffset, rows, columns, SIZE * stride),
  multiplyTransposed(c, a, b, { rows, columns, depth, strideC, stride }) {
    kernels.multiplyTransposed(
      ...([c.byteOffset, a.byteOffset, b.byteOffset, scratch, rowsOf(rows), columns, depth] as const),
      ...([SIZE * strideC, SIZE * stride] as const),
    );
  },
});
