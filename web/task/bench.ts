/**
 * The bench in the worker. Clocks of browsers are coarse and cores are shared, so each cell is timed for many calls at a time, all
 * cells take turns in every round, and the best turn counts.
 */
import { Arena, engines, fill } from "nn-init";
import { type AsyncThreadPool, openPoolAsync } from "nn-init/threads";
import { naive } from "../../src/cli/bench.naive.js";
import { CEILING, type DistributionName, type Measured, SCHEMES, SIZES } from "../bench/cells.js";
import type { Tell } from "../task.js";

/** What the page is told: how far the bench is, and what it has measured so far. */
export interface BenchProgress {
  readonly share: number;
  readonly cells: readonly Measured[];
}

interface BenchInput {
  readonly rounds: number;
  /** The address of a thread's script; undefined where the page is not isolated. */
  readonly thread: string | undefined;
}

export interface BenchOutput {
  readonly cells: readonly Measured[];
  /** Threads that draw together. */
  readonly threads: number;
  /** Why an engine is absent. */
  readonly absent: Readonly<Partial<Record<"simd" | "threads", string>>>;
}

interface Cell extends Omit<Measured, "seconds"> {
  readonly seconds: number[];
  readonly call: () => unknown;
  /** Whether a call has to be waited for. */
  readonly waits: boolean;
}

const OPTIONS = { seed: 1, name: "bench" };
const TURN = 8; // milliseconds: clocks without isolation have steps of a tenth

export async function run({ rounds, thread }: BenchInput, tell: Tell): Promise<BenchOutput> {
  const simd = engines().find(({ name }) => name === "simd");
  const pool = thread === undefined || !simd?.available ? undefined : await opened(thread);
  const cells = SIZES.flatMap((size) => cellsOf(size, simd?.available ?? false, pool));
  const total = rounds * cells.length;
  let done = 0;
  for (const cell of cells) await turnOf(cell, 1); // compiled, and memory is there
  for (let round = 0; round < rounds; ++round) {
    for (const cell of cells) {
      cell.seconds.push(await turnOf(cell, TURN));
      done += 1;
      const progress: BenchProgress = { share: done / total, cells: round === 0 ? [] : cells.map(measured) };
      tell(progress);
    }
  }
  const threads = pool?.threads ?? 1;
  pool?.close();
  return {
    cells: cells.map(measured),
    threads,
    absent: {
      ...(simd?.available ? {} : { simd: simd?.reason ?? "this browser has no WebAssembly SIMD" }),
      ...(pool === undefined && {
        threads:
          "the page is not isolated: its server sends no Cross-Origin-Opener-Policy and Cross-Origin-Embedder-Policy",
      }),
    },
  };
}

const measured = ({ call: _, waits: __, ...cell }: Cell): Measured => ({ ...cell, seconds: [...cell.seconds] });

async function opened(thread: string): Promise<AsyncThreadPool | undefined> {
  try {
    return await openPoolAsync({ worker: () => new Worker(thread, { type: "module" }) });
  } catch {
    return undefined;
  }
}

function cellsOf(size: number, hasSimd: boolean, pool: AsyncThreadPool | undefined): Cell[] {
  const shape = [size];
  const own = new Float32Array(size);
  const inArena = new Arena(4 * size + 64).allocate(size);
  const bytes = new Uint8Array(inArena.buffer, inArena.byteOffset, inArena.byteLength);
  const cell = (distribution: string, engine: Cell["engine"], to: Cell["to"], call: () => unknown): Cell => ({
    ...{ distribution, engine, to, dtype: "f32", size, seconds: [], call, waits: engine === "threads" },
  });
  const shared = pool?.arena(4 * size + 64).allocate(size);
  return [
    cell(CEILING, "limit", "arena", () => bytes.fill(60)),
    ...(Object.keys(SCHEMES) as DistributionName[]).flatMap((name) => {
      const scheme = SCHEMES[name];
      return [
        ...(hasSimd ? [cell(name, "simd", "arena", () => fill(inArena, shape, scheme, OPTIONS))] : []),
        ...(pool === undefined || shared === undefined
          ? []
          : [cell(name, "threads", "arena", () => pool.fill(shared, shape, scheme, OPTIONS))]),
        cell(name, "scalar", "own", () => fill(own, shape, scheme, { ...OPTIONS, engine: "scalar" })),
        cell(name, "loop", "own", () => (naive[name] as (out: Float32Array) => void)(own)),
      ];
    }),
  ];
}

/** Seconds of a call: of as many calls as take some milliseconds. */
async function turnOf({ call, waits }: Cell, milliseconds: number): Promise<number> {
  for (let calls = 1; ; calls *= 2) {
    const begin = performance.now();
    for (let i = 0; i < calls; ++i) {
      const result = call();
      if (waits) await result;
    }
    const took = performance.now() - begin;
    if (took >= milliseconds) return took / 1000 / calls;
  }
}
