/**
 * The kernels and their twins behind one call each: words in, bits out. Which kernel draws a distribution, and with which
 * parameters, is written out here once more and not taken from src/engine: the engines only take words from the stream,
 * and the tests need words of their own choice. test/stream/v1.test.ts holds both to the same frozen values.
 */
import { readFileSync } from "node:fs";
import type { Independent } from "../src/distribution.js";
import type { DType } from "../src/dtype.js";
import type { Kernels } from "../src/engine/abi.js";
import { SHARED } from "../src/engine/kernels.js";
import { isNarrow, truncatedParameters, truncatedWideParameters, uniformParameters } from "../src/engine/parameters.js";
import { BLOCK, bits } from "../src/kernel/bits.js";
import { constant } from "../src/kernel/constant.js";
import { normal } from "../src/kernel/normal.js";
import { normal64 } from "../src/kernel/normal64.js";
import { roundBf16, roundF16 } from "../src/kernel/round.js";
import { truncated, truncated64, truncatedWide } from "../src/kernel/truncated.js";
import { uniform, uniform64 } from "../src/kernel/uniform.js";

export const memory = new WebAssembly.Memory({ initial: 2 });
export const module = new WebAssembly.Module(readFileSync(new URL("../build/kernel.wasm", import.meta.url)));
export const wasm = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;

const ADDRESS = 65536;
const SCRATCH = ADDRESS + 8 * BLOCK;
new Float64Array(memory.buffer, SHARED.begin).set(SHARED.values);
const wasmWords = new Uint32Array(memory.buffer, ADDRESS, 2 * BLOCK);

export interface Seeding {
  readonly block: readonly [low: number, high: number];
  readonly seed: readonly [low: number, high: number];
  readonly stream: readonly [low: number, high: number];
}

/** The WebAssembly kernels, or the twins. */
export interface KernelSet {
  readonly name: string;
  /** The first words of a block. */
  words(seeding: Seeding, count: number): Uint32Array;
  /**
   * The values that a distribution's kernel makes of the first `count` of these words, as bits: one word for a value of 32
   * bits, two for one of f64.
   */
  map(distribution: Independent, words: ArrayLike<number>, count?: number, dtype?: DType): Uint32Array;
  /** Rounds values of 32 bits, given as words, to 16 bits. */
  round(words: ArrayLike<number>, dtype: "f16" | "bf16"): Uint16Array;
}

export const simd: KernelSet = {
  name: "WebAssembly kernel",
  words({ block, seed, stream }, count) {
    wasm.bits(ADDRESS, count, ...block, ...seed, ...stream);
    return wasmWords.slice(0, count);
  },
  map(distribution, words, count = words.length, dtype = "f32") {
    wasmWords.set(words);
    mapByKernel(distribution, dtype, dtype === "f64" ? count / 2 : count);
    return wasmWords.slice(0, count);
  },
  round(words, dtype) {
    wasmWords.set(words);
    wasm[dtype === "f16" ? "roundF16" : "roundBf16"](ADDRESS, words.length, ADDRESS);
    return new Uint16Array(memory.buffer, ADDRESS, words.length).slice();
  },
};

function mapByKernel(distribution: Independent, dtype: DType, n: number): void {
  const f64 = dtype === "f64";
  switch (distribution.kind) {
    case "constant":
      (f64 ? wasm.constant64 : wasm.constant)(ADDRESS, n, distribution.value);
      break;
    case "uniform": {
      const { middle, half, first, last } = uniformParameters(distribution.low, distribution.high, dtype);
      (f64 ? wasm.uniform64 : wasm.uniform)(ADDRESS, n, middle, half, first, last);
      break;
    }
    case "normal":
      (f64 ? wasm.normal64 : wasm.normal)(ADDRESS, n, distribution.mean, distribution.std, SCRATCH);
      break;
    case "truncated": {
      if (isNarrow(distribution, dtype)) {
        const { mean, std, scale, rest, first, last } = truncatedParameters(distribution, dtype);
        wasm.truncated(ADDRESS, n, mean, std, scale, rest, first, last, SCRATCH);
        return;
      }
      const p = truncatedWideParameters(distribution, dtype);
      const tails = [p.below, p.above, p.span, p.surplus] as const;
      const kernel = f64 ? wasm.truncated64 : wasm.truncatedWide;
      kernel(ADDRESS, n, p.mean, p.std, p.middle, p.half, ...tails, p.first, p.last, SCRATCH);
    }
  }
}

