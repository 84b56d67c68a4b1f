/** The WebAssembly kernels in this thread. A view of an arena is filled in place. */
import { loadModule } from "#kernel";
import { memoryOf, RESERVED, reserve } from "../arena.js";
import { wrongType } from "../check.js";
import type { Values } from "../dtype.js";
import type { Engine } from "./engine.js";
import { drawInPlace, drawOut, type Instance, instantiate, type Kernels, SCRATCH_BYTES } from "./kernels.js";
import { hasSimd } from "./module/probe.js";
import { copyOut, drawSlab, reflectBlock } from "./orthogonal.js";
import { isIndependent, normalSource, type OrthogonalMatrix, type Source } from "./source.js";
import { blocksOf, layOut, slabsOf } from "./workspace.js";

const SCRATCH = RESERVED - SCRATCH_BYTES; // address; the kernels' constants lie below

let module: WebAssembly.Module | undefined;
let reason: string | undefined;
let own: WebAssembly.Memory | undefined; // for memory that is no arena's
const instances = new WeakMap<WebAssembly.Memory, Instance>();

/**
 * Gives the compiled kernels (`nn-init/kernel.wasm`), where the runtime may not compile them and its bundler does not
 * know the `workerd` or `edge-light` condition. Before the first draw; later calls change nothing that was drawn.
 */
export function setKernelModule(compiled: object): void {
  // By its brand: a module of another realm is none by instanceof.
  if (Object.prototype.toString.call(compiled) !== "[object WebAssembly.Module]") {
    throw wrongType("module", "a WebAssembly.Module", compiled);
  }
  if (!WebAssembly.Module.exports(compiled).some(({ name }) => name === "orthogonal64")) {
    throw new RangeError("module: expected the kernels of nn-init/kernel.wasm, got another module");
  }
  module = compiled;
  reason = undefined;
}

/** Why there is no such engine here; undefined where there is. Never throws, loads once. */
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
    if (memory === undefined) drawOut(instanceOn(ownPage()), source, start, out);
    else drawInPlace(instanceOn(memory), source, start, out.byteOffset, out.length);
  },
};

let spare: WebAssembly.Memory | undefined; // of the last matrix, for the next one
const SPARE_MOST = 0x4000000; // bytes that are kept: 64 MiB

function drawMatrix(source: Source<OrthogonalMatrix>, start: number, out: Values): void {
  const workspace = layOut(source.distribution, source.dtype, RESERVED, 1);
  const instance = instanceOn(memoryOfBytes(workspace.end));
  drawInPlace(instance, normalSource(source), source.distribution.origin, workspace.vectors, workspace.elements);
  for (let block = 0; block < blocksOf(workspace); ++block) reflectBlock(instance.kernels, workspace, block, 0);
  for (let slab = 0; slab < slabsOf(workspace); ++slab) drawSlab(instance.kernels, workspace, slab, 0);
  copyOut(instance, workspace, source, start, out);
}

function memoryOfBytes(bytes: number): WebAssembly.Memory {
  if (spare !== undefined && spare.buffer.byteLength >= bytes) return spare;
  const pages = Math.ceil(bytes / 65536);
  const memory = reserve(() => new WebAssembly.Memory({ initial: pages, maximum: pages }), bytes);
  if (bytes <= SPARE_MOST) spare = memory;
  return memory;
}

function ownPage(): WebAssembly.Memory {
  own ??= new WebAssembly.Memory({ initial: RESERVED / 65536, maximum: RESERVED / 65536 });
  return own;
}

/** @internal The kernels on a memory that an arena made, where there are any. */
export const kernelsOn = (memory: WebAssembly.Memory): Kernels | undefined =>
  absence() === undefined ? instanceOn(memory).kernels : undefined;

function instanceOn(memory: WebAssembly.Memory): Instance {
  const made = instances.get(memory);
  if (made !== undefined) return made;
  const instance = instantiate(module as WebAssembly.Module, memory, SCRATCH);
  instances.set(memory, instance);
  return instance;
}
