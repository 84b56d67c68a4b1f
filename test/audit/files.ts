/** Checkpoints made in memory, with faults, and audits of them in this thread. */

import { closeSync, openSync, writeFileSync } from "node:fs";
import { faultOf } from "../../src/audit/computed.js";
import type { AuditedTensor } from "../../src/audit/found.js";
import { hashOfExtent } from "../../src/audit/hash.js";
import { singularValue } from "../../src/audit/matrix.js";
import { byConfig } from "../../src/audit/planned.js";
import { scan } from "../../src/audit/scan.js";
import type { Subjects } from "../../src/audit/subject.js";
import { auditTensors, type Readers, type ReadOptions } from "../../src/audit/tensors.js";

import { readNow } from "../../src/file/bytes.js";
import { readCheckpoint } from "../../src/file/checkpoint.js";
import { type DType, iterateModel, type Model, modelOf } from "../../src/model.js";

export const TINY = { model_type: "gpt2", n_layer: 2, n_embd: 64, n_positions: 32, vocab_size: 100 };

export interface Tensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  values: Float32Array | Float64Array | Uint16Array | Uint8Array | BigInt64Array;
}
export type Tensors = Map<string, Tensor>;

/** Bytes of a safetensors file, by nothing of the library. */
export function file(tensors: Iterable<[string, Tensor]>, metadata?: Record<string, string>): Buffer {
  const header: [string, unknown][] = metadata === undefined ? [] : [["__metadata__", metadata]];
  const data: Uint8Array[] = [];
  let end = 0;
  for (const [name, { dtype, shape, values }] of tensors) {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    header.push([name, { dtype, shape, data_offsets: [end, end + bytes.length] }]);
    end += bytes.length;
    data.push(bytes);
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...data]);
}

/** What a correct program makes of a config. */
export function drawn(config: object, seed: number, dtype: DType = "f32"): Tensors {
  const tensors: Tensors = new Map();
  for (const tensor of iterateModel(modelOf(config), { seed, dtype }).tensors) {
    const values = tensor.values as Tensor["values"];
    tensors.set(tensor.name, { dtype: tensor.dtype.toUpperCase(), shape: tensor.shape, values });
  }
  return tensors;
}

const files = new Map<string, number>();

const fileOf = (path: string): number => {
  const file = files.get(path) ?? openSync(path, "r");
  files.set(path, file);
  return file;
};

/** Reads in this thread. */
export const here: Readers = {
  scan: async (piece) => readNow(scan(piece), fileOf),
  hash: async (extent) => readNow(hashOfExtent(extent), fileOf),
  singularValue: async (matrix) => readNow(singularValue(matrix), fileOf),
  computedFault: async (stored) => readNow(faultOf(stored), fileOf),
};

/** Audits a file as what a config says, or by subjects of the caller's. */
export async function auditOf(
  path: string,
  bytes: Buffer,
  expected: Model | ((path: string) => Subjects),
  options?: ReadOptions,
): Promise<AuditedTensor[]> {
  writeFileSync(path, bytes);
  try {
    const subjects = typeof expected === "function" ? expected(path) : byConfig(readCheckpoint(path), expected);
    return [...(await auditTensors(subjects.tensors, here, options)).audited];
  } finally {
    for (const open of files.values()) closeSync(open);
    files.clear();
  }
}

/** The names that failed, and by which checks. */
export const failures = (reports: readonly AuditedTensor[]): Record<string, string[]> =>
  Object.fromEntries(
    reports
      .filter(({ verdict }) => verdict === "fail")
      .map(({ name, failures }) => [name, failures.map(({ check }) => check)]),
  );
