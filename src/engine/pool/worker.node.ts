/** The script of a worker in Node, Deno and Bun. Workers that the caller makes get their setup as a message. */
import { parentPort, workerData } from "node:worker_threads";
import { type Setup, serve } from "./worker.js";

if (workerData?.control instanceof SharedArrayBuffer) serve(workerData as Setup);
else parentPort?.once("message", (setup: Setup) => serve(setup));
