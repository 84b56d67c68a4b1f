/** Small models of every kind, and their files made whole, tensor by tensor. */
import type { Checkpoint, CheckpointOptions, DType } from "../../src/checkpoint.js";
import {
  constant,
  dirac,
  hadamard,
  normal,
  ones,
  orthogonal,
  sparse,
  truncatedNormal,
  uniform,
  zeros,
} from "../../src/index.js";
import { iterateModel, type Model, modelOf } from "../../src/model.js";

const DECODER = {
  hidden_size: 48,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  intermediate_size: 80,
  vocab_size: 301,
};

/** Every kind of distribution, at sizes that no block divides; some tensors are empty, scalars, or of integers. */
const KINDS: Model = {
  name: "kinds",
  variables: {},
  tied: {},
  tensors: [
    { name: "normal", shape: [37, 129], scheme: normal({ std: 0.02 }) },
    { name: "flag", shape: [3], dtype: "bool", scheme: ones() },
    { name: "count", shape: [], dtype: "i64", scheme: constant(7) },
    { name: "uniform", shape: [5001], scheme: uniform({ low: -1, high: 1 }) },
    { name: "orthogonal", shape: [31, 45], scheme: orthogonal() },
    { name: "none", shape: [0, 4], scheme: zeros() },
    { name: "truncated", shape: [4097], scheme: truncatedNormal({ std: 0.5 }) },
    { name: "dirac", shape: [8, 8, 3], scheme: dirac() },
    { name: "sparse", shape: [40, 41], scheme: sparse({ sparsity: 0.5 }) },
    { name: "hadamard", shape: [16, 17], scheme: hadamard() },
    { name: "last", shape: [13], scheme: ones() },
  ],
};

export const MODELS: readonly Model[] = [
  modelOf({ model_type: "gpt2", n_layer: 2, n_embd: 64, n_positions: 33, vocab_size: 101 }),
  modelOf({ model_type: "llama", ...DECODER, num_key_value_heads: 2 }),
  modelOf({ model_type: "mixtral", ...DECODER, num_key_value_heads: 2, num_local_experts: 3, num_experts_per_tok: 2 }),
  modelOf({ model_type: "bert", ...DECODER, max_position_embeddings: 21, type_vocab_size: 2 }),
  modelOf({ model_type: "resnet", embedding_size: 8, hidden_sizes: [16, 32], depths: [1, 2], layer_type: "basic" }),
  KINDS,
];

export const DTYPES: readonly DType[] = ["f32", "f64", "f16", "bf16"];

/** The bytes of each file, from whole tensors. */
export function filesOf(described: Checkpoint, model: Model, options: CheckpointOptions): Map<string, Uint8Array> {
  const values = new Map<string, Uint8Array>();
  for (const tensor of iterateModel(model, { seed: options.seed, ...(options.dtype && { dtype: options.dtype }) })
    .tensors) {
    const { buffer, byteOffset, byteLength } = tensor.values;
    values.set(tensor.name, new Uint8Array(buffer, byteOffset, byteLength));
  }
  const files = new Map<string, Uint8Array>();
  for (const { name, header, tensors } of described.files) {
    const pieces = [header, ...tensors.map((tensor) => values.get(tensor.name) as Uint8Array)];
    files.set(name, Buffer.concat(pieces));
  }
  return files;
}
