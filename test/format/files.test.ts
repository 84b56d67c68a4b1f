/** Files of other formats: any range of them, what is in them, and what they cannot hold. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parseGgufHeader, readNpz } from "../../src/checkpoint.js";
import type { DType } from "../../src/dtype.js";
import { engine } from "../../src/engine/choose.js";
import { fileCheckpoint } from "../../src/format/formats.js";
import type { FileFormat } from "../../src/format/names.js";
import { modelOfShapes, planModel } from "../../src/model.js";
import { bytesOfTensor, type Made, made, wholeFile } from "./models.js";

const CASES: readonly (readonly [FileFormat, string, DType])[] = [
  ["gguf", "llama", "f32"],
  ["gguf", "mixtral", "bf16"],
  ["gguf", "gpt2", "f16"],
  ["gguf", "gpt_neox", "f32"],
  ["gguf", "gemma2", "bf16"],
  ["npz", "llama", "f64"],
  ["npz", "bert", "f16"],
  ["bin", "gpt2", "f32"],
  ["bin", "gpt2", "bf16"],
];

describe.each(CASES)("%s of %s in %s", (format, family, dtype) => {
  const model = made(format, family, dtype);
  const whole = wholeFile(model);

  test("any range is that of the whole, in any order of reading", () => {
    const name = `model.${format}`;
    let state = 1;
    const random = (limit: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    };
    const fresh = made(format, family, dtype).file; // nothing is kept
    for (let i = 0; i < 30; ++i) {
      const begin = random(whole.length);
      const end = begin + random(Math.min(2000, whole.length - begin + 1));
      expect(Buffer.compare(fresh.read(name, begin, end), whole.subarray(begin, end)), `${begin} to ${end}`).toBe(0);
    }
  });

  test("the sections fill the file without gaps", () => {
    const [file] = model.file.files;
    let end = file?.header.length;
    for (const section of file?.sections ?? []) {
      expect(section.begin).toBe(end);
      end = section.end;
    }
    expect(end).toBe(file?.byteLength);
  });
});

/** The values of a tensor of a GGUF file, as floats. */
function floatsOf(file: Uint8Array, name: string): { shape: readonly number[]; values: Float32Array; type: string } {
  const entry = parseGgufHeader(file).tensors.find((tensor) => tensor.name === name);
  if (entry?.end === undefined) throw new Error(`${name} is not there`);
  const bytes = file.slice(entry.begin, entry.end);
  const { type, shape } = entry;
  if (type === "F32") return { shape, type, values: new Float32Array(bytes.buffer) };
  return { shape, type, values: widened(new Uint16Array(bytes.buffer), type === "BF16" ? "bf16" : "f16") };
}

function widened(patterns: Uint16Array, type: "f16" | "bf16"): Float32Array {
  if (type === "bf16") return new Float32Array(Uint32Array.from(patterns, (pattern) => pattern << 16).buffer);
  return Float32Array.from(patterns, (pattern) => {
    const [sign, exponent, fraction] = [pattern >> 15 ? -1 : 1, (pattern >> 10) & 31, pattern & 1023];
    return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
  });
}

const ownFloats = (model: Made, name: string, dtype: DType): Float32Array => {
  const bytes = bytesOfTensor(model, name).slice();
  return dtype === "f32" ? new Float32Array(bytes.buffer) : widened(new Uint16Array(bytes.buffer), dtype as "f16");
};

