/** Names, shapes, order and parameter counts of the architectures, as their reference implementations have them. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { initModel, MODEL_TYPES, type Model, modelOf, parametersOf, planModel } from "../../src/model.js";

const CONFIG = new URL("../../examples/gpt2/config.json", import.meta.url);
const GPT2 = JSON.parse(readFileSync(CONFIG, "utf8"));

// The published configs, without the fields that have no effect on names and shapes.
const LLAMA_7B = {
  model_type: "llama",
  architectures: ["LlamaForCausalLM"],
  vocab_size: 32000,
  hidden_size: 4096,
  intermediate_size: 11008,
  num_hidden_layers: 32,
  num_attention_heads: 32,
};
const TINY_LLAMA = {
  ...LLAMA_7B,
  hidden_size: 2048,
  intermediate_size: 5632,
  num_hidden_layers: 22,
  num_key_value_heads: 4,
};
const LLAMA3_8B = { ...LLAMA_7B, vocab_size: 128256, intermediate_size: 14336, num_key_value_heads: 8 };
const LLAMA32_1B = {
  ...LLAMA3_8B,
  hidden_size: 2048,
  intermediate_size: 8192,
  num_hidden_layers: 16,
  head_dim: 64,
  tie_word_embeddings: true,
};
const LLAMA31_405B = {
  ...LLAMA3_8B,
  hidden_size: 16384,
  intermediate_size: 53248,
  num_hidden_layers: 126,
  num_attention_heads: 128,
};
const MIXTRAL_8X7B = {
  ...LLAMA3_8B,
  model_type: "mixtral",
  architectures: ["MixtralForCausalLM"],
  vocab_size: 32000,
  num_local_experts: 8,
};
const BERT_BASE = {
  model_type: "bert",
  architectures: ["BertForMaskedLM"],
  vocab_size: 30522,
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
  max_position_embeddings: 512,
  type_vocab_size: 2,
  pad_token_id: 0,
};
const BERT_LARGE = {
  ...BERT_BASE,
  hidden_size: 1024,
  num_hidden_layers: 24,
  num_attention_heads: 16,
  intermediate_size: 4096,
};
const labels = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [i, `LABEL_${i}`]));
const VIT_BASE = {
  model_type: "vit",
  architectures: ["ViTForImageClassification"],
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
  image_size: 224,
  patch_size: 16,
  id2label: labels,
};
const RESNET50 = {
  model_type: "resnet",
  embedding_size: 64,
  hidden_sizes: [256, 512, 1024, 2048],
  depths: [3, 4, 6, 3],
  layer_type: "bottleneck",
  id2label: labels,
};
const BASIC = { ...RESNET50, hidden_sizes: [64, 128, 256, 512], layer_type: "basic" };

// GPT-2: Radford et al. 2019, table 2, counted with the 1024 positions and 50257 tokens of its code. The others: sums over the
// shapes of the published checkpoints (model cards, torchvision's table of weights, transformers' num_parameters).
test.each<[string, object, number, number]>([
  ["GPT-2 small", GPT2, 124_439_808, 148],
  ["GPT-2 medium", { ...GPT2, n_layer: 24, n_embd: 1024, n_head: 16 }, 354_823_168, 292],
  ["GPT-2 large", { ...GPT2, n_layer: 36, n_embd: 1280, n_head: 20 }, 774_030_080, 436],
  ["GPT-2 XL", { ...GPT2, n_layer: 48, n_embd: 1600, n_head: 25 }, 1_557_611_200, 580],
  ["Llama 2 7B", LLAMA_7B, 6_738_415_616, 291],
  ["TinyLlama 1.1B", TINY_LLAMA, 1_100_048_384, 201],
  ["Llama 3 8B", LLAMA3_8B, 8_030_261_248, 291],
  ["Llama 3.2 1B, tied", LLAMA32_1B, 1_235_814_400, 146],
  ["Llama 3.1 405B", LLAMA31_405B, 405_853_388_800, 1137],
  ["Mixtral 8x7B", MIXTRAL_8X7B, 46_702_792_704, 995],
  ["BERT base, masked", BERT_BASE, 109_514_298, 202],
  ["BERT base, model", { ...BERT_BASE, architectures: ["BertModel"] }, 109_482_240, 199],
  ["BERT base, pre-training", { ...BERT_BASE, architectures: ["BertForPreTraining"] }, 110_106_428, 206],
  ["BERT large, model", { ...BERT_LARGE, architectures: ["BertModel"] }, 335_141_888, 391],
  ["ViT base, 1000 classes", VIT_BASE, 86_567_656, 200],
  ["ViT base, model", { ...VIT_BASE, architectures: ["ViTModel"] }, 86_389_248, 200],
  ["ResNet-18", { ...BASIC, depths: [2, 2, 2, 2] }, 11_689_512, 122],
  ["ResNet-34", BASIC, 21_797_672, 218],
  ["ResNet-50", RESNET50, 25_557_032, 320],
  ["ResNet-101", { ...RESNET50, depths: [3, 4, 23, 3] }, 44_549_160, 626],
  ["ResNet-152", { ...RESNET50, depths: [3, 8, 36, 3] }, 60_192_808, 932],
])("%s has as many parameters and tensors as its reference implementation", (_, config, parameters, tensors) => {
  const model = planModel(modelOf(config));
  expect(parametersOf(model)).toBe(parameters);
  expect(model.tensors).toHaveLength(tensors);
});

/** Shape, role, layout and scheme of a tensor. */
function look(model: Model, name: string) {
  const { shape, role, layout, scheme } = planModel(model).tensors.find((tensor) => tensor.name === name) ?? {};
  return { shape, role, layout, scheme };
}
const normal = (std: number) => ({ scheme: "normal", std });

