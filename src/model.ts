/** `nn-init/model`: whole models, and plans that decide what each of their tensors is drawn from. */
export { MODEL_TYPES, type ModelOptions, modelOf } from "./architecture/config.js";
export { NAMED_PLANS, type NamedPlan, namedPlan } from "./architecture/named.js";
export type { DType } from "./dtype.js";
export type { ElementType, IntegerType, IntegerValues } from "./model/element.js";
export {
  type DrawModelOptions,
  type DrawnTensor,
  type InitializedModel,
  type InitModelOptions,
  initModel,
  iterateModel,
  type ModelIterator,
  type WithAsyncPool,
  type WithPool,
} from "./model/init.js";
export type { Model, ModelTensor, Plan, PlannedModel, PlannedTensor, PlanRule, Role } from "./model/model.js";
export { parametersOf } from "./model/model.js";
export { parsePlan, planModel } from "./model/parse.js";
export { modelOfShapes, type ShapesOptions } from "./model/shapes.js";
