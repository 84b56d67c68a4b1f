/** The WebAssembly kernels on a linear memory: their scratch, and drawing through them two blocks at a time. */
import { type ArrayOf, type DType, FORMATS, type Values, view } from "../dtype.js";
import { BLOCK } from "../kernel/bits.js";
import { TURNS } from "../kernel/normal64.js";
import { COEFFICIENTS } from "../kernel/quantile.js";
import type { Kernels } from "./abi.js";
import { isNarrow, truncatedParameters, truncatedWideParameters, uniformParameters } from "./parameters.js";
import { elementsPerBlock, forEachPiece } from "./pieces.js";
import type { IndependentSource } from "./source.js";

const BLOCKS = 2; // blocks of the stream in a piece
const BLOCKS_BYTES = 4 * BLOCKS * BLOCK;
const PASSES_BYTES = 9216; // what kernels keep between two passes: most in assembly/truncated.ts
/** Bytes of scratch that an instance needs: two blocks, and then what kernels keep between passes. */
export const SCRATCH_BYTES = BLOCKS_BYTES + PASSES_BYTES;
const STORE_BYTES = 128; // kernels write whole multiples of this

/** Coefficients that twins and kernels share, so that the package has them once: where the kernels look for them. */
export const SHARED = { begin: 1792, values: [...COEFFICIENTS, ...TURNS] };
/** Where the kernels' constants lie in every memory: their own, and then the shared ones. */
export const CONSTANTS = { begin: 1024, end: SHARED.begin + 8 * SHARED.values.length };

/** The kernels on one memory. Each instance has its own scratch in it. */
export interface Instance {
  readonly kernels: Kernels;
  readonly memory: WebAssembly.Memory;
  /** The kernels' constants, as they must be. */
  readonly constants: Uint8Array;
  /** The memory in which the kernels look for them. */
  readonly constantsInMemory: Uint8Array;
  /** Address of the scratch, a multiple of 128. */
  readonly scratch: number;
  /** The two blocks of the scratch, as elements of each dtype. */
  readonly blocks: ArrayOf;
}

/**
 * @param exports of a new instance of the kernels on this memory.
 * @param scratch address of the instance's scratch.
 * @param constants as an earlier instance has them, if other threads may already write to the memory.
 */
export function instantiate(
  exports: WebAssembly.Exports,
  memory: WebAssembly.Memory,
  scratch: number,
  constants?: Uint8Array,
): Instance {
  const kernels = exports as unknown as Kernels;
  const blocksAs = <D extends DType>(dtype: D) =>
    view(dtype, memory.buffer, scratch, BLOCKS * elementsPerBlock(FORMATS[dtype].words));
  const blocks = { f32: blocksAs("f32"), f64: blocksAs("f64"), f16: blocksAs("f16"), bf16: blocksAs("bf16") };
  const constantsInMemory = new Uint8Array(memory.buffer).subarray(CONSTANTS.begin, CONSTANTS.end);
  if (constants === undefined) {
    new Float64Array(memory.buffer, SHARED.begin).set(SHARED.values);
    constants = constantsInMemory.slice();
  }
  return { kernels, memory, constants, constantsInMemory, scratch, blocks };
}

/** Whether the kernels of an instance that has not drawn yet keep subnormal numbers. Some vector units take them for 0. */
export function keepsSubnormals({ kernels, scratch, blocks }: Instance): boolean {
  kernels.uniform64(scratch, 2, 0, 1e-301, -1, 1); // words of 0 make half * 2^-53
  kernels.uniform(scratch + 16, 4, 0, 1e-30, -1, 1); // half * 2^-31
  return blocks.f64[0] !== 0 && blocks.f32[4] !== 0;
}

