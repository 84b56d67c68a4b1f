/** `nn-init/checkpoint`: checkpoints as descriptions, any byte of which is drawn on demand; and safetensors files. */
export { readSafetensors, type Safetensors, type SafetensorsTensor, writeSafetensors } from "./checkpoint/buffer.js";
export {
  type ByteRange,
  type Checkpoint,
  type CheckpointOptions,
  checkpoint,
  type FoundTensor,
  type StreamOptions,
} from "./checkpoint/checkpoint.js";
export type { CheckpointFile, CheckpointTensor } from "./checkpoint/file.js";
export { type HeaderTensor, safetensorsHeader } from "./checkpoint/header.js";
export type { CheckpointIndex } from "./checkpoint/indexed.js";
export type { AxisRange } from "./checkpoint/region.js";
export {
  type FileType,
  type LocatedTensor,
  parseSafetensorsHeader,
  type SafetensorsHeader,
  safetensorsHeaderLength,
} from "./checkpoint/safetensors.js";
export type { DType } from "./dtype.js";
export { type GgufHeader, type GgufHeaderTensor, type GgufValue, parseGgufHeader } from "./format/gguf/reader.js";
export { type NpyHeader, parseNpyHeader } from "./format/npy.js";
export { type NpzArray, readNpz } from "./format/npz.reader.js";
export type { ElementType, IntegerType, IntegerValues } from "./model/element.js";
export type { Seed } from "./stream.js";
