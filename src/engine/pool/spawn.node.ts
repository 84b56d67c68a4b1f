/** Workers of Node, Deno and Bun. They do not keep a finished program alive. */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { advised } from "./advice.js";
import type { Spawn } from "./pool.js";

export const hasWorkers = (): boolean => true;
export const parallelism = (): number => availableParallelism();

export const spawn: Spawn = (setup, died) => {
  const worker = new Worker(new URL("./worker.node.js", import.meta.url), { workerData: setup });
  worker.unref();
  worker.on("error", (error: Error) => died(advised(error)));
  worker.on("exit", (code) => died(`it exited with code ${code}`));
  return worker;
};
