/** Orthogonal matrices by the WebAssembly kernels: where everything lies in a memory, and the pieces of the work. */
import { type DType, FORMATS, type Values, view } from "../dtype.js";
import { PANEL, panelAt, panels, slabWidth } from "../kernel/orthogonal.js";
import { type Instance, type Kernels, rounding } from "./kernels.js";
import type { Matrix, Points, Tensor } from "./source.js";
import { madeOf } from "./working.js";

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
export function lay(matrix: Omit<Matrix, "law" | "origin">, dtype: DType, begin: number, threads: number): Workspace {
  const { bytes } = FORMATS[madeOf(dtype)];
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

/** The normal values that a matrix is made of, and where they go. */
export function normals({ key, dtype }: Tensor<Matrix>): Points {
  return { fill: { law: "normal", mean: 0, std: 1 }, key, dtype: madeOf(dtype) };
}

export const blocksOf = ({ columns }: Workspace): number => Math.ceil(columns / PANEL);
export const slabsOf = ({ columns, bytes }: Workspace): number => Math.ceil(columns / slabWidth(bytes));

export function reflectBlock({ reflect32, reflect64 }: Kernels, space: Workspace, block: number, thread: number): void {
  const { bytes, rows, columns, vectors, triangles, signs, slabs, slabBytes } = space;
  const left = rows - block * PANEL;
  (bytes === 8 ? reflect64 : reflect32)(
    vectors + bytes * panelAt(rows, block),
    left,
    Math.min(PANEL, columns - block * PANEL),
    triangles + bytes * block * PANEL * PANEL,
    signs + bytes * block * PANEL,
    slabs + thread * slabBytes,
  );
}

/** The last slabs are the longest work: they come first. */
export function drawSlab(
  { orthogonal32, orthogonal64 }: Kernels,
  space: Workspace,
  piece: number,
  thread: number,
): void {
  const { bytes, rows, columns, gain, tall, vectors, triangles, signs, q, slabs, slabBytes } = space;
  const first = (slabsOf(space) - 1 - piece) * slabWidth(bytes);
  (bytes === 8 ? orthogonal64 : orthogonal32)(
    ...([q, rows, columns, first, gain, tall] as const),
    ...([vectors, triangles, signs, slabs + thread * slabBytes] as const),
  );
}

/** Copies elements [start, start + out.length) of the result, rounded to the dtype. */
export function copyOut(
  { kernels, memory }: Instance,
  space: Workspace,
  { dtype }: Tensor,
  start: number,
  out: Values,
): void {
  const { q, rows, columns } = space;
  rounding(kernels, dtype)?.(q, rows * columns, q);
  out.set(view(dtype, memory.buffer, q + FORMATS[dtype].bytes * start, out.length));
}
