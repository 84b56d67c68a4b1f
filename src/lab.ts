/** `nn-init/lab`: what a scheme does to the signals and gradients of a network before training. */
export { type ParsedActivation, parseActivation } from "./lab/formula.js";
export { lab } from "./lab/lab.js";
export { type MeanField, type MeanFieldOptions, meanField } from "./lab/meanfield.js";
export type { NetworkKind, NetworkShape, NormalizationPlace } from "./lab/network.js";
export type { LabOptions } from "./lab/options.js";
export { type PhasePlaneOptions, type PhasePoint, phasePlane } from "./lab/phase.js";
export type {
  JacobianReport,
  LabNetwork,
  LabReport,
  LabRun,
  LayerReport,
  RecommendedRun,
  SeedBand,
  Verdict,
  VerdictKind,
} from "./lab/report.js";
export type { Normalization } from "./recipes/recommend.js";
