/** The lab in the worker. */
import { type LabOptions, type LabReport, lab } from "nn-init/lab";
import type { Tell } from "../task.js";

export const run = (options: LabOptions, tell: Tell): LabReport =>
  lab({ ...options, onProgress: (done, total) => tell(done / total) });