describe("GPT-2", () => {
  const small = { model_type: "gpt2", n_layer: 11, n_embd: 8, n_positions: 16, vocab_size: 32 };
  const model = modelOf(small);

  test("has its tensors in the order of the bytes of their names, layer 10 before layer 2", () => {
    const names = model.tensors.map(({ name }) => name);
    expect(names).toEqual([...names].sort());
    expect(names[24]).toBe("transformer.h.10.attn.c_attn.bias");
    expect(names.slice(-2)).toEqual(["transformer.wpe.weight", "transformer.wte.weight"]);
  });

  test.each<[string, object]>([
    ["h.3.attn.c_attn.weight", { shape: [8, 24], role: "weight", layout: "io", scheme: normal(0.02) }],
    ["h.3.attn.c_proj.weight", { shape: [8, 8], role: "residual", layout: "io", scheme: normal(0.02 / Math.sqrt(22)) }],
    ["h.3.mlp.c_proj.weight", { shape: [32, 8], role: "residual", scheme: normal(0.02 / Math.sqrt(22)) }],
    ["h.3.mlp.c_fc.weight", { shape: [8, 32], role: "weight", scheme: normal(0.02) }],
    ["h.3.ln_2.weight", { shape: [8], role: "normalization", scheme: { scheme: "ones" } }],
    ["h.3.ln_2.bias", { shape: [8], role: "bias", scheme: { scheme: "zeros" } }],
    ["wte.weight", { shape: [32, 8], role: "embedding", scheme: normal(0.02) }],
  ])("has %s with its shape, role, layout and scheme", (name, expected) => {
    expect(look(model, `transformer.${name}`)).toMatchObject(expected);
  });

  test("follows the fields of its config that change names, shapes and schemes", () => {
    const headless = modelOf({ ...small, architectures: ["GPT2Model"] });
    expect(headless.tensors.every(({ name }) => !name.startsWith("tr"))).toBe(true);
    expect(headless.tied).toEqual({});
    expect(model.tied).toEqual({ "lm_head.weight": "transformer.wte.weight" });
    const untied = modelOf({ ...small, tie_word_embeddings: false });
    expect(untied.tied).toEqual({});
    expect(look(untied, "lm_head.weight")).toMatchObject({ shape: [32, 8], role: "head", layout: "oi" });
    expect(look(modelOf({ ...small, n_inner: 7 }), "transformer.h.0.mlp.c_fc.weight").shape).toEqual([8, 7]);
    expect(look(modelOf({ ...small, initializer_range: 0.1 }), "transformer.wte.weight").scheme).toEqual(normal(0.1));
  });

  test("is configured in examples/gpt2 by a config of transformers, unabridged", () => {
    expect(GPT2).toMatchObject({ model_type: "gpt2", n_ctx: 1024, layer_norm_epsilon: 1e-5 });
  });
});