/** Writes elements [start, start + length) to an address of the instance's memory. */
export function drawInPlace(
  instance: Instance,
  source: IndependentSource,
  start: number,
  address: number,
  length: number,
): void {
  const { bytes, words } = FORMATS[source.dtype];
  const write = blockWriter(instance, source);
  forEachPiece(start, length, elementsPerBlock(words), BLOCKS, ({ blockLow, blockHigh, begin, end, at }) => {
    const to = address + bytes * at;
    if (begin === 0 && (bytes * end) % STORE_BYTES === 0) write(to, end, blockLow, blockHigh);
    else {
      write(instance.scratch, end, blockLow, blockHigh);
      instance.kernels.copy(to, instance.scratch + bytes * begin, bytes * (end - begin));
    }
  });
}

/** Writes elements [start, start + out.length) to an array in any memory, through the scratch. */
export function drawOut(instance: Instance, source: IndependentSource, start: number, out: Values): void {
  const size = elementsPerBlock(FORMATS[source.dtype].words);
  const write = blockWriter(instance, source);
  const scratch = instance.blocks[source.dtype];
  forEachPiece(start, out.length, size, BLOCKS, ({ blockLow, blockHigh, begin, end, at }) => {
    write(instance.scratch, end, blockLow, blockHigh);
    out.set(scratch.subarray(begin, end), at);
  });
}

/** Writes the first `count` elements of a block and the block after it to an address. */
type BlockWriter = (address: number, count: number, blockLow: number, blockHigh: number) => void;

/** Turns the words at an address into `count` elements, in place. */
type KernelTransform = (address: number, count: number) => void;

function blockWriter(instance: Instance, source: IndependentSource): BlockWriter {
  const { distribution, key, dtype } = source;
  const { kernels, scratch } = instance;
  const { words } = FORMATS[dtype];
  // The owner of an arena can overwrite all of its buffer. Writing the constants again takes less time than comparing them.
  instance.constantsInMemory.set(instance.constants);
  const transform = transformOf(source, kernels, scratch + BLOCKS_BYTES);
  const { seedLow, seedHigh, streamLow, streamHigh } = key;
  const write: BlockWriter =
    distribution.kind === "constant"
      ? transform
      : (address, count, blockLow, blockHigh) => {
          kernels.bits(address, count * words, blockLow, blockHigh, seedLow, seedHigh, streamLow, streamHigh);
          transform(address, count);
        };
  const round = roundingKernel(kernels, dtype);
  if (round === undefined) return write;
  return (address, count, blockLow, blockHigh) => {
    write(scratch, count, blockLow, blockHigh);
    round(address, count, scratch);
  };
}

/** The kernel that rounds f32 values to a dtype of 16 bits; undefined for other dtypes. */
export const roundingKernel = ({ roundF16, roundBf16 }: Kernels, dtype: DType) =>
  ({ f16: roundF16, bf16: roundBf16, f32: undefined, f64: undefined })[dtype];

/** The kernel of the distribution, called with its parameters. */
function transformOf({ distribution, dtype }: IndependentSource, kernels: Kernels, passes: number): KernelTransform {
  const wide = dtype === "f64";
  switch (distribution.kind) {
    case "constant": {
      const kernel = wide ? kernels.constant64 : kernels.constant;
      return (address, count) => kernel(address, count, distribution.value);
    }
    case "uniform": {
      const kernel = wide ? kernels.uniform64 : kernels.uniform;
      const { middle, half, first, last } = uniformParameters(distribution.low, distribution.high, dtype);
      return (address, count) => kernel(address, count, middle, half, first, last);
    }
    case "normal": {
      const kernel = wide ? kernels.normal64 : kernels.normal;
      return (address, count) => kernel(address, count, distribution.mean, distribution.std, passes);
    }
    case "truncated": {
      if (isNarrow(distribution, dtype)) {
        const { mean, std, scale, rest, first, last } = truncatedParameters(distribution, dtype);
        return (address, count) => kernels.truncated(address, count, mean, std, scale, rest, first, last, passes);
      }
      const kernel = wide ? kernels.truncated64 : kernels.truncatedWide;
      const parameters = truncatedWideParameters(distribution, dtype);
      const { mean, std, middle, half, below, above, span, surplus, first, last } = parameters;
      return (address, count) =>
        kernel(address, count, mean, std, middle, half, below, above, span, surplus, first, last, passes);
    }
  }
}
