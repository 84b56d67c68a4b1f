/** The engine of the WebAssembly kernels, on the calling thread. Views of an arena are written in place. */
import { loadModule } from "#kernel";
import { memoryOf, RESERVED, reserve } from "../arena.js";
import { wrongType } from "../check.js";
import type { Values } from "../dtype.js";
import type { Kernels } from "./abi.js";
import type { Engine } from "./engine.js";
import { drawInPlace, drawOut, type Instance, instantiate, SCRATCH_BYTES } from "./kernels.js";
import { hasSimd } from "./module/probe.js";
import { copyOut, multiplySlab, reflectPanel } from "./orthogonal.js";
import { isIndependent, normalSource, type OrthogonalMatrix, type Source } from "./source.js";
import { layOutWorkspace, panelCount, slabCount } from "./workspace.js";

const SCRATCH = RESERVED - SCRATCH_BYTES; // its address; the kernels' constants lie below it
const PAGE = 65536;

let module: WebAssembly.Module | undefined;
let reason: string | undefined;
const instances = new WeakMap<WebAssembly.Memory, Instance>();

/**
 * Sets the compiled kernels, for runtimes that may not compile WebAssembly and whose bundler does not resolve the
 * `workerd` or `edge-light` condition of this package. Call it before the first draw. It cannot change a value.
 *
 * @param compiled `nn-init/kernel.wasm`, compiled.
 * @throws TypeError if it is no WebAssembly.Module; RangeError if it holds other kernels.
 * @example
 * ```js
 * import { readFile } from "fs/promises";
 * import { engines, setKernelModule } from "nn-init";
 *
 * const bytes = await readFile(new URL(import.meta.resolve("nn-init/kernel.wasm")));
 * setKernelModule(await WebAssembly.compile(bytes));
 * console.log(engines()[0]?.available); // true
 * ```
 */
export function setKernelModule(compiled: object): void {
  // Modules from another realm (iframe, vm) fail `instanceof`; their toString tag is right.
  if (Object.prototype.toString.call(compiled) !== "[object WebAssembly.Module]") {
    throw wrongType("module", "a WebAssembly.Module, compiled from nn-init/kernel.wasm", compiled);
  }
  if (!WebAssembly.Module.exports(compiled).some(({ name }) => name === "orthogonal64")) {
    throw new RangeError("module: expected the kernels, compiled from nn-init/kernel.wasm, got another module");
  }
  module = compiled;
  reason = undefined;
}

/** Why this runtime cannot run the kernels; undefined if it can. Loads them at the first call; never throws. */
export function absence(): string | undefined {
  if (module !== undefined || reason !== undefined) return reason;
  if (typeof WebAssembly !== "object") reason = "this runtime has no WebAssembly";
  else if (!hasSimd()) reason = "this runtime's WebAssembly has no SIMD";
  else {
    try {
      module = loadModule();
    } catch (error) {
      reason = `the kernels could not be compiled: ${error instanceof Error ? error.message : error}`;
    }
  }
  return reason;
}

export const simd: Engine = {
  name: "simd",
  draw(source, start, out) {
    if (!isIndependent(source)) {
      drawMatrix(source as Source<OrthogonalMatrix>, start, out);
      return;
    }
    const memory = memoryOf(out.buffer);
    if (memory === undefined) drawOut(instanceOn(scratchMemory()), source, start, out);
    else drawInPlace(instanceOn(memory), source, start, out.byteOffset, out.length);
  },
};

function drawMatrix(source: Source<OrthogonalMatrix>, start: number, out: Values): void {
  const workspace = layOutWorkspace(source.distribution, source.dtype, RESERVED, 1);
  const instance = instanceOn(workspaceMemory(workspace.end));
  drawInPlace(instance, normalSource(source), source.distribution.origin, workspace.vectors, workspace.elements);
  for (let panel = 0; panel < panelCount(workspace); ++panel) reflectPanel(instance.kernels, workspace, panel, 0);
  for (let slab = 0; slab < slabCount(workspace); ++slab) multiplySlab(instance.kernels, workspace, slab, 0);
  copyOut(instance, workspace, source, start, out);
}

let keptMemory: WebAssembly.Memory | undefined; // of the last matrix, for the next one
const MOST_KEPT = 0x4000000; // bytes: 64 MiB

function workspaceMemory(bytes: number): WebAssembly.Memory {
  if (keptMemory !== undefined && keptMemory.buffer.byteLength >= bytes) return keptMemory;
  const pages = Math.ceil(bytes / PAGE);
  const memory = reserve(() => new WebAssembly.Memory({ initial: pages, maximum: pages }), bytes);
  if (bytes <= MOST_KEPT) keptMemory = memory;
  return memory;
}

let scratchPage: WebAssembly.Memory | undefined;

/** A page for draws to arrays that lie in no arena. */
function scratchMemory(): WebAssembly.Memory {
  scratchPage ??= new WebAssembly.Memory({ initial: RESERVED / PAGE, maximum: RESERVED / PAGE });
  return scratchPage;
}

/** @internal The kernels on the memory of an arena; undefined if this runtime cannot run them. */
export const kernelsOn = (memory: WebAssembly.Memory): Kernels | undefined =>
  absence() === undefined ? instanceOn(memory).kernels : undefined;

function instanceOn(memory: WebAssembly.Memory): Instance {
  const known = instances.get(memory);
  if (known !== undefined) return known;
  const instance = instantiate(module as WebAssembly.Module, memory, SCRATCH);
  instances.set(memory, instance);
  return instance;
}
