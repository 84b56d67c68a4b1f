/** Starts the first worker before the page's own code is there, so that both load at the same time. */

import { workerScript } from "./script.js";

/** Panels that run the lab as soon as they are shown; without a name it is the lab itself. */
const RUNS_LAB = /^#?(&|$)|^#(lab|phase|choose)\b/;

let first = RUNS_LAB.test(location.hash) ? start() : undefined;

function start(): Worker {
  const address = workerScript();
  address.hash = "lab"; // the task that it loads before it is asked
  return new Worker(address, { type: "module" });
}

/** The worker that was started, once; then others. */
export function firstWorker(): Worker {
  const made = first ?? start();
  first = undefined;
  return made;
}
