/** Parameters of a network that is trained, and the memory that they and its signals lie in. */
import type { EngineName } from "../engine/engine.js";
import { bytesOfMatrix, columnsOf, type Operand } from "../engine/product.js";
import { type TrainingArithmetic, trainingArithmetic } from "../engine/training.js";
import type { Floats } from "../kernel/matmul.js";
import type { TransposedSize } from "../kernel/transposed.js";
import { sizeOf } from "../shape.js";

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
export interface Parameter extends ParameterInfo {
  readonly values: Floats;
  readonly gradient: Floats;
  /** The moments that the optimizer keeps, each an array like the values. */
  readonly moments: readonly Floats[];
  readonly rows: number;
  readonly columns: number;
  readonly stride: number;
}

/** @internal Where the arrays of a network are made. */
export interface TrainingMemory {
  /** A matrix of zeros of units by columns, with the stride of `columnsOf`. */
  matrix(rows: number, columns: number): Floats;
  /** A parameter of zeros. */
  parameter(info: ParameterInfo): Parameter;
  /** The functions that compute with them. */
  readonly arithmetic: TrainingArithmetic;
}

/** @internal Which engine, precision and optimizer the memory is for. */
export interface TrainingMemoryOptions {
  readonly engine: EngineName;
  /** Default "f32". */
  readonly dtype?: "f32" | "f64";
  /** How many moments the optimizer keeps of each parameter. Default 0. */
  readonly moments?: number;
}

/** A parameter of this shape as a matrix. */
function extentOf(shape: readonly number[]): {
  readonly rows: number;
  readonly columns: number;
  readonly stride: number;
} {
  const [rows = 1, ...rest] = shape;
  const columns = sizeOf(rest);
  return { rows, columns, stride: rest.length === 0 ? 1 : columnsOf(columns) };
}

/** @internal Calls `make` twice: first to count the bytes that it needs, then in memory of that size. */
export function inTrainingMemory<T>(
  { engine, dtype = "f32", moments = 0 }: TrainingMemoryOptions,
  make: (memory: TrainingMemory) => T,
): T {
  const { bytes } = withoutMemory(make, moments);
  return make(memoryWith(trainingArithmetic(engine, bytes, dtype), moments));
}

/** @internal What `make` makes if its arrays have no memory, and the bytes that they would take. */
export function withoutMemory<T>(
  make: (memory: TrainingMemory) => T,
  moments = 0,
): { readonly made: T; readonly bytes: number } {
  let bytes = 0;
  const matrix = (rows: number, columns: number): Floats => {
    bytes += bytesOfMatrix(rows, columns);
    return new Float32Array(0);
  };
  const made = make(memoryWith({ matrix } as TrainingArithmetic, moments)); // nothing is computed
  return { made, bytes };
}

function memoryWith(arithmetic: TrainingArithmetic, moments: number): TrainingMemory {
  const { matrix } = arithmetic;
  return {
    ...{ arithmetic, matrix },
    parameter(info) {
      const extent = extentOf(info.shape);
      const array = () => matrix(extent.rows, extent.columns);
      return {
        ...info,
        ...extent,
        values: array(),
        gradient: array(),
        moments: Array.from({ length: moments }, array),
      };
    },
  };
}

/** @internal A weight as an operand of a matrix product. */
export const operandOf = (weight: Parameter, transposed: boolean): Operand<Floats> => {
  const { values, stride, rows, columns } = weight;
  return transposed ? { values, stride, rows: columns, columns: rows, transposed } : { values, stride, rows, columns };
};

/** @internal The size of the product that is the gradient of a weight. */
export const gradientSize = ({ rows, columns, stride: strideC }: Parameter, depth: number): TransposedSize => ({
  ...{ rows, columns, depth, strideC, stride: columnsOf(depth) },
});

/** @internal Calls `visit` with the place of each value of a parameter: in memory, and in the array without gaps. */
export function forEachValue({ rows, columns, stride }: Parameter, visit: (at: number, index: number) => void): void {
  for (let i = 0, index = 0; i < rows; ++i) {
    for (let j = 0; j < columns; ++j, ++index) visit(i * stride + j, index);
  }
}
