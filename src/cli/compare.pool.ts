/** Threads that train, each one run at a time. */
import type { Worker } from "node:worker_threads";
import type { Runner, RunSettings } from "../train/compare.js";
import type { TrainingRun } from "../train/run.js";
import type { SharedOptions } from "./compare.data.js";
import type { Io } from "./io.js";
import { startThread } from "./thread.js";

/** A message of a thread: now and then the number of steps that were made; in the end the run. */
export type TrainerMessage = number | TrainingRun;

export interface Trainers extends Runner {
  /** Ends the threads. The runs that they are making come out as undefined. */
  close(): Promise<void>;
}

export function startTrainers(options: SharedOptions, count: number, io: Io): Trainers {
  const workers = Array.from({ length: count }, () => startThread("compare", io, { workerData: options }));
  const free = [...workers];
  return {
    lanes: count,
    async run(settings, onSteps) {
      const worker = free.pop() as Worker;
      const run = await runIn(worker, settings, onSteps);
      free.push(worker);
      return run;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

function runIn(
  worker: Worker,
  settings: RunSettings,
  onSteps: (made: number) => void,
): Promise<TrainingRun | undefined> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: TrainerMessage) => {
      if (typeof message === "number") onSteps(message);
      else done(message);
    };
    const done = (run?: TrainingRun) => {
      worker.off("message", onMessage);
      worker.off("error", onError);
      worker.off("exit", onExit);
      resolve(run);
    };
    const onExit = () => done();
    const onError = (error: Error) => {
      worker.off("message", onMessage);
      worker.off("exit", onExit);
      reject(error);
    };
    worker.on("message", onMessage);
    worker.once("error", onError);
    worker.once("exit", onExit);
    worker.postMessage(settings);
  });
}
