/** What an engine draws from: everything that the values of a tensor, or of one part of it, depend on. */
import type { Independent } from "../distribution.js";
import type { DType } from "../dtype.js";
import type { Key } from "../stream.js";
import { workingDType } from "./working.js";

export interface Source<D extends Independent | OrthogonalMatrix = Independent | OrthogonalMatrix> {
  readonly distribution: D;
  readonly key: Key;
  readonly dtype: DType;
}

export type IndependentSource = Source<Independent>;

/** An orthogonal matrix, row-major, made from the normal values that begin at element `origin` of the stream. */
export interface OrthogonalMatrix {
  readonly kind: "orthogonal";
  readonly rows: number;
  readonly columns: number;
  readonly gain: number;
  readonly origin: number;
}

export const isIndependent = (source: Source): source is IndependentSource => source.distribution.kind !== "orthogonal";

/** The normal values that an orthogonal matrix is made from. */
export function normalSource({ key, dtype }: Source<OrthogonalMatrix>): IndependentSource {
  return { distribution: { kind: "normal", mean: 0, std: 1 }, key, dtype: workingDType(dtype) };
}
