/** The WebAssembly kernels on one linear memory: their ABI, and drawing through it, two blocks at a time. */
import { instantiateSync } from "@assemblyscript/loader";
import type { Pointwise } from "../distribution.js";
import { type ArrayOf, type DType, FORMATS, type Values, view } from "../dtype.js";
import { BLOCK } from "../kernel/bits.js";
import { type Cut, isNear, truncatedEdge, truncatedWideEdge, uniformEdge } from "./parameters.js";
import { cut, elementsIn } from "./pieces.js";
import type { Points } from "./source.js";

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
  constant64(out: number, count: number, value: number): void;
  uniform(out: number, count: number, middle: number, half: number, first: number, last: number): void;
  uniform64(out: number, count: number, middle: number, half: number, first: number, last: number): void;
  normal(out: number, count: number, mean: number, std: number, scratch: number): void;
  normal64(out: number, count: number, mean: number, std: number, scratch: number): void;
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
  truncatedWide: Wide;
  truncated64: Wide;
  roundF16(out: number, count: number, from: number): void;
  roundBf16(out: number, count: number, from: number): void;
  matmul32: Matmul;
  matmul64: Matmul;
  reflect32: Reflect;
  reflect64: Reflect;
  orthogonal32: Orthogonal;
  orthogonal64: Orthogonal;
}

type Matmul = (
  c: number,
  a: number,
  b: number,
  rows: number,
  columns: number,
  depth: number,
  strideC: number,
  rowsA: number,
  depthA: number,
  strideB: number,
  subtract: number,
) => void;

type Reflect = (panel: number, rows: number, columns: number, triangle: number, signs: number, scratch: number) => void;

type Orthogonal = (
  q: number,
  rows: number,
  columns: number,
  first: number,
  gain: number,
  tall: number,
  panels: number,
  triangles: number,
  signs: number,
  slab: number,
) => void;

type Wide = (
  out: number,
  count: number,
  mean: number,
  std: number,
  middle: number,
  half: number,
  below: number,
  above: number,
  span: number,
  surplus: number,
  first: number,
  last: number,
) => void;

/** Kernels on a memory, with a scratch of their own in it: SCRATCH_BYTES at an address that is a multiple of 128. */
export interface Instance {
  readonly kernels: Kernels;
  readonly memory: WebAssembly.Memory;
  /** The scratch: two blocks, then what the kernels need between their passes. */
  readonly scratch: number;
  /** The two blocks, as elements of each dtype. */
  readonly elements: ArrayOf;
}

const BLOCKS = 2; // drawn at a time
const PASSES = 4 * BLOCKS * BLOCK; // where the kernels' own scratch begins
export const SCRATCH_BYTES = PASSES + 4096; // a TILE of assembly/normal.ts and truncated.ts
const TILE = 128; // bytes: kernels write whole ones

export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory, scratch: number): Instance {
  const imports = { env: { memory } };
  // The loader knows modules of this realm alone. Its wrapped exports pass each call's arguments on as an array, so
  // the instance's own are taken.
  const { exports } =
    module instanceof WebAssembly.Module
      ? instantiateSync(module, imports).instance
      : new WebAssembly.Instance(module, imports);
  const blocks = <D extends DType>(dtype: D) =>
    view(dtype, memory.buffer, scratch, BLOCKS * elementsIn(FORMATS[dtype].words));
  const elements = { f32: blocks("f32"), f64: blocks("f64"), f16: blocks("f16"), bf16: blocks("bf16") };
  return { kernels: exports as unknown as Kernels, memory, scratch, elements };
}

/** Writes elements [start, start + length) to the instance's own memory, at an address. */
export function drawInPlace(on: Instance, tensor: Points, start: number, address: number, length: number): void {
  const { bytes, words } = FORMATS[tensor.dtype];
  const run = runner(on, tensor);
  cut(start, length, elementsIn(words), BLOCKS, ({ blockLow, blockHigh, begin, end, at }) => {
    const to = address + bytes * at;
    if (begin === 0 && (bytes * end) % TILE === 0) run(to, end, blockLow, blockHigh);
    else {
      run(on.scratch, end, blockLow, blockHigh);
      on.kernels.copy(to, on.scratch + bytes * begin, bytes * (end - begin));
    }
  });
}

