/**
 * GPT-2. Radford et al., "Language models are unsupervised multitask learners", 2019. As in transformers, where its linear
 * layers are Conv1D, [in, out].
 */
import * as z from "../model/zod.js";
import { type Architecture, architecture } from "./architecture.js";
import { architectures, commonFields, divides, initializerRange, labelRules, labelsOf, length } from "./field.js";
import { Layers } from "./layers.js";
import plan from "./plans/gpt2.json" with { type: "json" };

const schema = z
  .looseObject({
    ...commonFields,
    model_type: z.literal("gpt2"),
    architectures: architectures(
      ...(["GPT2LMHeadModel", "GPT2Model", "GPT2ForSequenceClassification"] as const),
      ...(["GPT2ForTokenClassification", "GPT2ForQuestionAnswering"] as const),
    ),
    vocab_size: length,
    n_positions: length,
    n_embd: length,
    n_layer: length,
    n_head: length.nullish(),
    n_inner: length.nullish(),
    initializer_range: initializerRange,
    tie_word_embeddings: z.boolean().default(true),
    add_cross_attention: z.boolean().default(false),
  })
  .superRefine((config, context) => {
    const { n_embd, n_head } = config;
    if (n_head != null) divides(context, ["n_embd", n_embd], ["n_head", n_head]);
    labelRules(config, context);
  });

const aliases = {
  hidden_size: "n_embd",
  max_position_embeddings: "n_positions",
  num_attention_heads: "n_head",
  num_hidden_layers: "n_layer",
};

export const gpt2: Architecture = architecture({ schema, plan, aliases }, (config) => {
  const { n_embd: width, n_layer: depth } = config;
  const inner = config.n_inner ?? 4 * width;
  const kind = config.architectures?.[0] ?? "GPT2LMHeadModel";
  const prefix = kind === "GPT2Model" ? "" : "transformer.";
  const layers = new Layers();
  layers.embedding(`${prefix}wte`, config.vocab_size, width);
  layers.embedding(`${prefix}wpe`, config.n_positions, width);
  for (let i = 0; i < depth; ++i) {
    const block = `${prefix}h.${i}`;
    layers.layerNorm(`${block}.ln_1`, width);
    layers.conv1d(`${block}.attn.c_attn`, width, 3 * width, { packed: { axis: 1, parts: 3 } });
    layers.conv1d(`${block}.attn.c_proj`, width, width, { role: "residual" });
    layers.layerNorm(`${block}.ln_2`, width);
    if (config.add_cross_attention) {
      layers.conv1d(`${block}.crossattention.c_attn`, width, 2 * width, { packed: { axis: 1, parts: 2 } });
      layers.conv1d(`${block}.crossattention.q_attn`, width, width);
      layers.conv1d(`${block}.crossattention.c_proj`, width, width, { role: "residual" });
      layers.layerNorm(`${block}.ln_cross_attn`, width);
    }
    layers.conv1d(`${block}.mlp.c_fc`, width, inner);
    layers.conv1d(`${block}.mlp.c_proj`, inner, width, { role: "residual" });
  }
  layers.layerNorm(`${prefix}ln_f`, width);
  const isTied = kind === "GPT2LMHeadModel" && config.tie_word_embeddings;
  const labels = labelsOf(config);
  if (kind === "GPT2LMHeadModel" && !isTied) {
    layers.linear("lm_head", width, config.vocab_size, { bias: false, role: "head" });
  }
  if (kind === "GPT2ForSequenceClassification") layers.linear("score", width, labels, { bias: false, role: "head" });
  if (kind === "GPT2ForTokenClassification") layers.linear("classifier", width, labels, { role: "head" });
  if (kind === "GPT2ForQuestionAnswering") layers.linear("qa_outputs", width, 2, { role: "head" });
  return {
    tensors: layers.list(),
    variables: { n_inner: inner },
    tied: isTied ? { "lm_head.weight": "transformer.wte.weight" } : {},
  };
});
