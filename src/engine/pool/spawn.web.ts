/** Starts workers in browsers. */
import type { Spawn } from "./pool.js";

export const hasWorkers = (): boolean => typeof Worker === "function";
export const parallelism = (): number => navigator.hardwareConcurrency;

export const spawn: Spawn = (setup, died) => {
  const worker = new Worker(new URL("./worker.web.js", import.meta.url), { type: "module" });
  // A script that cannot be loaded gives an event without a message.
  worker.addEventListener("error", ({ message }) => died(new Error(message || "its script could not be loaded")));
  worker.postMessage(setup);
  return worker;
};
