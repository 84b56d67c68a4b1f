/** What counts the values of an audit: kernels of their own, or their twins with the same bits. */
import { exportsOf } from "#exports";
import { count16, count32, count64, type Sums } from "../kernel/counting.js";
import type { CountingKernels } from "./abi.js";
import { compile } from "./module/compile.js";
import { BYTES } from "./module/counting.bytes.js";

/** What the twins do, which kernels do as well with arrays of a `CountingMemory`. */
export interface CountOperations {
  count32(values: Float32Array, bins: Uint32Array): Sums;
  count64(values: Float64Array, bins: Uint32Array): Sums;
  count16(patterns: Uint16Array, bins: Uint32Array): void;
}

export const TWINS: CountOperations = { count32, count64, count16 };

/** Counters of two tables of bins. */
const BINS = 2 * 65536;
const PAGE = 65536;
/** Where kernels leave their sums: before the bytes, which begin at a multiple of 8. */
const SUMS_BYTES = 64;

/** Memory for values, and bins for them. */
export interface CountingMemory {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly bins: readonly Uint32Array[];
  readonly counting: CountOperations;
}

/**
 * @param bytes of values.
 * @param regions how many times there are bins.
 */
export function countingMemory(bytes: number, regions: number): CountingMemory {
  const end = SUMS_BYTES + 8 * Math.ceil(bytes / 8);
  const length = end + 4 * BINS * regions;
  const { buffer, counting } = kernelsIn(length) ?? { buffer: new ArrayBuffer(length), counting: TWINS };
  return {
    bytes: new Uint8Array(buffer, SUMS_BYTES, bytes),
    bins: Array.from({ length: regions }, (_, i) => new Uint32Array(buffer, end + 4 * BINS * i, BINS)),
    counting,
  };
}

let module: WebAssembly.Module | undefined;

/** Undefined where the runtime has no WebAssembly or no SIMD, may not compile, or has no room for its memory. */
function kernelsIn(length: number) {
  try {
    module ??= compile(BYTES);
    const memory = new WebAssembly.Memory({ initial: Math.ceil(length / PAGE) });
    const buffer = memory.buffer as ArrayBuffer;
    return { buffer, counting: byKernels(exportsOf(module, memory) as unknown as CountingKernels, buffer) };
  } catch {
    return undefined;
  }
}

function byKernels(kernels: CountingKernels, buffer: ArrayBuffer): CountOperations {
  const sums = new Float64Array(buffer, 0, 8);
  const floats = new Float32Array(buffer, 32, 8);
  const at = (i: number): number => sums[i] as number;
  const float = (i: number): number => floats[i] as number;
  const total = (least: number, greatest: number): Sums => ({
    sum: at(0) + at(1),
    squares: at(2) + at(3),
    least: least + 0, // without the sign of a zero
    greatest: greatest + 0,
  });
  return {
    count32(values, bins) {
      kernels.count32(values.byteOffset, values.length, bins.byteOffset, 0);
      return total(Math.min(float(0), float(1), float(2), float(3)), Math.max(float(4), float(5), float(6), float(7)));
    },
    count64(values, bins) {
      kernels.count64(values.byteOffset, values.length, bins.byteOffset, 0);
      return total(Math.min(at(4), at(5)), Math.max(at(6), at(7)));
    },
    count16: (patterns, bins) => kernels.count16(patterns.byteOffset, patterns.length, bins.byteOffset),
  };
}
