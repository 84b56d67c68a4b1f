/** Where everything lies in memory while an orthogonal matrix is made, and how much memory that takes. */
import { PAGES, RESERVED } from "../arena.js";
import { type Distribution, partsOf } from "../distribution.js";
import { type DType, FORMATS } from "../dtype.js";
import { PANEL, panels, slabWidth } from "../kernel/orthogonal.js";
import type { OrthogonalMatrix } from "./source.js";
import { workingDType } from "./working.js";

/** A matrix to be made, plain numbers. Addresses are bytes. */
export interface Workspace {
  /** 4 or 8, of an element; 16-bit dtypes are rounded in the end. */
  readonly bytes: number;
  /** Of the tall form, whose columns are orthonormal: `rows` is not less than `columns`. */
  readonly rows: number;
  readonly columns: number;
  readonly gain: number;
  /** 1 where the matrix itself is tall, 0 where it is the transpose. */
  readonly tall: number;
  /** Normal values, then reflectors: so many elements. */
  readonly vectors: number;
  readonly elements: number;
  readonly triangles: number;
  readonly signs: number;
  /** The result. */
  readonly q: number;
  /** A slab for each thread, so many bytes apart. */
  readonly slabs: number;
  readonly slabBytes: number;
  readonly end: number;
}

const ALIGNMENT = 128;
const align = (address: number): number => Math.ceil(address / ALIGNMENT) * ALIGNMENT;

/** Lays a matrix out from an address on. */
export function layOut(
  matrix: Omit<OrthogonalMatrix, "kind" | "origin">,
  dtype: DType,
  begin: number,
  threads: number,
): Workspace {
  const { bytes } = FORMATS[workingDType(dtype)];
  const rows = Math.max(matrix.rows, matrix.columns);
  const columns = Math.min(matrix.rows, matrix.columns);
  const { count, elements } = panels(rows, columns);
  const vectors = align(begin);
  // Kernels write whole tiles of words, and read up to three rows of a panel beyond its end.
  const triangles = align(vectors + bytes * (elements + 3 * PANEL) + ALIGNMENT);
  const signs = align(triangles + bytes * count * PANEL * PANEL);
  const q = align(signs + bytes * count * PANEL);
  const slabs = align(q + bytes * rows * columns + ALIGNMENT);
  const width = slabWidth(bytes) * bytes;
  const slabBytes = align((Math.ceil(rows / 4) * 4 + 2 * PANEL) * width);
  const end = slabs + threads * slabBytes;
  const { gain } = matrix;
  const tall = matrix.rows === rows ? 1 : 0;
  return { bytes, rows, columns, gain, tall, vectors, elements, triangles, signs, q, slabs, slabBytes, end };
}

export const blocksOf = ({ columns }: Workspace): number => Math.ceil(columns / PANEL);
export const slabsOf = ({ columns, bytes }: Workspace): number => Math.ceil(columns / slabWidth(bytes));

const MOST_BYTES = PAGES * 65536;

/** @throws RangeError where a matrix of the distribution cannot be made in the memory that WebAssembly has. */
export function checkRoom(distribution: Distribution, dtype: DType): void {
  for (const part of partsOf(distribution)) {
    if (part.kind !== "orthogonal") continue;
    const { end } = layOut(part, dtype, RESERVED, 1);
    if (end <= MOST_BYTES) continue;
    const matrix = `${part.rows} x ${part.columns}, which takes ${end}`;
    throw new RangeError(`shape: expected a matrix that is made in ${MOST_BYTES} bytes, got ${matrix}`);
  }
}
