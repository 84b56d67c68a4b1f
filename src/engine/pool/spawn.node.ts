/** Starts workers in Node, Deno and Bun. They do not keep a program alive that is otherwise done. */
import { availableParallelism } from "node:os";
import process from "node:process";
import { Worker } from "node:worker_threads";
import type { Spawn } from "./pool.js";

export const hasWorkers = (): boolean => true;
export const parallelism = (): number => availableParallelism();

export const spawn: Spawn = (setup, died) => {
  const execArgv = process.execArgv.filter((flag) => !/^--input-type=/.test(flag)); // of a script given by -e alone
  const worker = new Worker(new URL("./worker.node.js", import.meta.url), { workerData: setup, execArgv });
  worker.unref();
  worker.on("error", died);
  worker.on("exit", (code) => died(new Error(`it exited with code ${code}`)));
  return worker;
};
