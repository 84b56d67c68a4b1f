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
import { iterateModel, type Model, modelOf, modelOfShapes } from "../../src/model.js";

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

/** Every kind of computed values, at sizes that no block and no window divides. */
const COMPUTED: Model = modelOfShapes("computed", [
  { name: "sines", shape: [97, 31], scheme: "sinusoidal" },
  { name: "halves", shape: [33, 64], scheme: "sinusoidal", order: "halves", endpoint: true },
  { name: "arange", shape: [7, 5, 11], scheme: "arange", start: -3, step: 0.25, axis: 1 },
  { name: "logs", shape: [61, 16], scheme: "logArange", start: 1 },
  { name: "powers", shape: [129], scheme: "powers", base: 10000, step: -1 / 129 },
  { name: "offsets", shape: [35, 35], scheme: "relativePosition", window: [5, 7] },
  { name: "steps", shape: [4321], scheme: "logUniform", low: 1e-3, high: 0.1, floor: 2e-3, inverse: "softplus" },
  { name: "decays", shape: [2099], scheme: "logOfUniform", low: 0, high: 16 },
  { name: "upsampled", shape: [36, 5, 3, 3], scheme: "icnr", factor: 3, of: { scheme: "heNormal", layout: "oi" } },
  { name: "columns", shape: [129, 28], scheme: "icnr", factor: 2, layout: "io", of: { scheme: "normal", std: 1 } },
  { name: "turned", shape: [20, 9], scheme: "icnr", factor: 2, of: { scheme: "orthogonal" } },
  { name: "source", shape: [45, 7, 13], scheme: "uniform", low: -0.5, high: 0.5 },
  { name: "scaled", shape: [45, 7, 13], copy: "source", scale: -0.3 },
  { name: "same", shape: [45, 7, 13], copy: "source" },
  { name: "norms", shape: [1, 1, 13], norms: "source", axis: -1 },
]);
const INTEGERS: Model = {
  ...COMPUTED,
  tensors: [
    ...COMPUTED.tensors,
    { name: "ids", shape: [1, 77], dtype: "i64", scheme: { scheme: "arange", start: 2 } },
    { name: "index", shape: [6, 6], dtype: "i32", scheme: { scheme: "relativePosition", window: [2, 3] } },
  ],
};

export const MODELS: readonly Model[] = [
  modelOf({ model_type: "gpt2", n_layer: 2, n_embd: 64, n_positions: 33, vocab_size: 101 }),
  modelOf({ model_type: "llama", ...DECODER, num_key_value_heads: 2 }),
  modelOf({ model_type: "mixtral", ...DECODER, num_key_value_heads: 2, num_local_experts: 3, num_experts_per_tok: 2 }),
  modelOf({ model_type: "bert", ...DECODER, max_position_embeddings: 21, type_vocab_size: 2 }),
  modelOf({ model_type: "resnet", embedding_size: 8, hidden_sizes: [16, 32], depths: [1, 2], layer_type: "basic" }),
  KINDS,
  INTEGERS,
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
