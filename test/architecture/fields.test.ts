/** Every field of a config is read, or known to change no tensor, or refused; the model says which are none of these. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import fields from "../../src/architecture/fields.json" with { type: "json" };
import type { FieldSpec } from "../../src/architecture/file.js";
import { builtIn, familyOf } from "../../src/architecture/known.js";
import { modelOf, planModel } from "../../src/model.js";
import { FAMILIES, MODELS } from "./vectors.js";

type Config = Record<string, unknown>;

/** All that a config decides. */
function outcome(config: Config): string {
  try {
    const model = modelOf(config);
    const { tensors, tied, dtype, unknownFields = [] } = planModel(model);
    return JSON.stringify({ tensors, tied, dtype, unknownFields });
  } catch (error) {
    return (error as Error).message;
  }
}

const words = (lists: object): string[] => Object.values(lists).flatMap((list: string) => list.split(" "));
const REFUSED = words(fields.refused);
const ownHarmless = (family: string) => words(familyOf(family).harmless);
const refusedOf = (family: string) => [...REFUSED, ...words(familyOf(family).refused)];

const TYPES = ["model_type", "_class_name"];

const THREE = { 0: "a", 1: "b", 2: "c" };
const labels = (kind: string): Read[] => [
  ["num_labels", 3, { architectures: [kind] }],
  ["id2label", THREE, { architectures: [kind], num_labels: undefined }],
];
const common: Read[] = [
  ["dtype", "float16"],
  ["torch_dtype", "bfloat16", { dtype: null }],
];
const decoder = (name: string): Read[] => [
  ...common,
  ...labels(`${name}ForSequenceClassification`),
  ["architectures", [`${name}ForCausalLM`], { architectures: [`${name}Model`] }],
  ...(["vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers"] as const).map((f): Read => [f, 8]),
  ["num_attention_heads", 4, { head_dim: 2 }],
  ["num_key_value_heads", 1, { num_key_value_heads: 2 }],
  ["head_dim", 7],
  ["pad_token_id", 0],
  ["initializer_range", 0.5],
  ["tie_word_embeddings", true],
  ["token_classification_bias", false, { architectures: [`${name}ForTokenClassification`] }],
];

/** A field that is read, another value for it, and what else the config must say for it to matter. */
type Read = readonly [field: string, other: unknown, context?: Config];

/** With another value, either the tensors change or (counts of heads) the config is refused. */
const READ: Record<string, Read[]> = {
  gpt2: [
    ...common,
    ...labels("GPT2ForSequenceClassification"),
    ["architectures", ["GPT2Model"]],
    ...(["vocab_size", "n_positions", "n_embd", "n_layer", "n_inner"] as const).map((f): Read => [f, 8]),
    ["hidden_size", 8, { n_embd: undefined, hidden_size: 4 }],
    ["num_hidden_layers", 8, { n_layer: undefined, num_hidden_layers: 2 }],
    ["max_position_embeddings", 8, { n_positions: undefined, max_position_embeddings: 3 }],
    ["num_attention_heads", 3, { n_head: undefined, num_attention_heads: 2 }],
    ["n_head", 3],
    ["initializer_range", 0.5],
    ["tie_word_embeddings", false],
    ["add_cross_attention", true],
  ],
  llama: [...decoder("Llama"), ["attention_bias", true], ["mlp_bias", true]],
  mixtral: [
    ...decoder("Mixtral"),
    ["num_local_experts", 8],
    ["num_experts", 8, { num_local_experts: undefined, num_experts: 2 }],
  ],
  bert: [
    ...common,
    ...labels("BertForSequenceClassification"),
    ["architectures", ["BertForMaskedLM"]],
    ...(["vocab_size", "hidden_size", "num_hidden_layers", "intermediate_size"] as const).map((f): Read => [f, 8]),
    ["num_attention_heads", 3],
    ["max_position_embeddings", 8],
    ["type_vocab_size", 8],
    ["pad_token_id", null],
    ["initializer_range", 0.5],
    ["tie_word_embeddings", false, { architectures: ["BertForMaskedLM"] }],
    ["position_embedding_type", "relative_key"],
    ["add_cross_attention", true, { is_decoder: true }],
    ["is_decoder", false, { is_decoder: true, add_cross_attention: true }],
  ],
  vit: [
    ...common,
    ...labels("ViTForImageClassification"),
    ["architectures", ["ViTModel"]],
    ...(["hidden_size", "num_hidden_layers", "intermediate_size", "image_size"] as const).map((f): Read => [f, 8]),
    ["num_attention_heads", 3],
    ["patch_size", 4],
    ["num_channels", 4],
    ["qkv_bias", false],
    ["pooler_output_size", 3, { architectures: ["ViTModel"] }],
    ["encoder_stride", 2, { architectures: ["ViTForMaskedImageModeling"] }],
    ["initializer_range", 0.5],
  ],
  resnet: [
    ...common,
    ...labels("ResNetForImageClassification"),
    ["architectures", ["ResNetModel"]],
    ["num_channels", 4],
    ["embedding_size", 8],
    ["hidden_sizes", [4, 4]],
    ["depths", [1, 1]],
    ["layer_type", "basic"],
    ["downsample_in_first_stage", true],
  ],
};

