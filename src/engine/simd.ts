/**
 * The WebAssembly kernels, two blocks at a time. A view of an arena is filled in place; for other memory the kernels
 * fill a scratch, which is copied out while it is in the first cache.
 */
import { instantiateSync } from "@assemblyscript/loader";
import { loadModule } from "#kernel";
import { memoryOf, RESERVED } from "../arena.js";
import { wrongType } from "../check.js";
import { isNear, truncatedEdge, truncatedWideEdge, uniformEdge } from "../edge.js";
import type { Engine } from "../engine.js";
import type { Fill } from "../fill.js";
import { BLOCK } from "../kernel/bits.js";
import { cut } from "./cut.js";
import { hasSimd } from "./probe.js";

/** The exports of assembly/index.ts. Addresses are bytes. */
export interface Kernels {
  bits(
    out: number,
    count: number,
    blockLow: number,
    blockHigh: number,
    seedLow: number,
    seedHigh: number,
    streamLow: number,
    streamHigh: number,
  ): void;
  constant(out: number, count: number, value: number): void;
  uniform(out: number, count: number, middle: number, half: number, first: number, last: number): void;
  normal(out: number, count: number, mean: number, std: number): void;
  truncated(
    out: number,
    count: number,
    mean: number,
    std: number,
    scale: number,
    rest: number,
    first: number,
    last: number,
  ): void;
  truncatedWide(
    out: number,
    count: number,
    mean: number,
    std: number,
    middle: number,
    slope: number,
    below: number,
    above: number,
    step: number,
    surplus: number,
    first: number,
    last: number,
  ): void;
}

/** Kernels on one linear memory, with the scratch in its reserved page. */
interface Instance {
  readonly kernels: Kernels;
  readonly scratch: Float32Array;
}

const SCRATCH = RESERVED - 4 * 2 * BLOCK; // address; the kernels' constants lie below
const TILE = 16; // elements: kernels write whole ones

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
  if (!WebAssembly.Module.exports(compiled).some(({ name }) => name === "truncatedWide")) {
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
  draw(fill, key, start, out) {
    const memory = memoryOf(out.buffer);
    const { kernels, scratch } = instanceOn(memory ?? ownPage());
    const map = law(fill, kernels);
    cut(start, out.length, 2, ({ blockLow, blockHigh, begin, end, at }) => {
      const inPlace = memory !== undefined && begin === 0 && end % TILE === 0;
      const address = inPlace ? out.byteOffset + 4 * at : SCRATCH;
      if (fill.law !== "constant") {
        kernels.bits(address, end, blockLow, blockHigh, key.seedLow, key.seedHigh, key.streamLow, key.streamHigh);
      }
      map(address, end);
      if (!inPlace) out.set(scratch.subarray(begin, end), at);
    });
  },
};

/** The law's kernel with its parameters: words to values at an address, the first `count`. */
function law(fill: Fill, kernels: Kernels): (address: number, count: number) => void {
  switch (fill.law) {
    case "constant":
      return (address, count) => kernels.constant(address, count, fill.value);
    case "uniform": {
      const { middle, half, first, last } = uniformEdge(fill.low, fill.high);
      return (address, count) => kernels.uniform(address, count, middle, half, first, last);
    }
    case "normal":
      return (address, count) => kernels.normal(address, count, fill.mean, fill.std);
    case "truncated": {
      if (isNear(fill)) {
        const { mean, std, scale, rest, first, last } = truncatedEdge(fill);
        return (address, count) => kernels.truncated(address, count, mean, std, scale, rest, first, last);
      }
      const { mean, std, middle, slope, below, above, step, surplus, first, last } = truncatedWideEdge(fill);
      return (address, count) =>
        kernels.truncatedWide(address, count, mean, std, middle, slope, below, above, step, surplus, first, last);
    }
  }
}

function ownPage(): WebAssembly.Memory {
  own ??= new WebAssembly.Memory({ initial: RESERVED / 65536, maximum: RESERVED / 65536 });
  return own;
}

function instanceOn(memory: WebAssembly.Memory): Instance {
  const made = instances.get(memory);
  if (made !== undefined) return made;
  const instance = instantiate(memory);
  instances.set(memory, instance);
  return instance;
}

function instantiate(memory: WebAssembly.Memory): Instance {
  const compiled = module as WebAssembly.Module;
  const imports = { env: { memory } };
  // The loader knows modules of this realm alone. Its wrapped exports pass each call's arguments on as an array, so
  // the instance's own are taken.
  const instance =
    compiled instanceof WebAssembly.Module
      ? instantiateSync(compiled, imports).instance
      : new WebAssembly.Instance(compiled, imports);
  return {
    kernels: instance.exports as unknown as Kernels,
    scratch: new Float32Array(memory.buffer, SCRATCH, 2 * BLOCK),
  };
}