describe("Llama and Mixtral", () => {
  test("have grouped queries, and a head that is tied or not", () => {
    const model = modelOf(TINY_LLAMA);
    expect(look(model, "model.layers.21.self_attn.q_proj.weight").shape).toEqual([2048, 2048]);
    expect(look(model, "model.layers.21.self_attn.k_proj.weight")).toMatchObject({ shape: [256, 2048], layout: "oi" });
    expect(look(model, "model.layers.21.self_attn.o_proj.weight").role).toBe("residual");
    expect(look(model, "model.layers.0.mlp.down_proj.weight")).toMatchObject({ shape: [2048, 5632], role: "residual" });
    expect(look(model, "model.norm.weight")).toMatchObject({ role: "normalization", scheme: { scheme: "ones" } });
    expect(look(model, "lm_head.weight")).toMatchObject({ shape: [32000, 2048], role: "head", scheme: normal(0.02) });
    const tied = modelOf(LLAMA32_1B);
    expect(look(tied, "lm_head.weight").shape).toBeUndefined();
    expect(tied.tied).toEqual({ "lm_head.weight": "model.embed_tokens.weight" });
  });

  test("may have heads of any width and biases, and have no prefix without a language head", () => {
    const model = modelOf({
      ...TINY_LLAMA,
      head_dim: 100,
      attention_bias: true,
      mlp_bias: true,
      architectures: ["LlamaModel"],
    });
    expect(look(model, "layers.0.self_attn.q_proj.weight").shape).toEqual([3200, 2048]);
    expect(look(model, "layers.0.self_attn.o_proj.weight").shape).toEqual([2048, 3200]);
    expect(look(model, "layers.0.self_attn.k_proj.bias")).toMatchObject({ shape: [400], scheme: { scheme: "zeros" } });
    expect(look(model, "layers.0.mlp.down_proj.bias").shape).toEqual([2048]);
    expect(look(model, "embed_tokens.weight").shape).toEqual([32000, 2048]);
  });

  test("have experts and a router", () => {
    const model = modelOf({ ...MIXTRAL_8X7B, num_hidden_layers: 2, torch_dtype: "bfloat16" });
    expect(model.dtype).toBe("bf16");
    const block = "model.layers.1.block_sparse_moe";
    expect(look(model, `${block}.gate.weight`)).toMatchObject({ shape: [8, 4096], role: "router" });
    expect(look(model, `${block}.experts.7.w1.weight`)).toMatchObject({ shape: [14336, 4096], role: "weight" });
    expect(look(model, `${block}.experts.7.w2.weight`)).toMatchObject({ shape: [4096, 14336], role: "residual" });
    expect(look(model, `${block}.experts.7.w3.weight`).shape).toEqual([14336, 4096]);
  });
});

