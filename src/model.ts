export { MODEL_TYPES, modelOf } from "./architecture/config.js";
export type { DType } from "./dtype.js";
export {
  type DrawnTensor,
  drawModel,
  type InitializedModel,
  type InitModelOptions,
  type IntegerValues,
  initModel,
} from "./model/init.js";
export type {
  ElementType,
  IntegerType,
  Model,
  ModelTensor,
  PlannedModel,
  PlannedTensor,
  Role,
} from "./model/model.js";
export { parametersOf } from "./model/model.js";
export { type Plan, type PlanRule, parsePlan, planModel } from "./model/plan.js";
export { modelOfShapes } from "./model/shapes.js";
