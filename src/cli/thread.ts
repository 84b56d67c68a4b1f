/** Starts the threads of the command. */
import { Worker, type WorkerOptions } from "node:worker_threads";
import type { Io } from "./io.js";

/** @throws Error that says what to do where Node's permission model forbids threads. */
export function startThread(name: "audit" | "hash" | "lab", { scripts }: Pick<Io, "scripts">, options?: WorkerOptions) {
  try {
    return new Worker(new URL(`${name}.worker.js`, scripts), options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_ACCESS_DENIED") throw error;
    throw new Error("Node's permission model forbids threads: run node with --allow-worker", { cause: error });
  }
}
