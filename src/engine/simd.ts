/** The engine of the WebAssembly kernels, on the calling thread. Views of an arena are written in place. */
import { exportsOf } from "#exports";
import { loadModule, twins } from "#kernel";
import { memoryOf, newMemory, RESERVED, reserve } from "../arena.js";
import { wrongType, wrongValue } from "../check.js";
import type { Values } from "../dtype.js";
import type { Kernels } from "./abi.js";
import type { Engine } from "./engine.js";
import { drawInPlace, drawOut, type Instance, instantiate, keepsSubnormals, SCRATCH_BYTES } from "./kernels.js";
import { hasSimd } from "./module/probe.js";
import { drawAlone } from "./orthogonal.js";
import { isIndependent, type OrthogonalMatrix, type Source } from "./source.js";
import { canBeSubnormal } from "./subnormal.js";
import { layOutWorkspace } from "./workspace.js";

const SCRATCH = RESERVED - SCRATCH_BYTES; // its address; the kernels' constants lie below it
const NO_MEMORY = "no memory for the kernels: V8 takes 10 GB of addresses (`ulimit -v`)";

const LOST = "draws that can be subnormal are left to scalar";

const KERNELS = "a WebAssembly.Module of nn-init/kernel.wasm";

let module: WebAssembly.Module | undefined;
let reason: string | undefined;
/** The kernels on a page of their own, for draws to arrays that lie in no arena. */
let scratchPage: Instance | undefined;
let weakness: string | undefined;
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
  let names: string[];
  try {
    // Knows modules of another realm (iframe, vm), which fail `instanceof`, and takes nothing else, whatever its tag says.
    names = WebAssembly.Module.exports(compiled).map(({ name }) => name);
  } catch {
    throw wrongType("module", KERNELS, compiled);
  }
  if (!names.includes("orthogonal64")) throw wrongValue("module", KERNELS, "another module");
  module = compiled;
  reason = undefined;
}

/** Why this runtime cannot run the kernels; undefined if it can. Loads them at the first call; never throws. */
export function absence(): string | undefined {
  if (scratchPage !== undefined || reason !== undefined) return reason;
  if (typeof WebAssembly !== "object") reason = "this runtime has no WebAssembly";
  else if (!hasSimd()) reason = "this runtime's WebAssembly has no SIMD";
  else {
    try {
      module ??= loadModule();
      const memory = newMemory(RESERVED);
      if (memory === undefined) reason = NO_MEMORY;
      else {
        scratchPage = instanceOn(memory);
        if (!keepsSubnormals(scratchPage)) weakness = LOST;
      }
    } catch (error) {
      reason = `the kernels could not be compiled: ${error}`;
    }
  }
  return reason;
}

/** Which draws the kernels leave to the twins, and why; undefined if they make all. */
export const shortcoming = (): string | undefined => weakness;

export const simd: Engine = {
  name: "simd",
  draw(source, start, out) {
    if (weakness !== undefined && canBeSubnormal(source.distribution, source.dtype)) {
      twins.draw(source, start, out);
      return;
    }
    if (!isIndependent(source)) {
      drawMatrix(source as Source<OrthogonalMatrix>, start, out);
      return;
    }
    const memory = memoryOf(out.buffer);
    if (memory === undefined) drawOut(scratchPage as Instance, source, start, out);
    else drawInPlace(instanceOn(memory), source, start, out.byteOffset, out.length);
  },
};

function drawMatrix(source: Source<OrthogonalMatrix>, start: number, out: Values): void {
  const workspace = layOutWorkspace(source.distribution, source.dtype, RESERVED, 1);
  const memory = workspaceMemory(workspace.end);
  if (memory === undefined) {
    reserve(() => twins.draw(source, start, out), workspace.end); // the same bits, in ordinary memory
    return;
  }
  drawAlone(instanceOn(memory), workspace, source, start, out);
}

let keptMemory: WebAssembly.Memory | undefined; // of the last matrix, for the next one
const MOST_KEPT = 0x4000000; // bytes: 64 MiB

/** Memory of at least `bytes` bytes; undefined if this runtime cannot reserve it. */
function workspaceMemory(bytes: number): WebAssembly.Memory | undefined {
  if (keptMemory !== undefined && keptMemory.buffer.byteLength >= bytes) return keptMemory;
  const memory = newMemory(bytes);
  if (bytes <= MOST_KEPT) keptMemory = memory ?? keptMemory;
  return memory;
}

/** @internal The kernels on the memory of an arena; undefined if this runtime cannot run them, or not for any numbers. */
export const kernelsOn = (memory: WebAssembly.Memory): Kernels | undefined =>
  (absence() ?? weakness) === undefined ? instanceOn(memory).kernels : undefined;

function instanceOn(memory: WebAssembly.Memory): Instance {
  const known = instances.get(memory);
  if (known !== undefined) return known;
  const instance = instantiate(exportsOf(module as WebAssembly.Module, memory), memory, SCRATCH);
  instances.set(memory, instance);
  return instance;
}
