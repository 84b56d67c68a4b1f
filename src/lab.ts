export { lab } from "./lab/lab.js";
export { type MeanField, type MeanFieldOptions, meanField } from "./lab/meanfield.js";
export type { Kind } from "./lab/network.js";
export type { Normalization } from "./lab/normalization.js";
export type { LabOptions } from "./lab/options.js";
export type { Band, JacobianReport, LabReport, LayerReport, Remedy, Run } from "./lab/report.js";
export type { Verdict, VerdictKind } from "./lab/verdict.js";
