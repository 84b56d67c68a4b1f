/** Parameters of a network that is trained, and the memory that they and its signals lie in. */

import type { EngineName } from "../engine/engine.js";
import { columnsOf, type Operand, type ProductSize, type Products, products } from "../engine/product.js";
import type { Floats } from "../kernel/matmul.js";

/**
 * What a parameter is: `weight` of a layer, `head` for the weight of the last one; `bias`; `scale` of a normalization; or
 * `position`, what is added to the units at each position of a sample.
 */
export type ParameterRole = "weight" | "head" | "bias" | "scale" | "position";

/** The name, the shape and the role of a parameter. */
export interface ParameterInfo {
  /** Such as "layers.0.weight". */
  readonly name: string;
  /** [outputs, inputs]; of a convolution [outputs, inputs, taps]; [units] of biases and scales. */
  readonly shape: readonly number[];
  /** What it is. */
  readonly role: ParameterRole;
  /** The layer that it belongs to, from 1; 0 before the first, and one more than the last for the head. */
  readonly layer: number;
}

/** @internal A parameter in memory: a matrix of outputs by inputs whose rows are `stride` floats apart. */
export interface Parameter<F extends Floats = Floats> extends ParameterInfo {
  readonly values: F;
  readonly gradient: F;
  readonly rows: number;
  readonly columns: number;
  readonly stride: number;
}

/** @internal What a network is made in. */
export interface TrainingMemory<F extends Floats = Floats>
  extends Pick<Products<F>, "multiply" | "multiplyTransposed"> {
  /** A matrix of zeros of units by columns, with the stride of `columnsOf`. */
  matrix(rows: number, columns: number): F;
  /** A parameter of zeros. */
  parameter(info: ParameterInfo): Parameter<F>;
}

/** Rows and columns of a parameter of a shape, and how far rows are apart. */
function extentOf(shape: readonly number[]): {
  readonly rows: number;
  readonly columns: number;
  readonly stride: number;
} {
  const [rows = 1, ...rest] = shape;
  const columns = rest.reduce((product, length) => product * length, 1);
  return { rows, columns, stride: rest.length === 0 ? 1 : columnsOf(columns) };
}

/** @internal Makes something twice: once to count what it needs, and then in memory of that size. */
export function inWorkspace<T>(engine: EngineName, dtype: "f32" | "f64", make: (workspace: TrainingMemory) => T): T {
  let bytes = 0;
  const counting = (floats: number): Floats => {
    bytes += 4 * floats + 64;
    return new Float32Array(0);
  };
  const size = (rows: number, columns: number) => 4 * Math.ceil(rows / 4) * columnsOf(columns);
  const nothing = () => {};
  make(
    workspaceOf({
      ...{ multiply: nothing, multiplyTransposed: nothing },
      matrix: (rows, columns) => counting(size(rows, columns)),
      floats: counting,
    }),
  );
  return make(
    workspaceOf((dtype === "f32" ? products(engine, bytes) : products(engine, bytes, "f64")) as Products<Floats>),
  );
}

function workspaceOf({ matrix, multiply, multiplyTransposed }: Products<Floats>): TrainingMemory {
  return {
    ...{ matrix, multiply, multiplyTransposed },
    parameter(info) {
      const extent = extentOf(info.shape);
      const [values, gradient] = [matrix(extent.rows, extent.columns), matrix(extent.rows, extent.columns)];
      return { ...info, ...extent, values, gradient };
    },
  };
}

/** @internal The operand of a product that a weight is. */
export const operandOf = <F extends Floats>(weight: Parameter<F>, transposed: boolean): Operand<F> => {
  const { values, stride, rows, columns } = weight;
  return transposed ? { values, stride, rows: columns, columns: rows, transposed } : { values, stride, rows, columns };
};

/** @internal The size of the product that is the gradient of a weight. */
export const gradientSize = ({ rows, columns }: Parameter, depth: number): ProductSize => ({ rows, columns, depth });

/** @internal Calls `visit` with the place of each value of a parameter: in memory, and in the array without gaps. */
export function forEachValue({ rows, columns, stride }: Parameter, visit: (at: number, index: number) => void): void {
  for (let i = 0, index = 0; i < rows; ++i) {
    for (let j = 0; j < columns; ++j, ++index) visit(i * stride + j, index);
  }
}

/** @internal The values of a parameter, or of its gradient, in row-major order. */
export function compact(parameter: Parameter, values: Floats = parameter.values): Floats {
  const dense = values.slice(0, parameter.rows * parameter.columns);
  forEachValue(parameter, (at, index) => {
    dense[index] = values[at] as number;
  });
  return dense;
}
