/** Threads that train, each one run at a time. */
import type { Worker } from "node:worker_threads";
import type { Runner, TrainingTask } from "../train/compare.js";
import type { TrainingRun } from "../train/run.js";
import type { SharedOptions } from "./compare.data.js";
import type { Io } from "./io.js";
import { startThread } from "./thread.js";

export interface Trainers extends Runner {
  /** Ends the threads. Runs that they are making are given up. */
  close(): Promise<void>;
}

export function startTrainers(options: SharedOptions, count: number, io: Io): Trainers {
  const workers = Array.from({ length: count }, () => startThread("compare", io, { workerData: options }));
  const free = [...workers];
  return {
    lanes: count,
    async run(task) {
      const worker = free.pop() as Worker;
      const run = await answerOf(worker, task);
      free.push(worker);
      return run;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

function answerOf(worker: Worker, task: TrainingTask): Promise<TrainingRun | undefined> {
  return new Promise((resolve, reject) => {
    const done = (run?: TrainingRun) => {
      worker.off("error", failed);
      worker.off("exit", given);
      resolve(run);
    };
    const given = () => {
      worker.off("message", done);
      done();
    };
    const failed = (error: Error) => {
      worker.off("message", done);
      worker.off("exit", given);
      reject(error);
    };
    worker.once("message", done);
    worker.once("error", failed);
    worker.once("exit", given);
    worker.postMessage(task);
  });
}