const namesOf = ([name, { alias }]: readonly [string, FieldSpec]) => (alias === undefined ? [name] : [name, alias]);

/** Other values of a field. */
function othersOf({ type, choices = [] }: FieldSpec): readonly unknown[] {
  if (type === "flag") return [true, false];
  if (type === "std") return [0.5, 0.75];
  if (type === "word") return [...choices, "gated-gelu", "layer_norm"];
  if (type === "words") return [["c2p"]];
  if (type === "counts") return [[0]];
  if (type === "lengths")
    return [
      [4, 4],
      [1, 2, 3],
    ];
  if (type === "number") return [3, 8];
  return [8, 1, 2, 3, 0];
}

/** Families that extend another one have few fields of their own; fields.slow.ts has all of theirs. */
const FULL = process.env.FULL !== undefined;
const TESTED = FAMILIES.filter(
  ({ family }) => FULL || family in READ || !("extends" in (builtIn().file(family) ?? {})),
);

describe.each(TESTED)("$family", ({ family, config }) => {
  // A saved config with the two labels of the defaults, from which a test can go on.
  const { id2label: _, label2id: __, architectures: ___, ...base } = config as Config;
  const read = READ[family] ?? [];
  const ownFields = Object.entries(familyOf(family).fields).map(([name, field]) => [name, field as FieldSpec] as const);
  const names = ["dtype", "torch_dtype", "num_labels", "id2label", "architectures", ...ownFields.flatMap(namesOf)];
  const isRead = (name: string) => names.includes(name);
  const harmless = [...words(fields.harmless).filter((name) => !isRead(name)), ...ownHarmless(family)];

  test("every field of its config class is read or known to be harmless", () => {
    const isKnown = (name: string) =>
      isRead(name) || harmless.includes(name) || refusedOf(family).includes(name) || TYPES.includes(name);
    expect(Object.keys(config).filter((name) => !isKnown(name))).toEqual([]);
    expect(modelOf(config).unknownFields).toBeUndefined();
    expect(harmless.filter(isRead)).toEqual([]);
  });

  test("every field that is read changes a model, or is checked", () => {
    const models = MODELS.filter((model) => model.family === family).map(({ config }) => {
      const { is_gated_act: given, ...rest } = config as Config; // it follows from feed_forward_proj
      return { given, rest, plain: outcome(rest) };
    });
    const idle = ownFields.filter(([name, field]) => {
      return !models.some(({ given, rest, plain }) => {
        const config = { ...rest };
        if (name === "is_gated_act") config[name] = given;
        if (name === "expand") delete config.intermediate_size; // which follows from it
        if (field.alias !== undefined) delete config[field.alias];
        const isPlain = name !== "is_gated_act" && Object.keys(config).length === Object.keys(rest).length;
        const before = isPlain ? plain : outcome(config);
        return othersOf(field).some((other) => outcome({ ...config, [name]: other }) !== before);
      });
    });
    expect(idle.map(([name]) => name)).toEqual([]);
  });

  test.each(read.map((one) => [one[0], one] as const))("%s changes the model", (field, [, other, context = {}]) => {
    const before = outcome({ ...base, ...context });
    expect(before).toMatch(/^\{/);
    expect(outcome({ ...base, ...context, [field]: other })).not.toBe(before);
    expect(outcome({ ...base, ...context, [field]: { odd: 1 } }), "a value of the wrong kind").not.toBe(before);
  });

  test("a harmless field of any value changes nothing, and nobody is told of it", () => {
    const before = outcome(base);
    fc.assert(
      fc.property(fc.constantFrom(...harmless), fc.jsonValue(), (field, value) => {
        expect(outcome({ ...base, [field]: value })).toBe(before);
      }),
      { numRuns: family in READ ? 12 : 3 },
    );
  });

  test("what would change tensors is refused unless it is off", () => {
    const fields = refusedOf(family).filter((name) => !isRead(name) && !harmless.includes(name));
    for (const value of [null, false, 0, "", [], {}]) {
      expect(outcome({ ...base, ...Object.fromEntries(fields.map((field) => [field, value])) })).toMatch(/^\{/);
    }
    for (const [i, field] of fields.entries()) {
      const value = [true, 4, "x", [1], { a: 1 }][i % 5];
      expect(outcome({ ...base, [field]: value })).toMatch(new RegExp(`\n${field}: expected nothing, or .*remove it`));
    }
  });

  test("a field of which nothing is known is named", () => {
    const odd = { ...base, auto_map: { AutoModel: "x" }, "a\nb": 1 };
    const { tensors, unknownFields } = modelOf(odd);
    expect(tensors).toEqual(modelOf(base).tensors);
    expect(unknownFields).toEqual(["auto_map", "a\nb"]);
  });
});
