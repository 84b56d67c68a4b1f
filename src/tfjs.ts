/** `nn-init/tfjs`: initializers for TensorFlow.js, and its models started again. */
export type { TensorFlow, TensorFlowInitializer, TensorFlowModel } from "./adapter/tensorflow.js";
export type { InitializerOptions } from "./adapter/tfjs.initializer.js";
export {
  forTensorFlow,
  type SeedOption,
  type TensorFlowAdapter,
  type TensorFlowInitializers,
  type TensorFlowNormalOptions,
} from "./adapter/tfjs.js";
export type { Reinitialized, ReinitializedWeight, ReinitializeOptions } from "./adapter/tfjs.reinitialize.js";
