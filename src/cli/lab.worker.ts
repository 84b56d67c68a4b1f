/** The thread of lab.ts: runs one scheme while the command runs another. */
import { parentPort, workerData } from "node:worker_threads";
import { parseActivation } from "../lab/formula.js";
import { lab } from "../lab/lab.js";

const { options, formula } = workerData;
const own = formula === undefined ? {} : parseActivation(formula);
const { network: _, recommendation: __, ...run } = lab({ ...options, ...own });
parentPort?.postMessage(run);
