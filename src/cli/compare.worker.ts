/** A thread of compare.pool.ts: trains what it is told, one run after the other. */
import { parentPort, workerData } from "node:worker_threads";
import { checkedComparison, stepsOf, type TrainingTask } from "../train/compare.js";
import { comparisonOptions, type SharedOptions } from "./compare.data.js";

const plan = checkedComparison(await comparisonOptions(workerData as SharedOptions));

parentPort?.on("message", (task: TrainingTask) => {
  const steps = stepsOf(plan, task);
  let next = steps.next();
  while (!next.done) next = steps.next();
  parentPort?.postMessage(next.value);
});
