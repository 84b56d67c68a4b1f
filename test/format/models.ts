/** Tiny models, planned so that every tensor is drawn, in each format that holds them. */
import { tinyConfig } from "../../src/architecture/tiny.js";
import type { Checkpoint, CheckpointFile } from "../../src/checkpoint.js";
import type { DType } from "../../src/dtype.js";
import { engine } from "../../src/engine/choose.js";
import { fileCheckpoint } from "../../src/format/formats.js";
import type { FileFormat } from "../../src/format/names.js";
import { typesOf } from "../../src/model/types.js";
import { type DrawnTensor, initModel, type Model, modelOf, type Plan, planModel } from "../../src/model.js";

/** Scales and biases that are not 1 and 0. */
const PLAN: Plan = { rules: [{ match: "*", scheme: "normal", std: 0.5 }] };

export const SEED = 7;

export interface Made {
  readonly file: Checkpoint;
  readonly model: Model;
  /** What the model's tensors hold, by name. */
  readonly tensors: ReadonlyMap<string, DrawnTensor>;
}

/** @param fields of the config, besides those of the tiny one. */
export function made(format: FileFormat, family: string, dtype: DType, fields: object = {}): Made {
  const config = { ...tinyConfig(family, { sizes: { width: 16, vocabulary: 40, layers: 2 } }), ...fields };
  const model = modelOf(config);
  const planned = planModel(model, PLAN);
  const source = { model: planned, types: typesOf(planned, dtype), seed: SEED, config };
  const drawn = initModel(model, { seed: SEED, plan: PLAN, dtype });
  return {
    model,
    file: fileCheckpoint(format, source, engine("scalar")),
    tensors: drawn.tensors,
  };
}

export function wholeFile({ file }: Pick<Made, "file">): Uint8Array {
  const [{ name, byteLength }] = file.files as unknown as [CheckpointFile];
  return file.read(name, 0, byteLength);
}

/** The bytes of a tensor of the model. */
export function bytesOfTensor({ tensors }: Made, name: string): Uint8Array {
  const { buffer, byteOffset, byteLength } = (tensors.get(name) as DrawnTensor).values;
  return new Uint8Array(buffer, byteOffset, byteLength);
}
