/** The two sets of kernels on memory of the tests' own, each behind one call: bits in, bits out. */
import { readFileSync } from "node:fs";
import type { Independent } from "../src/distribution.js";
import type { DType } from "../src/dtype.js";
import type { Kernels } from "../src/engine/abi.js";
import {
  isNarrow,
  type TruncatedNormal,
  truncatedParameters,
  truncatedWideParameters,
  uniformParameters,
} from "../src/engine/parameters.js";
import { BLOCK, bits } from "../src/kernel/bits.js";
import { constant } from "../src/kernel/constant.js";
import { normal } from "../src/kernel/normal.js";
import { normal64 } from "../src/kernel/normal64.js";
import { roundBf16, roundF16 } from "../src/kernel/round.js";
import { truncated, truncated64, truncatedWide } from "../src/kernel/truncated.js";
import { uniform, uniform64 } from "../src/kernel/uniform.js";

export const memory = new WebAssembly.Memory({ initial: 2 });
const module = new WebAssembly.Module(readFileSync(new URL("../build/kernel.wasm", import.meta.url)));
export const wasm = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
export { module };

const ADDRESS = 65536;
const SCRATCH = ADDRESS + 8 * BLOCK;
const wasmWords = new Uint32Array(memory.buffer, ADDRESS, 2 * BLOCK);

export interface Seeding {
  readonly block: readonly [low: number, high: number];
  readonly seed: readonly [low: number, high: number];
  readonly stream: readonly [low: number, high: number];
}

type Words = Uint32Array;

/** One set of kernels. */
export interface Set {
  readonly name: string;
  words(seeding: Seeding, count: number): Words;
  /** The values that a law makes of these words, or of the first `count`, as bits: words, two of them a value of f64. */
  map(fill: Independent, words: ArrayLike<number>, count?: number, dtype?: DType): Words;
  /** Values of 32 bits, as words, to 16 bits. */
  round(words: ArrayLike<number>, dtype: "f16" | "bf16"): Uint16Array;
}

export const simd: Set = {
  name: "assembly",
  words({ block, seed, stream }, count) {
    wasm.bits(ADDRESS, count, ...block, ...seed, ...stream);
    return wasmWords.slice(0, count);
  },
  map(fill, words, n = words.length, dtype = "f32") {
    wasmWords.set(words);
    if (dtype === "f64") mapWasm64(fill, n / 2);
    else mapWasm(fill, n, dtype);
    return wasmWords.slice(0, n);
  },
  round(words, dtype) {
    wasmWords.set(words);
    wasm[dtype === "f16" ? "roundF16" : "roundBf16"](ADDRESS, words.length, ADDRESS);
    return new Uint16Array(memory.buffer, ADDRESS, words.length).slice();
  },
};

function mapWasm(fill: Independent, n: number, dtype: DType): void {
  switch (fill.kind) {
    case "constant":
      wasm.constant(ADDRESS, n, fill.value);
      break;
    case "uniform": {
      const { middle, half, first, last } = uniformParameters(fill.low, fill.high, dtype);
      wasm.uniform(ADDRESS, n, middle, half, first, last);
      break;
    }
    case "normal":
      wasm.normal(ADDRESS, n, fill.mean, fill.std, SCRATCH);
      break;
    case "truncated": {
      if (isNarrow(fill, dtype)) {
        const e = truncatedParameters(fill, dtype);
        wasm.truncated(ADDRESS, n, e.mean, e.std, e.scale, e.rest, e.first, e.last, SCRATCH);
      } else wasm.truncatedWide(ADDRESS, n, ...wide(fill, dtype));
    }
  }
}

function mapWasm64(fill: Independent, n: number): void {
  switch (fill.kind) {
    case "constant":
      wasm.constant64(ADDRESS, n, fill.value);
      break;
    case "uniform": {
      const { middle, half, first, last } = uniformParameters(fill.low, fill.high, "f64");
      wasm.uniform64(ADDRESS, n, middle, half, first, last);
      break;
    }
    case "normal":
      wasm.normal64(ADDRESS, n, fill.mean, fill.std, SCRATCH);
      break;
    case "truncated":
      wasm.truncated64(ADDRESS, n, ...wide(fill, "f64"));
  }
}

function wide(cut: TruncatedNormal, dtype: DType) {
  const { mean, std, middle, half, below, above, span, surplus, first, last } = truncatedWideParameters(cut, dtype);
  return [mean, std, middle, half, below, above, span, surplus, first, last] as const;
}

export const twin: Set = {
  name: "twin",
  words({ block, seed, stream }, count) {
    const words = new Int32Array(BLOCK);
    bits(words, count, ...block, ...seed, ...stream);
    return new Uint32Array(words.buffer).slice(0, count);
  },
  map(fill, given, n = given.length, dtype = "f32") {
    const words = new Int32Array(BLOCK);
    words.set(Int32Array.from(given as ArrayLike<number>, (word) => word | 0));
    if (dtype === "f64") mapTwin64(fill, words, n / 2);
    else mapTwin(fill, words, n, dtype);
    return new Uint32Array(words.buffer).slice(0, n);
  },
  round(given, dtype) {
    const words = Int32Array.from(given as ArrayLike<number>, (word) => word | 0);
    const out = new Uint16Array(words.buffer);
    (dtype === "f16" ? roundF16 : roundBf16)(out, words.length, words);
    return out.slice(0, words.length);
  },
};

function mapTwin(fill: Independent, words: Int32Array, n: number, dtype: DType): void {
  const out = new Float32Array(words.buffer);
  if (fill.kind === "constant") constant(out, n, fill.value);
  else if (fill.kind === "uniform") uniform(words, out, n, uniformParameters(fill.low, fill.high, dtype));
  else if (fill.kind === "normal") normal(words, out, n, Math.fround(fill.mean), Math.fround(fill.std));
  else if (isNarrow(fill, dtype)) truncated(words, out, n, truncatedParameters(fill, dtype));
  else truncatedWide(words, out, n, truncatedWideParameters(fill, dtype));
}

function mapTwin64(fill: Independent, words: Int32Array, n: number): void {
  const out = new Float64Array(words.buffer);
  if (fill.kind === "constant") constant(out, n, fill.value);
  else if (fill.kind === "uniform") uniform64(words, out, n, uniformParameters(fill.low, fill.high, "f64"));
  else if (fill.kind === "normal") normal64(words, out, n, fill.mean, fill.std);
  else truncated64(words, out, n, truncatedWideParameters(fill, "f64"));
}

export const SETS = [simd, twin];

/** Words where rounding, signs or logarithms turn: each stands as radius word beside each as angle word. */
export const EXTREMES: readonly number[] = [
  0, 1, 2, 3, 0xffffffff, 0xfffffffe, 0x80000000, 0x80000001, 0x7fffffff, 0x7ffffffe, 0x40000000, 0xc0000000,
  0x55555555, 0xaaaaaaaa, 0xb504f333, 0xb504f334, 0x4afb0ccc, 0x00ffffff, 0x01000001, 0xff000000,
];

export const extremePairs = (): number[] => EXTREMES.flatMap((x) => EXTREMES.flatMap((y) => [x, x, x, x, y, y, y, y]));

/** A small generator for tests' choices (mulberry32): never the one under test. */
export function chooser(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}
