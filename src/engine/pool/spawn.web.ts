/** Workers of browsers. */
import { advised } from "./advice.js";
import type { Spawn } from "./pool.js";

export const hasWorkers = (): boolean => typeof Worker === "function";
export const parallelism = (): number => navigator.hardwareConcurrency;

export const spawn: Spawn = (setup, died) => {
  const worker = new Worker(new URL("./worker.web.js", import.meta.url), { type: "module" });
  worker.addEventListener("error", (event) => died(advised(event.message || "its script could not be loaded")));
  worker.postMessage(setup);
  return worker;
};
