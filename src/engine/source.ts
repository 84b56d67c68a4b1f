/** A tensor, or a part of one, as the engines know it: all that its values follow from. */

import type { Pointwise } from "../distribution.js";
import type { DType } from "../dtype.js";
import type { Key } from "../stream.js";

/** What an engine draws: elements that are independent, or a matrix. */
export interface Tensor<Law extends Pointwise | Matrix = Pointwise | Matrix> {
  readonly fill: Law;
  readonly key: Key;
  readonly dtype: DType;
}

export type Points = Tensor<Pointwise>;

/** An orthogonal matrix, row-major, made of the normal values that begin at element `origin` of the stream. */
export interface Matrix {
  readonly law: "orthogonal";
  readonly rows: number;
  readonly columns: number;
  readonly gain: number;
  readonly origin: number;
}

export const isPoints = (tensor: Tensor): tensor is Points => tensor.fill.law !== "orthogonal";