describe("BERT, ViT, ResNet", () => {
  test("BERT starts the row of the padding token at 0, wherever it is", () => {
    const name = "bert.embeddings.word_embeddings.weight";
    expect(look(modelOf(BERT_BASE), name).scheme).toEqual({
      scheme: "split",
      axis: 0,
      parts: [1, 30521],
      of: [{ scheme: "zeros" }, normal(0.02)],
    });
    expect(look(modelOf({ ...BERT_BASE, pad_token_id: 5 }), name).scheme).toMatchObject({
      parts: [5, 1, 30516],
      of: [normal(0.02), { scheme: "zeros" }, normal(0.02)],
    });
    expect(modelOf(BERT_BASE).tied).toEqual({
      "cls.predictions.decoder.weight": name,
      "cls.predictions.decoder.bias": "cls.predictions.bias",
    });
    const classes = modelOf({ ...BERT_BASE, architectures: ["BertForSequenceClassification"], num_labels: 3 });
    expect(look(classes, "classifier.weight")).toMatchObject({ shape: [3, 768], role: "head" });
  });

  test("ViT has patches and tokens of any size, and normals truncated at an absolute 2", () => {
    const model = modelOf({ ...VIT_BASE, image_size: [224, 112], patch_size: [16, 8] });
    const scheme = { scheme: "truncatedNormal", std: 0.02, low: -2, high: 2, bounds: "absolute" };
    expect(look(model, "vit.embeddings.position_embeddings")).toMatchObject({ shape: [1, 197, 768], scheme });
    expect(look(model, "vit.embeddings.cls_token").shape).toEqual([1, 1, 768]);
    expect(look(model, "vit.embeddings.patch_embeddings.projection.weight").shape).toEqual([768, 3, 16, 8]);
    expect(look(model, "classifier.weight").shape).toEqual([1000, 768]);
  });

  test("ResNet has He's scheme by fan out, PyTorch's linear layer for a classifier, and whole numbers first", () => {
    const model = modelOf(RESNET50);
    expect(model.tensors[0]).toMatchObject({
      name: "resnet.embedder.embedder.normalization.num_batches_tracked",
      shape: [],
      dtype: "i64",
      role: "buffer",
    });
    const named = (at: string) => look(model, `resnet.encoder.stages.${at}`);
    expect(named("0.layers.0.layer.1.convolution.weight")).toMatchObject({
      shape: [64, 64, 3, 3],
      scheme: { scheme: "kaimingNormal", mode: "fan_out", layout: "oi" },
    });
    expect(named("1.layers.0.shortcut.convolution.weight").shape).toEqual([512, 256, 1, 1]);
    expect(named("3.layers.2.layer.2.convolution.weight")).toMatchObject({
      shape: [2048, 512, 1, 1],
      role: "residual",
    });
    expect(named("0.layers.0.layer.0.normalization.running_var").scheme).toEqual({ scheme: "ones" });
    expect(named("0.layers.0.layer.0.normalization.running_mean").scheme).toEqual({ scheme: "zeros" });
    const bound = 1 / Math.sqrt(2048);
    expect(look(model, "classifier.1.bias").scheme).toEqual({ scheme: "uniform", low: -bound, high: bound });
    const shortcut = "resnet.encoder.stages.0.layers.0.shortcut.convolution.weight";
    expect(look(modelOf({ ...BASIC, depths: [2, 2, 2, 2] }), shortcut).shape).toBeUndefined();
  });
});

