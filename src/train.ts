/** `nn-init/train`: the same network trained from several initializations, and what to watch while it trains. */
export type { NetworkKind, NormalizationPlace } from "./lab/network.js";
export type { Verdict, VerdictKind } from "./lab/report.js";
export type { Normalization } from "./recipes/recommend.js";
export type { BestStart } from "./train/best.js";
export { compare } from "./train/compare.js";
export type { CompareOptions } from "./train/compare.options.js";
export type { ComparedNetwork, Comparison, SeedStatistics, StrategyResult } from "./train/comparison.js";
export { type DataSplitOptions, type Samples, splitData, type TrainingData } from "./train/data.js";
export type { FindingKind, TrainingFinding } from "./train/finding.js";
export type {
  ActivationLayer,
  LayerOptions,
  LinearLayer,
  NormalizationLayer,
  PlainLayer,
  ResidualLayer,
} from "./train/list.js";
export type { LayerMonitor } from "./train/measure.js";
export { type Monitor, type MonitorOptions, monitor, type ObservedLayer } from "./train/monitor.js";
export type { OptimizerName, StrategyName } from "./train/names.js";
export type { NetworkOptions, TrainingOptions } from "./train/options.js";
export type { ParameterInfo, ParameterRole } from "./train/parameter.js";
export { type SpiralOptions, spiral, type WavesOptions, waves } from "./train/problem.js";
export type { EarlyEnd, Evaluation, MonitoredStep, TrainingRun, TrainingStep } from "./train/run.js";
export type { ParameterStart, Strategy } from "./train/strategy.js";
export { iterateTraining, type TrainOptions, train } from "./train/train.js";