/** Writes elements [start, start + out.length) to any array, by way of the scratch. */
export function drawOut(on: Instance, tensor: Points, start: number, out: Values): void {
  const size = elementsIn(FORMATS[tensor.dtype].words);
  const run = runner(on, tensor);
  const scratch = on.elements[tensor.dtype];
  cut(start, out.length, size, BLOCKS, ({ blockLow, blockHigh, begin, end, at }) => {
    run(on.scratch, end, blockLow, blockHigh);
    out.set(scratch.subarray(begin, end), at);
  });
}

/** Writes the first `count` values of a block, and of the one after it, at an address. */
type Run = (address: number, count: number, blockLow: number, blockHigh: number) => void;

/** The same, where the words stand already. */
type Step = (address: number, count: number) => void;

function runner({ kernels, scratch }: Instance, { fill, key, dtype }: Points): Run {
  const { words } = FORMATS[dtype];
  const map = dtype === "f64" ? law64(fill, kernels, scratch + PASSES) : law(fill, dtype, kernels, scratch + PASSES);
  const { seedLow, seedHigh, streamLow, streamHigh } = key;
  const run: Run =
    fill.law === "constant"
      ? map
      : (address, count, blockLow, blockHigh) => {
          kernels.bits(address, count * words, blockLow, blockHigh, seedLow, seedHigh, streamLow, streamHigh);
          map(address, count);
        };
  const round = rounding(kernels, dtype);
  if (round === undefined) return run;
  return (address, count, blockLow, blockHigh) => {
    run(scratch, count, blockLow, blockHigh);
    round(address, count, scratch);
  };
}

/** The kernel of the last step to 16 bits, where there is one. */
export const rounding = ({ roundF16, roundBf16 }: Kernels, dtype: DType) =>
  ({ f16: roundF16, bf16: roundBf16, f32: undefined, f64: undefined })[dtype];

/** The law's kernel with its parameters: words to values of 32 bits at an address, the first `count`. */
function law(fill: Pointwise, dtype: DType, kernels: Kernels, scratch: number): Step {
  switch (fill.law) {
    case "constant":
      return (address, count) => kernels.constant(address, count, fill.value);
    case "uniform": {
      const { middle, half, first, last } = uniformEdge(fill.low, fill.high, dtype);
      return (address, count) => kernels.uniform(address, count, middle, half, first, last);
    }
    case "normal":
      return (address, count) => kernels.normal(address, count, fill.mean, fill.std, scratch);
    case "truncated": {
      if (!isNear(fill, dtype)) return wide(kernels.truncatedWide, fill, dtype);
      const { mean, std, scale, rest, first, last } = truncatedEdge(fill, dtype);
      return (address, count) => kernels.truncated(address, count, mean, std, scale, rest, first, last, scratch);
    }
  }
}

/** Words to values of 64 bits. */
function law64(fill: Pointwise, kernels: Kernels, scratch: number): Step {
  switch (fill.law) {
    case "constant":
      return (address, count) => kernels.constant64(address, count, fill.value);
    case "uniform": {
      const { middle, half, first, last } = uniformEdge(fill.low, fill.high, "f64");
      return (address, count) => kernels.uniform64(address, count, middle, half, first, last);
    }
    case "normal":
      return (address, count) => kernels.normal64(address, count, fill.mean, fill.std, scratch);
    case "truncated":
      return wide(kernels.truncated64, fill, "f64");
  }
}

function wide(kernel: Wide, cut: Cut, dtype: DType): Step {
  const { mean, std, middle, half, below, above, span, surplus, first, last } = truncatedWideEdge(cut, dtype);
  return (address, count) => kernel(address, count, mean, std, middle, half, below, above, span, surplus, first, last);
}