export const twin: KernelSet = {
  name: "TypeScript twin",
  words({ block, seed, stream }, count) {
    const words = new Int32Array(BLOCK);
    keeping(words, Math.max(16, (count + 15) & ~15), () => bits(words, count, ...block, ...seed, ...stream));
    return new Uint32Array(words.buffer).slice(0, count);
  },
  map(distribution, given, count = given.length, dtype = "f32") {
    const words = new Int32Array(BLOCK);
    words.set(given);
    keeping(words, (count + 7) & ~7, () => {
      if (dtype === "f64") mapByTwin64(distribution, words, count / 2);
      else mapByTwin(distribution, words, count, dtype);
    });
    return new Uint32Array(words.buffer).slice(0, count);
  },
  round(given, dtype) {
    const words = new Int32Array(given.length);
    words.set(given);
    const out = new Uint16Array(words.buffer);
    keeping(words, (words.length + 1) >> 1, () => (dtype === "f16" ? roundF16 : roundBf16)(out, words.length, words));
    return out.slice(0, words.length);
  },
};

/** Nothing is written to the words from `begin` on. */
function keeping(words: Int32Array, begin: number, write: () => void): void {
  const before = words.slice(begin);
  write();
  const after = words.subarray(begin);
  if (Buffer.from(after.buffer, after.byteOffset, after.byteLength).equals(Buffer.from(before.buffer))) return;
  throw new Error(`the twin has written beyond ${begin} words`);
}

function mapByTwin(distribution: Independent, words: Int32Array, n: number, dtype: DType): void {
  const out = new Float32Array(words.buffer);
  const { kind } = distribution;
  if (kind === "constant") constant(out, n, distribution.value);
  else if (kind === "uniform") uniform(words, out, n, uniformParameters(distribution.low, distribution.high, dtype));
  else if (kind === "normal") normal(words, out, n, Math.fround(distribution.mean), Math.fround(distribution.std));
  else if (isNarrow(distribution, dtype)) truncated(words, out, n, truncatedParameters(distribution, dtype));
  else truncatedWide(words, out, n, truncatedWideParameters(distribution, dtype));
}

function mapByTwin64(distribution: Independent, words: Int32Array, n: number): void {
  const out = new Float64Array(words.buffer);
  const { kind } = distribution;
  if (kind === "constant") constant(out, n, distribution.value);
  else if (kind === "uniform") uniform64(words, out, n, uniformParameters(distribution.low, distribution.high, "f64"));
  else if (kind === "normal") normal64(words, out, n, distribution.mean, distribution.std);
  else truncated64(words, out, n, truncatedWideParameters(distribution, "f64"));
}

export const SETS = [simd, twin];

/** Words at which rounding, signs or logarithms change. */
export const EXTREMES: readonly number[] = [
  0, 1, 2, 3, 0xffffffff, 0xfffffffe, 0x80000000, 0x80000001, 0x7fffffff, 0x7ffffffe, 0x40000000, 0xc0000000,
  0x55555555, 0xaaaaaaaa, 0xb504f333, 0xb504f334, 0x4afb0ccc, 0x00ffffff, 0x01000001, 0xff000000,
];

/** Each of them as a radius word beside each as an angle word. */
export const extremePairs = (): number[] => EXTREMES.flatMap((x) => EXTREMES.flatMap((y) => [x, x, x, x, y, y, y, y]));

/** A small generator for the tests' own choices (mulberry32), so that they never depend on the one under test. */
export function chooser(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}
