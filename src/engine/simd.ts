/** The WebAssembly kernels in this thread. A view of an arena is filled in place. */
import { loadModule } from "#kernel";
import { memoryOf, RESERVED } from "../arena.js";
import { wrongType } from "../check.js";
import type { Engine } from "../engine.js";
import { drawInPlace, drawOut, type Instance, instantiate, SCRATCH_BYTES } from "./kernels.js";
import { hasSimd } from "./probe.js";

const SCRATCH = RESERVED - SCRATCH_BYTES; // address; the kernels' constants lie below

let module: WebAssembly.Module | undefined;
let reason: string | undefined;
let own: WebAssembly.Memory | undefined; // for memory that is no arena's
const instances = new WeakMap<WebAssembly.Memory, Instance>();

/**
 * Gives the compiled kernels (`nn-init/kernel.wasm`), where the runtime may not compile them and its bundler does not
 * know the `workerd` or `edge-light` condition. Before the first draw; later calls change nothing that was drawn.
 */
export function setModule(compiled: WebAssembly.Module): void {
  // By its brand: a module of another realm is none by instanceof.
  if (Object.prototype.toString.call(compiled) !== "[object WebAssembly.Module]") {
    throw wrongType("module", "a WebAssembly.Module", compiled);
  }
  if (!WebAssembly.Module.exports(compiled).some(({ name }) => name === "roundBf16")) {
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
  draw(tensor, start, out) {
    const memory = memoryOf(out.buffer);
    if (memory === undefined) drawOut(instanceOn(ownPage()), tensor, start, out);
    else drawInPlace(instanceOn(memory), tensor, start, out.byteOffset, out.length);
  },
};

function ownPage(): WebAssembly.Memory {
  own ??= new WebAssembly.Memory({ initial: RESERVED / 65536, maximum: RESERVED / 65536 });
  return own;
}

function instanceOn(memory: WebAssembly.Memory): Instance {
  const made = instances.get(memory);
  if (made !== undefined) return made;
  const instance = instantiate(module as WebAssembly.Module, memory, SCRATCH);
  instances.set(memory, instance);
  return instance;
}
