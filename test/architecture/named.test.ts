/** Plans with names, against what the code draws that they are from: vectors/plans.txt, by plans.py. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { withRoles } from "../../src/model/naming.js";
import type { ModelDistribution } from "../../src/model.js";
import { modelOf, modelOfShapes, NAMED_PLANS, namedPlan, planModel } from "../../src/model.js";

interface Line {
  readonly plan: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly tensors: Readonly<Record<string, string>>;
}

const LINES: readonly Line[] = readFileSync(new URL("../vectors/plans.txt", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));

const text = (x: number) => String(Number(x.toPrecision(6)));

function startOf(distribution: ModelDistribution): string {
  if (distribution.kind === "constant") return `=${text(distribution.value)}`;
  if (distribution.kind === "normal") return `n${text(distribution.std)}`;
  if (distribution.kind !== "truncated") return distribution.kind;
  const { std, low, high } = distribution;
  return `t${text(std)}@${text(std * low)},${text(std * high)}`;
}

const startsBy = (model: ReturnType<typeof modelOf>, name: string) =>
  Object.fromEntries(
    planModel(model, namedPlan(name, model)).tensors.map(({ name, distribution }) => [name, startOf(distribution)]),
  );

describe("a plan draws as the code that it is from", () => {
  test.each(LINES.map((line) => [line.plan, line.config.tie_word_embeddings, line] as const))(
    "%s, tied: %s",
    (name, _, { config, tensors }) => expect(startsBy(modelOf(config), name)).toEqual(tensors),
  );

  const SIZES = { hidden_size: 40, intermediate_size: 90, num_hidden_layers: 2, num_attention_heads: 4, vocab_size: 7 };
  test("GPT-NeoX: sqrt(2 / 5d), and 2 / (L sqrt d) for what a residual branch ends with", () => {
    expect(startsBy(modelOf({ model_type: "gpt_neox", ...SIZES }), "gpt-neox/small-wang")).toMatchObject({
      "gpt_neox.embed_in.weight": "n0.1",
      "gpt_neox.layers.1.mlp.dense_h_to_4h.weight": "n0.1",
      "gpt_neox.layers.1.mlp.dense_4h_to_h.weight": `n${text(1 / Math.sqrt(40))}`,
      "gpt_neox.layers.0.attention.dense.weight": `n${text(1 / Math.sqrt(40))}`,
      "gpt_neox.layers.0.attention.dense.bias": "=0",
      "embed_out.weight": "n0.1",
    });
  });

  test("Megatron: 0.02, and 0.02 / sqrt(2L)", () => {
    expect(startsBy(modelOf({ model_type: "llama", ...SIZES }), "megatron")).toMatchObject({
      "model.embed_tokens.weight": "n0.02",
      "model.layers.1.mlp.down_proj.weight": "n0.01",
      "model.layers.1.mlp.up_proj.weight": "n0.02",
    });
  });

  test("Mesh TensorFlow's T5: dense layers truncated, position biases Glorot uniform", () => {
    const sizes = { d_model: 16, d_kv: 4, d_ff: 25, num_layers: 1, num_heads: 4, vocab_size: 9 };
    expect(startsBy(modelOf({ model_type: "t5", ...sizes }), "mesh-tensorflow/t5")).toMatchObject({
      "shared.weight": "n1",
      "encoder.block.0.layer.0.SelfAttention.q.weight": "n0.125",
      "encoder.block.0.layer.0.SelfAttention.v.weight": "n0.25",
      "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight": "uniform",
      "decoder.block.0.layer.2.DenseReluDense.wi.weight": "t0.25@-0.5,0.5",
      "decoder.block.0.layer.2.DenseReluDense.wo.weight": "t0.2@-0.4,0.4",
    });
  });

  test("every plan names its source, and one that there is not is refused with the nearest", () => {
    expect(NAMED_PLANS.length).toBeGreaterThanOrEqual(10);
    for (const { source, models } of NAMED_PLANS) expect(`${source}${models}`.length).toBeGreaterThan(20);
    const model = modelOf({ model_type: "llama", ...SIZES });
    expect(() => namedPlan("torchtitan/llama4", model)).toThrow(
      /perhaps "torchtitan\/llama3"\), got "torchtitan\/llama4"/,
    );
  });
});

describe("what a name says", () => {
  /** The last of these say nothing: they were drawn by guesses before. */
  test.each<[string, number[], string | undefined]>([
    ["model.layers.0.self_attn.q_proj.weight", [8, 8], "weight"],
    ["stem.conv.weight", [8, 3, 3, 3], "weight"],
    ["dense_1/kernel:0", [8, 8], "weight"],
    ["lstm.weight_hh_l0_reverse", [8, 8], "weight"],
    ["mlp.experts.gate_up_proj", [2, 8, 8], "weight"],
    ["model.embed_tokens.weight", [9, 8], "embedding"],
    ["lm_head.weight", [9, 8], "head"],
    ["model.layers.0.input_layernorm.weight", [8], "normalization"],
    ["h.0.ln_1.weight", [8], "normalization"],
    ["bn2.running_var", [8], "buffer"],
    ["mlp.gate.e_score_correction_bias", [8], "buffer"],
    ["fc.bias", [8], "bias"],
    ["attn.in_proj_bias", [8], "bias"],
    ["act.prelu.weight", [32], undefined],
    ["layers.0.attn.bias", [1, 1, 16, 16], undefined],
    ["conv.weight_g", [32, 1, 1], undefined],
    ["conv.parametrizations.weight.original0", [32, 1, 1], undefined],
    ["quant.weight_scale", [32, 1], undefined],
    ["scorer.attention.weight", [64], undefined],
    ["mixer.A_log", [64, 16], undefined],
    ["mixer.dt_proj.bias", [64], undefined],
    ["rezero.g", [1], undefined],
    ["q.lora_B.weight", [32, 8], undefined],
    ["cls_token", [1, 1, 8], undefined],
    ["shared.weight", [9, 8], undefined],
  ])("%s %o: %s", (name, shape, role) => {
    expect(withRoles([{ name, shape }])[0]?.role).toBe(role);
  });

  test("a vector as weight with another one as bias is a normalization, whatever it is called", () => {
    const roles = (...tensors: [string, number[]][]) =>
      withRoles(tensors.map(([name, shape]) => ({ name, shape }))).map(({ role }) => role);
    expect(roles(["net.1.weight", [8]], ["net.1.bias", [8]])).toEqual(["normalization", "bias"]);
    expect(roles(["net.1.weight", [8]], ["net.1.bias", [9]])).toEqual([undefined, "bias"]);
    expect(roles(["net.1.weight", [8, 8]], ["net.1.bias", [8]])).toEqual(["weight", "bias"]);
    expect(roles(["net.1.weight", [8]], ["net.1.running_var", [8]])).toEqual(["normalization", "buffer"]);
  });
});

