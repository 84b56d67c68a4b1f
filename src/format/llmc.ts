/** GPT-2 as the file that llm.c starts from: `write_model` of its train_gpt2.py, versions 3 (f32) and 5 (bf16). */
import { show } from "../check.js";
import { type CheckpointFile, recordFor } from "../checkpoint/file.js";
import type { ElementType } from "../model/element.js";
import { rangeError } from "../model/fault.js";
import type { PlannedModel, PlannedTensor } from "../model/model.js";
import { sizeOf } from "../shape.js";
import { arranged } from "./arrange.js";
import { FileBuilder, type FileTensor } from "./file.js";
import type { FormatSource } from "./gguf/gguf.js";
import { joined, padding } from "./join.js";

const MAGIC = 20240326;
const HEADER_INTS = 256;
const VERSIONS: Readonly<Partial<Record<ElementType, number>>> = { f32: 3, bf16: 5 };
const VOCABULARY_MULTIPLE = 128;

/** Tensors of a layer, in the order of the file: each of all layers, then the next. llm.c has matrices as [out, in]. */
const LAYER = ["ln_1.weight", "ln_1.bias", "attn.c_attn.weight", "attn.c_attn.bias", "attn.c_proj.weight"].concat(
  ["attn.c_proj.bias", "ln_2.weight", "ln_2.bias", "mlp.c_fc.weight", "mlp.c_fc.bias", "mlp.c_proj.weight"],
  ["mlp.c_proj.bias"],
);

/**
 * Lays GPT-2 out as one file of llm.c. The rows of the vocabulary are padded with zeros to a multiple of 128.
 *
 * @throws RangeError for another model, a width of the perceptron that is not 4 * n_embd, a head of its own, f16 or f64.
 */
export function llmcFile(name: string, { model, types, seed }: FormatSource): CheckpointFile {
  checkModelFor(model);
  const dtype = checkTypes(types);
  const { n_layer: layers, n_embd: width, n_head: heads, n_positions, vocab_size } = gpt2Numbers(model);
  const padded = Math.ceil(vocab_size / VOCABULARY_MULTIPLE) * VOCABULARY_MULTIPLE;
  const header = new Int32Array(HEADER_INTS);
  header.set([MAGIC, VERSIONS[dtype] as number, n_positions, vocab_size, layers, heads, width, padded]);
  const builder = new FileBuilder(name, new Uint8Array(header.buffer));
  const byName = new Map(model.tensors.map((tensor) => [tensor.name, tensor]));
  for (const own of order(layers)) {
    const tensor = byName.get(own) as PlannedTensor;
    builder.tensor(storedAsLlmc(tensor, dtype, own === "transformer.wte.weight" ? padded : undefined));
  }
  return builder.file(JSON.stringify(recordFor(model.tensors, seed)));
}

function* order(layers: number): Generator<string> {
  yield* ["transformer.wte.weight", "transformer.wpe.weight"];
  for (const name of LAYER) for (let i = 0; i < layers; ++i) yield `transformer.h.${i}.${name}`;
  yield* ["transformer.ln_f.weight", "transformer.ln_f.bias"];
}

function storedAsLlmc(tensor: PlannedTensor, dtype: "f32" | "bf16", rows: number | undefined): FileTensor {
  const { name, shape } = tensor;
  const size = sizeOf(shape);
  const base = { name, dtype, planned: tensor };
  if (rows !== undefined) {
    const whole = [rows, shape[1] as number];
    const bytes = dtype === "f32" ? 4 : 2;
    const pad = { size: sizeOf(whole) - size, draw: padding };
    return { ...base, shape: whole, make: ({ drawer }) => joined([{ size, draw: drawer(tensor, dtype) }, pad], bytes) };
  }
  if (!/\.c_\w+\.weight$/.test(name)) return { ...base, shape, make: ({ drawer }) => drawer(tensor, dtype) };
  return {
    ...base,
    shape: [...shape].reverse(),
    make: ({ drawer, kept }) =>
      arranged({ draw: drawer(tensor, dtype), dtype, name, kept, split: shape, order: [1, 0] }),
  };
}

/** The numbers of a config of GPT-2, with transformers' defaults. */
function gpt2Numbers({ variables }: PlannedModel) {
  const numberOf = (name: string, usual: number) => {
    const value: unknown = variables[name];
    return typeof value === "number" ? value : usual;
  };
  const n_embd = numberOf("n_embd", 0);
  return {
    ...{
      n_embd,
      n_inner: numberOf("n_inner", 4 * n_embd),
      n_layer: numberOf("n_layer", 0),
      n_head: numberOf("n_head", 12),
    },
    ...{ n_positions: numberOf("n_positions", 0), vocab_size: numberOf("vocab_size", 0) },
  };
}

function checkModelFor(model: PlannedModel): void {
  const { name, tensors } = model;
  const { n_layer, n_embd, n_inner } = gpt2Numbers(model);
  const expected = new Set(order(n_layer));
  const other = tensors.find((tensor) => !expected.has(tensor.name));
  if (name !== "gpt2" || other !== undefined || tensors.length !== expected.size) {
    const got =
      name !== "gpt2" || other === undefined ? `a model "${name}"` : `one with the tensor ${show(other.name)}`;
    throw rangeError(
      `format bin: expected GPT2LMHeadModel with a tied head, the model of llm.c, got ${got}; --format safetensors holds any model`,
    );
  }
  if (n_inner !== 4 * n_embd)
    throw rangeError(`n_inner: expected ${4 * n_embd}, as llm.c has 4 * n_embd, got ${n_inner}`);
}

function checkTypes(types: readonly ElementType[]): "f32" | "bf16" {
  const [first = "f32"] = types;
  const other = types.find((type) => type !== first || VERSIONS[type] === undefined);
  if (other === undefined) return first as "f32" | "bf16";
  throw rangeError(
    `dtype: expected "f32" or "bf16" for the format bin of llm.c, got ${show(other)}; --dtype f32 stores all in f32`,
  );
}
