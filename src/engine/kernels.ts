/** The WebAssembly kernels on one linear memory: their ABI, and drawing through it, two blocks at a time. */
import { instantiateSync } from "@assemblyscript/loader";
import { isNear, truncatedEdge, truncatedWideEdge, uniformEdge } from "../edge.js";
import type { Fill } from "../fill.js";
import { BLOCK } from "../kernel/bits.js";
import type { Key } from "../stream.js";
import { cut } from "./cut.js";

/** The exports of assembly/index.ts. Addresses are bytes. */
export interface Kernels {
  copy(to: number, from: number, bytes: number): void;
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
  normal(out: number, count: number, mean: number, std: number, scratch: number): void;
  truncated(
    out: number,
    count: number,
    mean: number,
    std: number,
    scale: number,
    rest: number,
    first: number,
    last: number,
    scratch: number,
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

/** Kernels on a memory, with a scratch of their own in it: SCRATCH_BYTES at an address that is a multiple of 128. */
export interface Instance {
  readonly kernels: Kernels;
  /** The scratch: two blocks, then what the kernels need between their passes. */
  readonly address: number;
  readonly scratch: Float32Array;
}

const BLOCKS = 2; // drawn at a time
const PASSES = 4 * BLOCKS * BLOCK; // where the kernels' own scratch begins
export const SCRATCH_BYTES = PASSES + 4096; // a TILE of assembly/normal.ts and truncated.ts
const TILE = 32; // elements: kernels write whole ones

export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory, address: number): Instance {
  const imports = { env: { memory } };
  // The loader knows modules of this realm alone. Its wrapped exports pass each call's arguments on as an array, so
  // the instance's own are taken.
  const { exports } =
    module instanceof WebAssembly.Module
      ? instantiateSync(module, imports).instance
      : new WebAssembly.Instance(module, imports);
  const scratch = new Float32Array(memory.buffer, address, BLOCKS * BLOCK);
  return { kernels: exports as unknown as Kernels, address, scratch };
}

/** Writes elements [start, start + length) to the instance's own memory, at an address. */
export function drawInPlace(on: Instance, fill: Fill, key: Key, start: number, address: number, length: number): void {
  const run = runner(on, fill, key);
  cut(start, length, BLOCKS, ({ blockLow, blockHigh, begin, end, at }) => {
    const to = address + 4 * at;
    if (begin === 0 && end % TILE === 0) run(to, end, blockLow, blockHigh);
    else {
      run(on.address, end, blockLow, blockHigh);
      on.kernels.copy(to, on.address + 4 * begin, 4 * (end - begin));
    }
  });
}

/** Writes elements [start, start + out.length) to any array, by way of the scratch. */
export function drawOut(on: Instance, fill: Fill, key: Key, start: number, out: Float32Array): void {
  const run = runner(on, fill, key);
  cut(start, out.length, BLOCKS, ({ blockLow, blockHigh, begin, end, at }) => {
    run(on.address, end, blockLow, blockHigh);
    out.set(on.scratch.subarray(begin, end), at);
  });
}

/** Writes the first `count` values of a block, and of the one after it, at an address. */
type Run = (address: number, count: number, blockLow: number, blockHigh: number) => void;

function runner(
  { kernels, address: scratch }: Instance,
  fill: Fill,
  { seedLow, seedHigh, streamLow, streamHigh }: Key,
): Run {
  const map = law(fill, kernels, scratch + PASSES);
  if (fill.law === "constant") return map;
  return (address, count, blockLow, blockHigh) => {
    kernels.bits(address, count, blockLow, blockHigh, seedLow, seedHigh, streamLow, streamHigh);
    map(address, count);
  };
}

/** The law's kernel with its parameters: words to values at an address, the first `count`. */
function law(fill: Fill, kernels: Kernels, scratch: number): (address: number, count: number) => void {
  switch (fill.law) {
    case "constant":
      return (address, count) => kernels.constant(address, count, fill.value);
    case "uniform": {
      const { middle, half, first, last } = uniformEdge(fill.low, fill.high);
      return (address, count) => kernels.uniform(address, count, middle, half, first, last);
    }
    case "normal":
      return (address, count) => kernels.normal(address, count, fill.mean, fill.std, scratch);
    case "truncated": {
      if (isNear(fill)) {
        const { mean, std, scale, rest, first, last } = truncatedEdge(fill);
        return (address, count) => kernels.truncated(address, count, mean, std, scale, rest, first, last, scratch);
      }
      const { mean, std, middle, slope, below, above, step, surplus, first, last } = truncatedWideEdge(fill);
      return (address, count) =>
        kernels.truncatedWide(address, count, mean, std, middle, slope, below, above, step, surplus, first, last);
    }
  }
}
