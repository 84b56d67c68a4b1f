/** A thread of compare.pool.ts: trains what it is told, one run after the other. */
import { parentPort, workerData } from "node:worker_threads";
import { checkedComparison, stepsOf, type TrainingTask } from "../train/compare.js";
import { comparisonOptions, type SharedOptions } from "./compare.data.js";
import type { TrainerMessage } from "./compare.pool.js";

const plan = checkedComparison(await comparisonOptions(workerData as SharedOptions));

const PAUSE = 100; // milliseconds from one message to the next: ten pictures of a bar in a second

parentPort?.on("message", (task: TrainingTask) => {
  const steps = stepsOf(plan, task);
  const say = (message: TrainerMessage) => parentPort?.postMessage(message);
  let next = steps.next();
  for (let said = performance.now(); !next.done; next = steps.next()) {
    if (performance.now() - said < PAUSE) continue;
    said = performance.now();
    say(next.value.step + 1);
  }
  say(next.value);
});
