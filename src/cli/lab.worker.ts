/** The thread of lab.ts: runs one scheme while the command runs another. */
import { parentPort, workerData } from "node:worker_threads";
import { lab } from "../lab/lab.js";

const { network: _, recommendation: __, ...run } = lab(workerData);
parentPort?.postMessage(run);