describe("@transformers", () => {
  const SHAPES = [
    { name: "model.embed_tokens.weight", shape: [6, 4] },
    { name: "model.layers.0.norm1.weight", shape: [4] },
    { name: "model.layers.0.fc.weight", shape: [4, 4] },
    { name: "model.layers.0.fc.bias", shape: [4] },
  ];
  const CONFIG = { model_type: "apertus", initializer_range: 0.25, pad_token_id: null };
  const planned = (config: object, shapes = SHAPES) => {
    const model = modelOfShapes("x", shapes, { config });
    return planModel(model, namedPlan("transformers", model)).tensors.map(({ distribution }) => startOf(distribution));
  };
  const scheme = (config: object) => {
    const model = modelOfShapes("x", SHAPES, { config });
    return planModel(model, namedPlan("transformers", model)).tensors[0]?.scheme;
  };

  test("weights by initializer_range, biases 0, norms 1", () => {
    expect(planned(CONFIG)).toEqual(["n0.25", "=1", "n0.25", "=0"]);
    expect(planned({ ...CONFIG, initializer_range: null })).toEqual(["n0.02", "=1", "n0.02", "=0"]);
    expect(planned({ model_type: "apertus", text_config: CONFIG })).toEqual(["n0.25", "=1", "n0.25", "=0"]);
    expect(planned({ model_type: "apertus", init_std: 0.5 })[0]).toBe("n0.5");
  });

  test.each([
    [1, [1, 1, 4]],
    [0, [1, 5]],
    [-1, [5, 1]],
    [5, [5, 1]],
  ])("the row of padding %i", (pad_token_id, parts) => {
    expect(scheme({ ...CONFIG, pad_token_id })).toMatchObject({ scheme: "split", axis: 0, parts });
  });

  test.each<[string, object, RegExp]>([
    ["a row that the table does not have", { ...CONFIG, pad_token_id: 6 }, /"model\.embed_tokens\.weight"/],
    [
      "stds that differ",
      { ...CONFIG, vision_config: { initializer_range: 0.5 } },
      /"\*\.fc\.weight".*: initializer_range is no number, or differs/,
    ],
    [
      "rows that differ",
      { ...CONFIG, text_config: { pad_token_id: 3 } },
      /embed_tokens\.weight".*: pad_token_id differs/,
    ],
    ["a std that is none", { ...CONFIG, initializer_range: "0.02" }, /initializer_range is no number, or differs/],
  ])("refuses %s", (_, config, message) => {
    expect(() => planned(config)).toThrow(message);
  });

  test("refuses what a type draws in another way, and what a name does not say, with the rules that would decide it", () => {
    expect(() => planned({ ...CONFIG, model_type: "gemma2" })).toThrow(
      /^the plan refuses to decide "model\.layers\.0\.norm1\.weight"; rules before .*\n {2}\{ "match": "\*\.norm\*\.weight", "scheme": \.\.\. \} {3}"model\.layers\.0\.norm1\.weight" \[4\]: gemma2 has an initialization of its own for it$/,
    );
    const odd = [...SHAPES, { name: "h.0.mixer.A_log", shape: [4] }, { name: "h.1.mixer.A_log", shape: [4] }];
    expect(() => planned(CONFIG, odd)).toThrow(
      /no rule matches "h\.0\.mixer\.A_log" and 1 more.*\n {2}\{ "match": "\*\.A_log", "scheme": \.\.\. \} {3}2 tensors such as "h\.0\.mixer\.A_log" \[4\]$/,
    );
    const model = modelOfShapes("x", odd, { config: CONFIG });
    const { rules } = namedPlan("transformers", model);
    const decided = planModel(model, { rules: [{ match: "*.A_log", scheme: "constant", value: "rows" }, ...rules] });
    expect(decided.tensors.at(-1)?.distribution).toEqual({ kind: "constant", value: 4 });
  });

  test("needs a config", () => {
    const model = modelOfShapes("x", SHAPES);
    expect(() => namedPlan("transformers", model)).toThrow(/expected a config.*--config config\.json/);
    expect(() => modelOfShapes("x", SHAPES, { config: [] })).toThrow(/config: expected an object/);
  });
});