describe("a config is refused", () => {
  const REQUIRED: [object, string[]][] = [
    [GPT2, ["n_layer", "n_embd", "n_positions", "vocab_size"]],
    [TINY_LLAMA, ["vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads"]],
    [MIXTRAL_8X7B, ["num_local_experts", "intermediate_size"]],
    [BERT_BASE, ["vocab_size", "hidden_size", "max_position_embeddings", "num_attention_heads"]],
    [VIT_BASE, ["image_size", "patch_size", "hidden_size"]],
    [RESNET50, ["embedding_size", "hidden_sizes", "depths", "layer_type"]],
  ];
  const wrong = REQUIRED.flatMap(([config, fields]) =>
    fields.flatMap((field) =>
      [undefined, 0, -1, 1.5, "x", null, 2 ** 60].map(
        (value) => [field, value, { ...config, [field]: value }] as const,
      ),
    ),
  );
  test.each(wrong)("by the name of the field %s where that is %s", (field, _, config) => {
    expect(() => planModel(modelOf(config))).toThrow(new RegExp(`${field}|2\\^53|at most 200000 tensors`));
  });

  test.each<[string, object, RegExp]>([
    ["heads", { ...GPT2, n_head: 7 }, /\nn_head: expected a divisor of n_embd \(768\), got 7$/],
    ["heads", { ...TINY_LLAMA, num_attention_heads: 7 }, /divisor of hidden_size \(2048\), got 7/],
    ["groups", { ...TINY_LLAMA, num_key_value_heads: 5 }, /divisor of num_attention_heads \(32\), got 5/],
    ["heads", { ...BERT_BASE, num_attention_heads: 5 }, /divisor of hidden_size \(768\), got 5/],
    ["padding", { ...BERT_BASE, pad_token_id: 40000 }, /less than vocab_size/],
    ["patches", { ...VIT_BASE, patch_size: 300 }, /at most image_size \(224\), got 300/],
    ["depths", { ...RESNET50, depths: [3] }, /\ndepths: expected 4 numbers, as in hidden_sizes, got \[3\]$/],
    ["bottlenecks", { ...RESNET50, hidden_sizes: [6, 8, 8, 8] }, /multiple of 4/],
    ["a name", { model_type: "lama" }, /one of the \d+ types .* \(perhaps "llama"\), got "lama"\n/],
    ["a class", { ...BERT_BASE, architectures: ["BertForTokenClassificaton"] }, /perhaps "BertForTokenClassification"/],
    ["a class of heads", { ...GPT2, architectures: ["GPT2DoubleHeadsModel"] }, /architectures/],
    ["two classes", { ...BERT_BASE, architectures: ["BertModel", "BertForMaskedLM"] }, /architectures/],
    ["a type", { ...GPT2, torch_dtype: "float8" }, /torch_dtype/],
    ["nothing", {}, /model_type/],
    [
      "8-bit floats",
      { ...TINY_LLAMA, torch_dtype: "float8_e4m3fn" },
      /torch_dtype: expected one of .*"float8_e4m3fn"$/,
    ],
    ["cross attention of an encoder", { ...BERT_BASE, add_cross_attention: true }, /\nis_decoder: expected true/],
    [
      "old positions",
      { ...BERT_BASE, position_embedding_type: "relative_key" },
      /\nposition_embedding_type: .*versions/,
    ],
    ["an untied decoder", { ...BERT_BASE, tie_word_embeddings: false }, /untied/],
    ["a tie that is neither", { ...GPT2, tie_word_embeddings: null }, /\ntie_word_embeddings: .* got null/],
    ["padding", { ...TINY_LLAMA, pad_token_id: 32000 }, /\npad_token_id: .*less than vocab_size \(32000\), got 32000/],
    ["padding", { ...MIXTRAL_8X7B, pad_token_id: -32001 }, /\npad_token_id: expected null, or .* from -32000/],
    ["padding", { ...BERT_BASE, pad_token_id: 0.5 }, /\npad_token_id: expected a whole number, got 0.5/],
    ["labels", { ...VIT_BASE, num_labels: 3 }, /\nnum_labels: expected 1000, the number of labels in id2label, got 3/],
    ["no labels", { ...VIT_BASE, id2label: {} }, /\nid2label: expected at least one label/],
    ["a std of 0", { ...GPT2, initializer_range: 0 }, /\ninitializer_range: expected a number above 0.*, got 0$/],
    ["two names", { ...GPT2, hidden_size: 512 }, /hidden_size: expected 768, as n_embd says.*, got 512/],
    ["Mixtral's groups", { ...MIXTRAL_8X7B, num_attention_heads: 4, num_key_value_heads: undefined }, /got 8|\(4\)/],
    ["biases", { ...MIXTRAL_8X7B, attention_bias: true }, /\nattention_bias: expected nothing, or .* got true/],
    ["quantized", { ...TINY_LLAMA, quantization_config: { bits: 4 } }, /\nquantization_config: .*quantized weights/],
  ])("for %s", (_, config, message) => expect(() => modelOf(config)).toThrow(message));

  test("where it is no object", () => {
    for (const config of [null, undefined, 3, "gpt2", [], true]) expect(() => modelOf(config)).toThrow(/config/);
  });

  test("of more tensors than memory holds, before they are made", () => {
    expect(() => modelOf({ ...TINY_LLAMA, num_hidden_layers: 2 ** 40 })).toThrow(/at most 200000 tensors/);
  });
});

test("nulls that are legal are taken, and types as torch spells them", () => {
  const nulls = { pad_token_id: null, initializer_range: null, id2label: null, num_labels: null, torch_dtype: null };
  expect(planModel(modelOf({ ...TINY_LLAMA, ...nulls, tie_word_embeddings: null, head_dim: null })).tensors).toEqual(
    planModel(modelOf(TINY_LLAMA)).tensors,
  );
  for (const architectures of [null, []])
    expect(modelOf({ ...TINY_LLAMA, architectures })).toEqual(modelOf(TINY_LLAMA));
  expect(modelOf({ ...GPT2, ...nulls, n_inner: null, dtype: "torch.float16" }).dtype).toBe("f16");
  expect(modelOf({ ...BERT_BASE, torch_dtype: "torch.bfloat16" }).dtype).toBe("bf16");
});

// transformers: class MixtralConfig, num_key_value_heads: int = 8
test("Mixtral's groups are 8 where its config says nothing", () => {
  const config = { ...MIXTRAL_8X7B, num_key_value_heads: undefined };
  expect(look(modelOf(config), "model.layers.0.self_attn.k_proj.weight").shape).toEqual([8 * 128, 4096]);
});