describe("a GGUF file", () => {
  test("has the rows of queries and keys as llama.cpp's converter permutes them", () => {
    const model = made("gguf", "llama", "f32");
    const file = wholeFile(model);
    for (const [part, heads] of [
      ["q", 4],
      ["k", 2],
    ] as const) {
      const { values, shape } = floatsOf(file, `blk.1.attn_${part}.weight`);
      const own = ownFloats(model, `model.layers.1.self_attn.${part}_proj.weight`, "f32");
      const [rows, width] = shape as [number, number];
      const half = rows / heads / 2;
      // weights.reshape(heads, 2, half, width).swapaxes(1, 2)
      for (let row = 0; row < rows; ++row) {
        const head = Math.floor(row / (2 * half));
        const from = head * 2 * half + (row % 2) * half + Math.floor((row % (2 * half)) / 2);
        expect(values.slice(row * width, (row + 1) * width)).toEqual(own.slice(from * width, (from + 1) * width));
      }
    }
  });

  test("stacks experts in the order of their numbers, also past ten", () => {
    const model = made("gguf", "mixtral", "bf16", { num_local_experts: 11 });
    const { values, shape, type } = floatsOf(wholeFile(model), "blk.0.ffn_down_exps.weight");
    const size = values.length / 11;
    expect([shape, type]).toEqual([[11, 16, 64], "BF16"]);
    for (let expert = 0; expert < 11; ++expert) {
      const own = ownFloats(model, `model.layers.0.block_sparse_moe.experts.${expert}.w2.weight`, "bf16");
      expect(values.slice(expert * size, (expert + 1) * size)).toEqual(own);
    }
  });

  test("has Gemma's scales as 1 + x, in f32", () => {
    const model = made("gguf", "gemma2", "bf16");
    const { values, type } = floatsOf(wholeFile(model), "blk.1.post_ffw_norm.weight");
    expect(type).toBe("F32");
    const own = ownFloats(model, "model.layers.1.post_feedforward_layernorm.weight", "bf16");
    expect(values).toEqual(own.map((x) => x + 1));
  });

  test("has GPT-2's matrices transposed, and vectors in f32", () => {
    const model = made("gguf", "gpt2", "f16");
    const file = wholeFile(model);
    const { values, shape, type } = floatsOf(file, "blk.0.attn_qkv.weight");
    const own = ownFloats(model, "transformer.h.0.attn.c_attn.weight", "f16");
    expect([shape, type]).toEqual([[48, 16], "F16"]);
    expect(values).toEqual(Float32Array.from(values, (_, i) => own[(i % 16) * 48 + Math.floor(i / 16)] as number));
    expect(floatsOf(file, "blk.0.attn_qkv.bias")).toMatchObject({
      type: "F32",
      values: ownFloats(model, "transformer.h.0.attn.c_attn.bias", "f16"),
    });
  });

  test("says that its tokenizer is a placeholder, and how it was drawn", () => {
    const { metadata } = parseGgufHeader(wholeFile(made("gguf", "llama", "f32")));
    expect(metadata.get("nn-init.tokenizer")).toMatch(/^placeholder/);
    expect(metadata.get("tokenizer.ggml.tokens")).toHaveLength(40);
    expect(metadata.get("nn-init.seed")).toBe("7");
    expect(metadata.get("llama.attention.head_count_kv")).toBe(2);
  });

  test("has the bytes that it has always had", () => {
    const hash = createHash("sha256")
      .update(wholeFile(made("gguf", "llama", "bf16")))
      .digest("hex");
    expect(hash).toBe("4ea5ce252c0aa50fb9cc992e423f90676ca8ecfb96cdaa512195811f376a3fb5");
  });
});

test("an npz archive has the values of the model", () => {
  const model = made("npz", "llama", "f32");
  const arrays = readNpz(wholeFile(model));
  expect(arrays.map(({ name }) => name)).toEqual([...model.tensors.keys()]);
  for (const { name, bytes, descr, shape, fortranOrder } of arrays) {
    expect([descr, fortranOrder, shape]).toEqual(["<f4", false, model.tensors.get(name)?.shape]);
    expect(Buffer.compare(bytes, bytesOfTensor(model, name))).toBe(0);
  }
});

test("an npz archive takes the longest name and the most axes that readers take, and refuses more", () => {
  const archive = (name: string, axes: number) => {
    const model = planModel(modelOfShapes("own", [{ name, shape: Array(axes).fill(1), scheme: "ones" }]));
    return wholeFile({ file: fileCheckpoint("npz", { model, types: ["f32"], seed: 1 }, engine("scalar")) });
  };
  expect(readNpz(archive("n".repeat(65_531), 64))).toMatchObject([{ shape: { length: 64 }, bytes: { length: 4 } }]);
  expect(() => archive("w", 65)).toThrow('tensor "w": shape: expected at most 64 axes');
  for (const name of ["n".repeat(65_532), "é".repeat(32_766)]) {
    expect(() => archive(name, 1)).toThrow("expected a name of at most 65535 bytes for the format npz");
  }
});

test("Granite's experts are cut into gates and ups, and stacked", () => {
  const model = made("gguf", "granitemoe", "f32");
  const file = wholeFile(model);
  const { tensors } = parseGgufHeader(file, file.length);
  const own = ownFloats(model, "model.layers.1.block_sparse_moe.input_linear.weight", "f32");
  const valuesOf = (part: string) => {
    const found = tensors.find(({ name }) => name === `blk.1.ffn_${part}_exps.weight`);
    return { shape: found?.shape, values: new Float32Array(file.slice(found?.begin, found?.end).buffer) };
  };
  const [gate, up] = [valuesOf("gate"), valuesOf("up")];
  const size = own.length / 8; // four experts, each with two halves
  expect([gate.shape?.[0], up.shape]).toEqual([4, gate.shape]);
  for (let expert = 0; expert < 4; ++expert) {
    const half = (i: number) => own.slice((2 * expert + i) * size, (2 * expert + i + 1) * size);
    expect(gate.values.slice(expert * size, (expert + 1) * size)).toEqual(half(0));
    expect(up.values.slice(expert * size, (expert + 1) * size)).toEqual(half(1));
  }
});

