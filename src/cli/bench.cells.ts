/** What `nn-init bench` measures: each distribution by engine, destination, element type and size, with what to compare it with. */
import { setTimeout } from "node:timers/promises";
import { Arena } from "../arena.js";
import { type DType, FORMATS, type Values } from "../dtype.js";
import { engines } from "../engine/choose.js";
import { fill } from "../init.js";
import { openPool, type ThreadPool } from "../pool.js";
import type { Scheme } from "../scheme/options.js";
import { scheme as made } from "../scheme/scheme.js";
import { naive } from "./bench.naive.js";

/** The distributions, in the order of the tables. Bounds other than +-2 and nearer are drawn in double precision: wide. */
export const DRAWN: Readonly<Record<string, Scheme>> = {
  constant: made({ scheme: "zeros" }),
  uniform: made({ scheme: "uniform", low: -0.1, high: 0.1 }),
  normal: made({ scheme: "normal", std: 0.02 }),
  truncated: made({ scheme: "truncatedNormal", std: 0.02 }),
  wide: made({ scheme: "truncatedNormal", std: 0.02, low: -3, high: 3 }),
};

/** The fill of memory that computes nothing: no kernel can be faster. */
export const CEILING = "memory.fill";
export const OTHER_DTYPES = ["f64", "f16", "bf16"] as const;

/** The size of the first table, and of the element types, if it is asked for. */
export const HEAD = 65_536;
const TWIN_MOST = 1_048_576; // what is slow is as fast at larger sizes
const LOOP_LEAST = 1024;

/** Who draws: the kernels, all threads with them, the twins, the loop that people write; or the fill of memory. */
export type BenchEngine = "simd" | "threads" | "scalar" | "loop" | "limit";

/** One thing that is measured. Its name is these words. */
export interface CellKey {
  readonly distribution: string;
  readonly engine: BenchEngine;
  /** An arena, or an array of the caller's own. */
  readonly to: "arena" | "own";
  readonly dtype: DType;
  /** Elements of a call. */
  readonly size: number;
}

export interface BenchCell extends CellKey {
  readonly name: string;
  /** Makes the function that is measured, once its arrays are there. */
  readonly call: (arrays: BenchArrays) => () => void;
}

/** The arrays that cells of one size write to. */
export interface BenchArrays {
  readonly size: number;
  readonly own: Float32Array;
  readonly arena: (dtype: DType) => Values;
  readonly pool: ThreadPool | undefined;
  readonly shared: Float32Array | undefined;
}

export const nameOfCell = ({ distribution, engine, to, dtype, size }: CellKey): string =>
  [distribution, engine, to, dtype, size].join(" ");

/** Whether no code of this package runs in a cell. */
export const isForeignCell = ({ engine }: CellKey): boolean => engine === "loop" || engine === "limit";

const options = { seed: 1, name: "bench" };

const cell = (key: CellKey, call: BenchCell["call"]): BenchCell => ({ ...key, name: nameOfCell(key), call });

/** All cells of one size. */
export function cellsOf(size: number, withDTypes: boolean): readonly BenchCell[] {
  const key = { dtype: "f32", size } as const;
  const ceiling = { ...key, distribution: CEILING, engine: "limit", to: "arena" } as const;
  return [
    cell(ceiling, ({ arena }) => filling(arena("f32"))),
    ...Object.entries(DRAWN).flatMap(([distribution, scheme]) => [
      ...floatCells({ ...key, distribution }, scheme),
      ...(withDTypes ? OTHER_DTYPES.map((dtype) => dtypeCell({ ...key, distribution, dtype }, scheme)) : []),
    ]),
  ];
}

function filling(array: Values): () => void {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return () => bytes.fill(60);
}

type CellSubject = Omit<CellKey, "engine" | "to">;

function floatCells(key: CellSubject, scheme: Scheme): readonly BenchCell[] {
  const { size, distribution } = key;
  if (distribution === "wide" && size > TWIN_MOST) return [];
  const shape = [size];
  const cells = [
    cell({ ...key, engine: "simd", to: "arena" }, ({ arena }) => {
      const out = arena("f32") as Float32Array;
      return () => fill(out, shape, scheme, options);
    }),
    cell(
      { ...key, engine: "simd", to: "own" },
      ({ own }) =>
        () =>
          fill(own, shape, scheme, options),
    ),
    cell(
      { ...key, engine: "threads", to: "arena" },
      ({ pool, shared }) =>
        () =>
          pool?.fill(shared as Float32Array, shape, scheme, options),
    ),
    cell(
      { ...key, engine: "threads", to: "own" },
      ({ pool, own }) =>
        () =>
          pool?.fill(own, shape, scheme, options),
    ),
  ];
  if (size > TWIN_MOST) return cells;
  const twin = { ...options, engine: "scalar" } as const;
  const scalar = cell(
    { ...key, engine: "scalar", to: "own" },
    ({ own }) =>
      () =>
        fill(own, shape, scheme, twin),
  );
  const loop = naive[distribution];
  if (loop === undefined || size < LOOP_LEAST) return [...cells, scalar];
  return [
    ...cells,
    scalar,
    cell(
      { ...key, engine: "loop", to: "own" },
      ({ own }) =>
        () =>
          loop(own),
    ),
  ];
}

const dtypeCell = (key: CellSubject, scheme: Scheme): BenchCell =>
  cell({ ...key, engine: "simd", to: "arena" }, ({ arena }) => {
    const out = arena(key.dtype);
    const typed = { ...options, dtype: key.dtype };
    return () => fill(out, [key.size], scheme, typed);
  });

/** The engines of this runtime, and why others are absent. */
export interface Present {
  readonly pool: ThreadPool | undefined;
  readonly absent: Readonly<Partial<Record<BenchEngine, string>>>;
}

const READY_MS = 5000; // threads are up in a tenth of a second

/** Opens the threads, and waits until all of them are up. */
export async function presentEngines(): Promise<Present> {
  const simd = engines().find(({ name }) => name === "simd");
  if (!simd?.available) return { pool: undefined, absent: { simd: simd?.reason ?? "", threads: simd?.reason ?? "" } };
  try {
    const pool = openPool();
    const begun = performance.now();
    const one = new Float32Array(1);
    do {
      await setTimeout(5);
      pool.fill(one, [1], DRAWN.normal as Scheme, options); // throws what has ended a thread
    } while (pool.ready < pool.threads - 1 && performance.now() - begun < READY_MS);
    return { pool, absent: {} };
  } catch (error) {
    return { pool: undefined, absent: { threads: (error as Error).message } };
  }
}

const ALIGNMENT = 64; // bytes that an arena rounds each array up to

/** The arrays for one size. */
export function arraysOf(size: number, pool: ThreadPool | undefined, dtypes: readonly DType[]): BenchArrays {
  const all: readonly DType[] = ["f32", ...dtypes];
  const arena = new Arena(all.reduce((sum, dtype) => sum + FORMATS[dtype].bytes * size + ALIGNMENT, 0));
  const arrays = new Map(all.map((dtype) => [dtype, arena.allocate(size, dtype)]));
  return {
    ...{ size, pool, own: new Float32Array(size) },
    arena: (dtype) => arrays.get(dtype) as Values,
    shared: pool?.arena(4 * size + ALIGNMENT).allocate(size),
  };
}
