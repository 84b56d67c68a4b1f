/** What `nn-init bench` has measured, and the file that it writes and reads again. */
import { cpus } from "node:os";
import { clipped, printable, show } from "../check.js";
import { DTYPES } from "../dtype.js";
import { readJson } from "../file/json.js";
import { parseBy } from "../model/fault.js";
import * as z from "../model/zod.js";
import type { CellKey } from "./bench.cells.js";
import { MOST_SIZE, MOST_TURNS } from "./bench.limits.js";

/** Where something was measured. The first four say whether two machines are the same. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly arch: string;
  readonly os: string;
  /** Such as "Node 20.20.2". */
  readonly runtime: string;
  /** Such as "V8 11.3.244.8". */
  readonly javascript: string;
  readonly nnInit: string;
  /** That draw together, this one included. */
  readonly threads: number;
}

export interface Measured extends CellKey {
  /** Of a call, for each turn in its order: at least one. */
  readonly seconds: readonly number[];
}

export interface BenchResult {
  readonly format: typeof RESULT_FORMAT;
  readonly machine: Machine;
  readonly cells: readonly Measured[];
}

export const RESULT_FORMAT = "nn-init bench 1";

/** The machine and the versions of this process. */
export function thisMachine(nnInit: string, threads: number): Machine {
  const processors = processorsOf();
  return {
    cpu: processors[0]?.model.trim() || "unknown processor",
    cores: processors.length,
    arch: process.arch,
    os: process.platform,
    ...runtimeOf(process.versions),
    ...{ nnInit, threads },
  };
}

/** Deno asks for a permission to tell them. */
function processorsOf(): ReturnType<typeof cpus> {
  try {
    return cpus();
  } catch {
    return [];
  }
}

/** The name and version of the runtime, and of its JavaScript engine. Bun and Deno say of themselves that they are a Node, too. */
export function runtimeOf(versions: Readonly<Record<string, string | undefined>>) {
  const { bun, deno, node, webkit, v8 } = versions;
  const javascript = bun === undefined ? `V8 ${v8}` : `JavaScriptCore ${webkit?.slice(0, 12)}`;
  if (bun !== undefined) return { runtime: `Bun ${bun}`, javascript };
  return { runtime: deno === undefined ? `Node ${node}` : `Deno ${deno}`, javascript };
}

export const machineText = ({ nnInit, runtime, javascript, cpu, cores, os, arch, threads }: Machine): string =>
  `nn-init ${nnInit}, ${runtime} (${javascript}), ${os} ${arch}, ${cpu}${cores > 0 ? `, ${cores} cores` : ""}; ` +
  `threads: ${threads}`;

const MOST_RESULT = 10_000_000; // bytes of a file
const MOST_CELLS = 10_000;

const text = z.string().check(z.maxLength(300));
const count = z.int().check(z.minimum(0));
const ResultJson = z.strictObject({
  format: z.literal(RESULT_FORMAT),
  machine: z.strictObject({
    ...{ cpu: text, cores: count, arch: text, os: text, runtime: text, javascript: text, nnInit: text },
    threads: count,
  }),
  cells: z
    .array(
      z.strictObject({
        distribution: text,
        engine: z.enum(["simd", "threads", "scalar", "loop", "limit"]),
        to: z.enum(["arena", "own"]),
        dtype: z.enum(DTYPES as [string, ...string[]]),
        size: z.int().check(z.minimum(1), z.maximum(MOST_SIZE)),
        seconds: z.array(z.number().check(z.minimum(1e-12))).check(z.minLength(1), z.maxLength(MOST_TURNS)),
      }),
    )
    .check(z.minLength(1), z.maxLength(MOST_CELLS)),
});

/**
 * What an earlier run has written by --json.
 *
 * @throws Error naming the file: it is none of this command, or of another machine.
 */
export function readResult(path: string, here: Machine): BenchResult {
  const json = readJson(path, { most: MOST_RESULT });
  const result = parseBy(ResultJson, json, `${printable(path)}: not what nn-init bench --json writes`) as BenchResult;
  for (const key of ["cpu", "cores", "arch", "os"] as const) {
    if (result.machine[key] === here[key]) continue;
    const got = `${show(result.machine[key])}; times of two machines cannot be compared`;
    throw new Error(clipped(`${printable(path)}: expected ${show(here[key])} as ${key} of its machine, got ${got}`));
  }
  return result;
}