test("llm.c's file has the padded vocabulary and matrices as [out, in]", () => {
  const model = made("bin", "gpt2", "f32");
  const file = wholeFile(model);
  const header = new Int32Array(file.slice(0, 1024).buffer);
  expect([...header.slice(0, 8)]).toEqual([20240326, 3, 128, 40, 2, 4, 16, 128]);
  const values = new Float32Array(file.slice(1024).buffer);
  expect(values.slice(0, 640)).toEqual(ownFloats(model, "transformer.wte.weight", "f32"));
  expect(values.slice(640, 128 * 16).every((value) => value === 0)).toBe(true);
  const at = 128 * 16 + 128 * 16 + 4 * 16; // after the tables, and two scales and two biases of two layers
  const own = ownFloats(model, "transformer.h.0.attn.c_attn.weight", "f32");
  expect(values[at + 5]).toBe(own[5 * 48]);
  expect(values.length).toBe(2 * 128 * 16 + 2 * (12 * 256 + 13 * 16) + 2 * 16);
});

describe("what a format cannot hold is refused by name:", () => {
  test.each<readonly [FileFormat, string, DType, object, string]>([
    ["npz", "llama", "bf16", {}, "--dtype f32 or --dtype f16"],
    ["gguf", "llama", "f64", {}, "--dtype f32"],
    ["bin", "gpt2", "f16", {}, "--dtype f32"],
    ["bin", "llama", "f32", {}, "--format safetensors"],
    ["bin", "gpt2", "f32", { n_inner: 24 }, "4 * n_embd"],
    ["bin", "gpt2", "f32", { tie_word_embeddings: false }, "a tied head"],
    ["gguf", "bert", "f32", {}, "--format safetensors"],
    ["gguf", "llama", "f32", { architectures: ["LlamaForSequenceClassification"] }, "LlamaForCausalLM"],
    ["gguf", "gemma", "f32", { tie_word_embeddings: false }, 'tensor "lm_head.weight"'],
    ["gguf", "llama", "f32", { hidden_act: "gelu" }, 'hidden_act: expected "silu"'],
    [
      ...(["gguf", "llama", "f32", { max_position_embeddings: 2 ** 33 }] as const),
      'gguf: "llama.context_length": expected a whole number from 0 to 4294967295, as it is u32, got 8589934592',
    ],
    ["gguf", "llama", "f32", { rms_norm_eps: 1e-50 }, "llama.attention.layer_norm_rms_epsilon"],
    ["gguf", "llama", "f32", { vocab_size: 6e6 }, "vocab_size: expected at most 4194304 tokens"],
    ["gguf", "qwen2", "f32", { rope_scaling: { type: "yarn", factor: 4 } }, "rope.type"],
    ["gguf", "gemma2", "f32", { query_pre_attn_scalar: 5 }, "query_pre_attn_scalar"],
    ["gguf", "gemma2", "f32", { layer_types: ["full_attention", "full_attention"] }, "layer_types[0]"],
    ["gguf", "qwen3_moe", "f32", { norm_topk_prob: false }, "norm_topk_prob"],
    ["gguf", "qwen3_moe", "f32", { mlp_only_layers: [0] }, "decoder_sparse_step: expected 1, and no mlp_only_layers"],
    ["gguf", "qwen2_moe", "f32", { norm_topk_prob: true }, "norm_topk_prob: expected false"],
    ["gguf", "smollm3", "f32", { no_rope_layers: [1, 0] }, "no_rope_layers: expected 0 for each fourth layer"],
    ["gguf", "smollm3", "f32", { no_rope_layer_interval: 2 }, "no_rope_layer_interval"],
    ["gguf", "olmo", "f32", { attention_bias: true }, "attention_bias"],
    ["gguf", "cohere", "f32", { use_qk_norm: true }, "use_qk_norm: expected true from 64 layers on"],
    ["gguf", "cohere", "f32", { tie_word_embeddings: false }, "tie_word_embeddings"],
  ])("%s of %s in %s with %j", (format, family, dtype, fields, message) => {
    expect(() => made(format, family, dtype, fields)).toThrow(message);
  });
});
