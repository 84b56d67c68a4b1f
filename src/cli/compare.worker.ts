/** A thread of compare.pool.ts: trains what it is told, one run after the other. */
import { parentPort, workerData } from "node:worker_threads";
import { checkedComparison, stepsOf, type TrainingTask } from "../train/compare.js";
import type { SharedOptions } from "./compare.data.js";
import { dataOf } from "./compare.data.js";

const { given, ...options } = workerData as SharedOptions;
const plan = checkedComparison({ ...options, data: await dataOf(given) });

parentPort?.on("message", (task: TrainingTask) => {
  const steps = stepsOf(plan, task);
  let next = steps.next();
  while (!next.done) next = steps.next();
  parentPort?.postMessage(next.value);
});
