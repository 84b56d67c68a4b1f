/** Orthogonal matrices by the WebAssembly kernels. Panels and slabs are independent pieces of the work. */
import { FORMATS, type Values, view } from "../dtype.js";
import { PANEL, panelAt, slabWidth } from "../kernel/orthogonal.js";
import type { Kernels } from "./abi.js";
import { drawInPlace, type Instance, roundingKernel } from "./kernels.js";
import { normalSource, type OrthogonalMatrix, type Source } from "./source.js";
import { panelCount, slabCount, type Workspace } from "./workspace.js";

/** Draws elements [start, start + out.length) of a matrix, all of it on this thread. */
export function drawAlone(
  instance: Instance,
  workspace: Workspace,
  source: Source<OrthogonalMatrix>,
  start: number,
  out: Values,
): void {
  drawInPlace(instance, normalSource(source), source.distribution.origin, workspace.vectors, workspace.elements);
  for (let panel = 0; panel < panelCount(workspace); ++panel) reflectPanel(instance.kernels, workspace, panel, 0);
  for (let slab = 0; slab < slabCount(workspace); ++slab) multiplySlab(instance.kernels, workspace, slab, 0);
  copyOut(instance, workspace, source, start, out);
}

/** Turns the normal values of a panel into 32 reflectors. `thread` says whose slab serves as scratch. */
export function reflectPanel(
  { reflect32, reflect64 }: Kernels,
  workspace: Workspace,
  panel: number,
  thread: number,
): void {
  const { elementBytes, rows, columns, vectors, triangles, signs, slabs, slabBytes } = workspace;
  (elementBytes === 8 ? reflect64 : reflect32)(
    vectors + elementBytes * panelAt(rows, panel),
    rows - panel * PANEL,
    Math.min(PANEL, columns - panel * PANEL),
    triangles + elementBytes * panel * PANEL * PANEL,
    signs + elementBytes * panel * PANEL,
    slabs + thread * slabBytes,
  );
}

/** Makes one slab of the result. Slabs are numbered from the last one back, since the last ones take longest. */
export function multiplySlab(
  { orthogonal32, orthogonal64 }: Kernels,
  workspace: Workspace,
  slab: number,
  thread: number,
): void {
  const { elementBytes, rows, columns, gain, tall, vectors, triangles, signs, q, slabs, slabBytes } = workspace;
  const first = (slabCount(workspace) - 1 - slab) * slabWidth(elementBytes);
  (elementBytes === 8 ? orthogonal64 : orthogonal32)(
    ...([q, rows, columns, first, gain, tall] as const),
    ...([vectors, triangles, signs, slabs + thread * slabBytes] as const),
  );
}

/** Copies elements [start, start + out.length) of the result to `out`, rounded to its dtype. */
export function copyOut(
  { kernels, memory, constants, constantsInMemory }: Instance,
  workspace: Workspace,
  { dtype }: Source,
  start: number,
  out: Values,
): void {
  const { q, rows, columns } = workspace;
  constantsInMemory.set(constants); // for the reason given in kernels.ts
  roundingKernel(kernels, dtype)?.(q, rows * columns, q);
  out.set(view(dtype, memory.buffer, q + FORMATS[dtype].bytes * start, out.length));
}
