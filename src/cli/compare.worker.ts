/** A thread of compare.pool.ts: makes the runs that it is sent, one after the other. */
import { parentPort, workerData } from "node:worker_threads";
import { type RunSettings, stepsOf } from "../train/compare.js";
import { checkedComparison } from "../train/compare.options.js";
import { comparisonOptions, type SharedOptions } from "./compare.data.js";
import type { TrainerMessage } from "./compare.pool.js";

const plan = checkedComparison(await comparisonOptions(workerData as SharedOptions));

const PAUSE = 100; // milliseconds from one message to the next: the progress bar changes ten times a second

parentPort?.on("message", (settings: RunSettings) => {
  const steps = stepsOf(plan, settings);
  const send = (message: TrainerMessage) => parentPort?.postMessage(message);
  let next = steps.next();
  for (let last = performance.now(); !next.done; next = steps.next()) {
    if (performance.now() - last < PAUSE) continue;
    last = performance.now();
    send(next.value.step + 1);
  }
  send(next.value);
});
