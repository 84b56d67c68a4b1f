/** `nn-init/onnx`: new values for the weights of ONNX models, and whether they are as expected. */
export { type OnnxModel, type OnnxOptions, type OnnxPlace, readOnnx } from "./adapter/onnx/model.js";
export { planOnnx } from "./adapter/onnx/plan.js";
export {
  type OnnxFile,
  type ReinitializedOnnx,
  type ReinitializeOnnxOptions,
  reinitialize,
} from "./adapter/onnx/reinitialize.js";
export type { OnnxSource } from "./adapter/onnx/source.js";
export type { LeftTensor, OnnxWeight } from "./adapter/onnx/weight.js";
export { type AuditOnnxOptions, auditOnnx } from "./audit/onnx.js";
export type { BlobSource, ByteSource } from "./checkpoint/bytes.js";
