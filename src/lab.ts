export {
  type Band,
  type JacobianReport,
  type LabOptions,
  type LabReport,
  type LayerReport,
  lab,
  type Remedy,
  type Run,
} from "./lab/lab.js";
export { type MeanField, type MeanFieldOptions, meanField } from "./lab/meanfield.js";
export type { Kind, Normalization } from "./lab/network.js";
export type { Verdict, VerdictKind } from "./lab/verdict.js";
