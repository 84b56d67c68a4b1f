/** A whole model: its tensors, named and shaped as the reference implementation writes them, each with its scheme. */
import type { Scheme } from "./scheme.js";
import { sizeOf } from "./shape.js";

export interface ModelTensor {
  readonly name: string;
  /** Row-major. */
  readonly shape: readonly number[];
  readonly scheme: Scheme;
}

export interface Model {
  readonly name: string;
  /** In the order of the file. */
  readonly tensors: readonly ModelTensor[];
}

/** Elements of all its tensors together. */
export const parametersOf = ({ tensors }: Model): number => tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
