/** Starts the threads of the command. */
import { Worker, type WorkerOptions } from "node:worker_threads";
import type { Io } from "./io.js";

const YOUNG = { maxYoungGenerationSizeMb: 8 }; // instead of 48 MB of garbage in each thread

/** @throws Error that says what to do where Node's permission model forbids threads. */
export function startThread(
  name: "audit" | "compare" | "hash" | "lab",
  { scripts }: Pick<Io, "scripts">,
  options?: WorkerOptions,
) {
  try {
    return new Worker(new URL(`${name}.worker.js`, scripts), { resourceLimits: YOUNG, ...options });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_ACCESS_DENIED") throw error;
    throw new Error("Node's permission model forbids threads: run node with --allow-worker", { cause: error });
  }
}
