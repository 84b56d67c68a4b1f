/** `nn-init/tfjs`: initializers for TensorFlow.js, and its models started again. */
export type {
  InitializerOptions,
  Reinitialized,
  ReinitializedWeight,
  ReinitializeOptions,
  TensorFlow,
  TensorFlowInitializer,
  TensorFlowModel,
} from "./adapter/tensorflow.js";
export { forTensorFlow, type SeedOption, type TensorFlowAdapter, type TensorFlowInitializers } from "./adapter/tfjs.js";
