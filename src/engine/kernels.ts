/** The WebAssembly kernels on one linear memory: their ABI, and drawing through it, two blocks at a time. */
import { instantiateSync } from "@assemblyscript/loader";
import type { Independent } from "../distribution.js";
import { type ArrayOf, type DType, FORMATS, type Values, view } from "../dtype.js";
import { BLOCK } from "../kernel/bits.js";
import {
  isNear,
  type TruncatedNormal,
  truncatedParameters,
  truncatedWideParameters,
  uniformParameters,
} from "./parameters.js";
import { elementsIn, forEachPiece } from "./pieces.js";
import type { IndependentSource } from "./source.js";

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
export function drawInPlace(
  instance: Instance,
  source: IndependentSource,
  start: number,
  address: number,
  length: number,
): void {
  const { bytes, words } = FORMATS[source.dtype];
  const run = runner(instance, source);
  forEachPiece(start, length, elementsIn(words), BLOCKS, ({ blockLow, blockHigh, begin, end, at }) => {
    const to = address + bytes * at;
    if (begin === 0 && (bytes * end) % TILE === 0) run(to, end, blockLow, blockHigh);
    else {
      run(instance.scratch, end, blockLow, blockHigh);
      instance.kernels.copy(to, instance.scratch + bytes * begin, bytes * (end - begin));
    }
  });
}

/** Writes elements [start, start + out.length) to any array, by way of the scratch. */
export function drawOut(instance: Instance, source: IndependentSource, start: number, out: Values): void {
  const size = elementsIn(FORMATS[source.dtype].words);
  const run = runner(instance, source);
  const scratch = instance.elements[source.dtype];
  forEachPiece(start, out.length, size, BLOCKS, ({ blockLow, blockHigh, begin, end, at }) => {
    run(instance.scratch, end, blockLow, blockHigh);
    out.set(scratch.subarray(begin, end), at);
  });
}

/** Writes the first `count` values of a block, and of the one after it, at an address. */
type Run = (address: number, count: number, blockLow: number, blockHigh: number) => void;

/** The same, where the words stand already. */
type Step = (address: number, count: number) => void;

function runner({ kernels, scratch }: Instance, { distribution, key, dtype }: IndependentSource): Run {
  const { words } = FORMATS[dtype];
  const map =
    dtype === "f64"
      ? map64(distribution, kernels, scratch + PASSES)
      : map32(distribution, dtype, kernels, scratch + PASSES);
  const { seedLow, seedHigh, streamLow, streamHigh } = key;
  const run: Run =
    distribution.kind === "constant"
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
function map32(distribution: Independent, dtype: DType, kernels: Kernels, scratch: number): Step {
  switch (distribution.kind) {
    case "constant":
      return (address, count) => kernels.constant(address, count, distribution.value);
    case "uniform": {
      const { middle, half, first, last } = uniformParameters(distribution.low, distribution.high, dtype);
      return (address, count) => kernels.uniform(address, count, middle, half, first, last);
    }
    case "normal":
      return (address, count) => kernels.normal(address, count, distribution.mean, distribution.std, scratch);
    case "truncated": {
      if (!isNear(distribution, dtype)) return wide(kernels.truncatedWide, distribution, dtype);
      const { mean, std, scale, rest, first, last } = truncatedParameters(distribution, dtype);
      return (address, count) => kernels.truncated(address, count, mean, std, scale, rest, first, last, scratch);
    }
  }
}

/** Words to values of 64 bits. */
function map64(distribution: Independent, kernels: Kernels, scratch: number): Step {
  switch (distribution.kind) {
    case "constant":
      return (address, count) => kernels.constant64(address, count, distribution.value);
    case "uniform": {
      const { middle, half, first, last } = uniformParameters(distribution.low, distribution.high, "f64");
      return (address, count) => kernels.uniform64(address, count, middle, half, first, last);
    }
    case "normal":
      return (address, count) => kernels.normal64(address, count, distribution.mean, distribution.std, scratch);
    case "truncated":
      return wide(kernels.truncated64, distribution, "f64");
  }
}

function wide(kernel: Wide, distribution: TruncatedNormal, dtype: DType): Step {
  const { mean, std, middle, half, below, above, span, surplus, first, last } = truncatedWideParameters(
    distribution,
    dtype,
  );
  return (address, count) => kernel(address, count, mean, std, middle, half, below, above, span, surplus, first, last);
}
