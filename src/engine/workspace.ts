/** The memory in which an orthogonal matrix is made: where everything lies in it, and how much it takes. */
import { PAGES, RESERVED } from "../arena.js";
import { type Distribution, partsOf } from "../distribution.js";
import { type DType, FORMATS } from "../dtype.js";
import { PANEL, panels, slabWidth } from "../kernel/orthogonal.js";
import type { OrthogonalMatrix } from "./source.js";
import { workingDType } from "./working.js";

/**
 * A workspace in plain numbers, so that it can be handed to other threads. Fields without a unit in their names are
 * addresses in bytes, or numbers of the matrix.
 */
export interface Workspace {
  /** 4 or 8; dtypes of 16 bits are rounded from f32 at the end. */
  readonly elementBytes: number;
  /** Rows and columns of the tall form, whose columns are orthonormal: `rows` is at least `columns`. */
  readonly rows: number;
  readonly columns: number;
  readonly gain: number;
  /** 1 if the matrix itself is tall, 0 if its transpose is. */
  readonly tall: number;
  /** Normal values at first, later the vectors of the reflectors. */
  readonly vectors: number;
  /** Number of elements in `vectors`. */
  readonly elements: number;
  readonly triangles: number;
  readonly signs: number;
  /** The result. */
  readonly q: number;
  /** A slab for each thread, `slabBytes` apart. */
  readonly slabs: number;
  readonly slabBytes: number;
  readonly end: number;
}

const ALIGNMENT = 128;
const align = (address: number): number => Math.ceil(address / ALIGNMENT) * ALIGNMENT;

/** The workspace of a matrix that begins at address `begin`. */
export function layOutWorkspace(
  matrix: Omit<OrthogonalMatrix, "kind" | "origin">,
  dtype: DType,
  begin: number,
  threads: number,
): Workspace {
  const elementBytes = FORMATS[workingDType(dtype)].bytes;
  const rows = Math.max(matrix.rows, matrix.columns);
  const columns = Math.min(matrix.rows, matrix.columns);
  const { count, elements } = panels(rows, columns);
  const vectors = align(begin);
  // Kernels write words in multiples of 128 bytes, and read up to three rows beyond the end of a panel.
  const triangles = align(vectors + elementBytes * (elements + 3 * PANEL) + ALIGNMENT);
  const signs = align(triangles + elementBytes * count * PANEL * PANEL);
  const q = align(signs + elementBytes * count * PANEL);
  const slabs = align(q + elementBytes * rows * columns + ALIGNMENT);
  const slabRowBytes = slabWidth(elementBytes) * elementBytes;
  const slabBytes = align((Math.ceil(rows / 4) * 4 + 2 * PANEL) * slabRowBytes);
  const end = slabs + threads * slabBytes;
  const { gain } = matrix;
  const tall = matrix.rows === rows ? 1 : 0;
  return { elementBytes, rows, columns, gain, tall, vectors, elements, triangles, signs, q, slabs, slabBytes, end };
}

export const panelCount = ({ columns }: Workspace): number => Math.ceil(columns / PANEL);
export const slabCount = ({ columns, elementBytes }: Workspace): number => Math.ceil(columns / slabWidth(elementBytes));

const MOST_BYTES = PAGES * 65536;

/** @throws RangeError if an orthogonal matrix of the distribution needs more memory than WebAssembly can address. */
export function checkRoom(distribution: Distribution, dtype: DType): void {
  for (const part of partsOf(distribution)) {
    if (part.kind !== "orthogonal") continue;
    const { end } = layOutWorkspace(part, dtype, RESERVED, 1);
    if (end <= MOST_BYTES) continue;
    const matrix = `${part.rows} x ${part.columns}, which takes ${end} bytes`;
    throw new RangeError(`shape: expected a matrix that is made in ${MOST_BYTES} bytes, got ${matrix}`);
  }
}
