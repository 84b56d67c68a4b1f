/** Runs one experiment, beside another in the command's own thread. */
import { parentPort, workerData } from "node:worker_threads";
import { lab } from "../lab/lab.js";

const { network: _, recommendation: __, ...run } = lab(workerData);
parentPort?.postMessage(run);
