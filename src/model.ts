/** `nn-init/model`: whole models, and plans that decide what each of their tensors is drawn from. */
export { MODEL_TYPES, type ModelOptions, modelOf } from "./architecture/config.js";
export { NAMED_PLANS, type NamedPlan, namedPlan } from "./architecture/named.js";
export { type TinyOptions, type TinySizes, tinyConfig } from "./architecture/tiny.js";
export type { Computed, ModelDistribution } from "./computed/computed.js";
export type { ComputedScheme, ModelScheme } from "./computed/options.js";
export type { DType } from "./dtype.js";
export type { ElementType, IntegerType, IntegerValues } from "./model/element.js";
export {
  type DrawnTensor,
  type InitializedModel,
  type InitModelOptions,
  type IterateModelOptions,
  initModel,
  iterateModel,
  type ModelIterator,
  type WithAsyncPool,
  type WithPool,
} from "./model/init.js";
export type {
  MadeFrom,
  MemoryChunk,
  MemoryNames,
  Model,
  ModelTensor,
  Plan,
  PlannedModel,
  PlannedSlice,
  PlannedTensor,
  PlanRule,
  Role,
  SavedSlice,
} from "./model/model.js";
export { parametersOf } from "./model/model.js";
export { parsePlan, planModel } from "./model/parse.js";
export { modelOfShapes, type ShapesOptions } from "./model/shapes.js";
