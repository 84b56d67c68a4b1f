/** The thread of lab.ts: measures what the command has not claimed yet. */
import { parentPort, workerData } from "node:worker_threads";
import { parseActivation } from "../lab/formula.js";
import { labParts } from "../lab/lab.js";

const { options, formula, claims } = workerData;
const own = formula === undefined ? {} : parseActivation(formula);
parentPort?.postMessage(labParts({ ...options, ...own }, claims));
