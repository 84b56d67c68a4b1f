/** Orthogonal matrices by the WebAssembly kernels: the pieces of the work. */
import { FORMATS, type Values, view } from "../dtype.js";
import { PANEL, panelAt, slabWidth } from "../kernel/orthogonal.js";
import { type Instance, type Kernels, rounding } from "./kernels.js";
import type { Source } from "./source.js";
import { slabsOf, type Workspace } from "./workspace.js";

export function reflectBlock(
  { reflect32, reflect64 }: Kernels,
  workspace: Workspace,
  block: number,
  thread: number,
): void {
  const { bytes, rows, columns, vectors, triangles, signs, slabs, slabBytes } = workspace;
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
  workspace: Workspace,
  piece: number,
  thread: number,
): void {
  const { bytes, rows, columns, gain, tall, vectors, triangles, signs, q, slabs, slabBytes } = workspace;
  const first = (slabsOf(workspace) - 1 - piece) * slabWidth(bytes);
  (bytes === 8 ? orthogonal64 : orthogonal32)(
    ...([q, rows, columns, first, gain, tall] as const),
    ...([vectors, triangles, signs, slabs + thread * slabBytes] as const),
  );
}

/** Copies elements [start, start + out.length) of the result, rounded to the dtype. */
export function copyOut(
  { kernels, memory }: Instance,
  workspace: Workspace,
  { dtype }: Source,
  start: number,
  out: Values,
): void {
  const { q, rows, columns } = workspace;
  rounding(kernels, dtype)?.(q, rows * columns, q);
  out.set(view(dtype, memory.buffer, q + FORMATS[dtype].bytes * start, out.length));
}
