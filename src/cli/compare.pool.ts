/** Threads that train, each one run at a time. */
import type { Worker } from "node:worker_threads";
import type { Runner, TrainingTask } from "../train/compare.js";
import type { TrainingRun } from "../train/run.js";
import type { SharedOptions } from "./compare.data.js";
import type { Io } from "./io.js";
import { startThread } from "./thread.js";

/** What a thread says: the steps of a run that were made, now and then; and the run. */
export type TrainerMessage = number | TrainingRun;

export interface Trainers extends Runner {
  /** Ends the threads. Runs that they are making are given up. */
  close(): Promise<void>;
}

export function startTrainers(options: SharedOptions, count: number, io: Io): Trainers {
  const workers = Array.from({ length: count }, () => startThread("compare", io, { workerData: options }));
  const free = [...workers];
  return {
    lanes: count,
    async run(task, onSteps) {
      const worker = free.pop() as Worker;
      const run = await answerOf(worker, task, onSteps);
      free.push(worker);
      return run;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

function answerOf(
  worker: Worker,
  task: TrainingTask,
  onSteps: (made: number) => void,
): Promise<TrainingRun | undefined> {
  return new Promise((resolve, reject) => {
    const heard = (message: TrainerMessage) => {
      if (typeof message === "number") onSteps(message);
      else done(message);
    };
    const done = (run?: TrainingRun) => {
      worker.off("message", heard);
      worker.off("error", failed);
      worker.off("exit", given);
      resolve(run);
    };
    const given = () => done();
    const failed = (error: Error) => {
      worker.off("message", heard);
      worker.off("exit", given);
      reject(error);
    };
    worker.on("message", heard);
    worker.once("error", failed);
    worker.once("exit", given);
    worker.postMessage(task);
  });
}