describe("an unknown model_type", () => {
  const messageOf = (config: object) => {
    try {
      return String(modelOf(config));
    } catch (error) {
      return (error as Error).message;
    }
  };
  test.each([{ model_type: "zamba2" }, { model_type: "t5".repeat(3000) }, { _class_name: "CogVideoXModel" }, {}])(
    "is refused with what to do",
    (config) => {
      const message = messageOf(config);
      const count = MODEL_TYPES.length;
      expect(message).toMatch(new RegExp(`^(model_type|_class_name): expected one of the ${count} types .*, got `));
      const ways = ["nn-init models", "docs/models.md", "--architecture", "--plan", "--scheme", "modelOfShapes"];
      for (const way of ways) expect(message).toContain(way);
      expect(message.length).toBeLessThan(2000);
    },
  );
  test("names the nearest, at most three, and nothing that is far", () => {
    const three = '"mistral" or "mixtral" or "ministral"';
    expect(messageOf({ model_type: "mistrel" })).toContain(`(perhaps ${three}), got "mistrel"\n`);
    expect(messageOf({ model_type: "mistrel" })).toContain(
      `\n- if its tensors are those of ${three}, edit model_type\n`,
    );
    expect(messageOf({ model_type: "kosmos" })).not.toMatch(/perhaps|edit/);
  });
  test("is no misspelling if the class that saved it is named, but can be like another", () => {
    const message = messageOf({ model_type: "mistrel", architectures: ["MistrelForCausalLM"] });
    expect(message).not.toContain("perhaps");
    expect(message).toMatch(/those of "mistral" or .*, edit model_type\n/);
  });
  test("is a class of diffusers, where a config has no model_type", () => {
    const message = messageOf({ _class_name: "UNet3DConditionModel" });
    expect(message).toMatch(/^_class_name: .*perhaps "UNet2DConditionModel".*got "UNet3DConditionModel"\n/);
    expect(message).toContain("edit _class_name");
  });
});

// torch.nn.Embedding(padding_idx): the row is 0; -1 is the last one. test/vectors/transformers.txt has the rows of each family.
describe("rows of padding", () => {
  const small = { ...TINY_LLAMA, vocab_size: 6, hidden_size: 4, intermediate_size: 4, num_hidden_layers: 1 };
  const llama = { ...small, num_attention_heads: 1, num_key_value_heads: 1 };
  const bert = { ...BERT_BASE, ...llama, model_type: "bert", architectures: ["BertModel"], max_position_embeddings: 3 };
  test.each<[string, string, object]>([
    ["llama", "model.embed_tokens.weight", llama],
    ["mixtral", "model.embed_tokens.weight", { ...MIXTRAL_8X7B, ...llama, model_type: "mixtral", architectures: [] }],
    ["bert", "embeddings.word_embeddings.weight", bert],
  ])("of %s are 0, and other rows keep their values", (_, name, config) => {
    const drawn = (pad_token_id: number | null) =>
      initModel(modelOf({ ...config, pad_token_id }), { seed: 42 }).tensors.get(name)?.values as Float32Array;
    const whole = drawn(null);
    expect(whole).not.toContain(0);
    for (const [token, row] of [
      [0, 0],
      [3, 3],
      [5, 5],
      [-1, 5],
      [-6, 0],
    ] as const) {
      expect(drawn(token)).toEqual(Float32Array.from(whole).fill(0, 4 * row, 4 * row + 4));
    }
  });

  test("are in no table of GPT-2, nor among positions and types of tokens", () => {
    const gpt2 = { ...GPT2, pad_token_id: 0 };
    expect(planModel(modelOf(gpt2)).tensors).toEqual(planModel(modelOf(GPT2)).tensors);
    const { tensors } = planModel(modelOf({ ...BERT_BASE, pad_token_id: 1 }));
    const split = tensors.filter(({ distribution }) => distribution.kind === "split");
    expect(split.map(({ name }) => name)).toEqual(["bert.embeddings.word_embeddings.weight"]);
  });

  test("may be all rows", () => {
    const { distribution } = planModel(modelOf({ ...llama, vocab_size: 1, pad_token_id: -1 })).tensors[1] ?? {};
    expect(distribution).toEqual({ kind: "constant", value: 0 });
  });

  test("have a name in plans, padding_row", () => {
    const plan = { rules: [{ match: "*", scheme: "constant", value: "padding_row" }] };
    expect(planModel(modelOf({ ...llama, pad_token_id: -2 }), plan).tensors[0]?.distribution).toEqual({
      kind: "constant",
      value: 4,
    });
  });
});
