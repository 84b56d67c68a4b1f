/**
 * GPT-2. Radford et al., "Language models are unsupervised multitask learners", 2019. As in transformers, where its linear
 * layers are Conv1D, [in, out].
 */
import * as z from "../model/zod.js";
import { type Architecture, architecture } from "./architecture.js";
import { architectures, commonFields, divides, initializerRange, length } from "./field.js";
import { Layers } from "./layers.js";
import plan from "./plans/gpt2.json" with { type: "json" };

const Config = z
  .looseObject({
    ...commonFields,
    model_type: z.literal("gpt2"),
    architectures: architectures("GPT2LMHeadModel", "GPT2Model"),
    vocab_size: length,
    n_positions: length,
    n_embd: length,
    n_layer: length,
    n_head: length.nullish(),
    n_inner: length.nullish(),
    initializer_range: initializerRange,
    tie_word_embeddings: z.boolean().default(true),
    add_cross_attention: z.literal(false, { error: "expected false: cross attention is not supported" }).default(false),
  })
  .superRefine(({ n_embd, n_head }, context) => {
    if (n_head != null) divides(context, ["n_embd", n_embd], ["n_head", n_head]);
  });

export const gpt2: Architecture = architecture(Config, plan, (config) => {
  const { n_embd: width, n_layer: depth } = config;
  const inner = config.n_inner ?? 4 * width;
  const headless = config.architectures?.[0] === "GPT2Model";
  const prefix = headless ? "" : "transformer.";
  const layers = new Layers();
  layers.embedding(`${prefix}wte`, config.vocab_size, width);
  layers.embedding(`${prefix}wpe`, config.n_positions, width);
  for (let i = 0; i < depth; ++i) {
    const block = `${prefix}h.${i}`;
    layers.layerNorm(`${block}.ln_1`, width);
    layers.conv1d(`${block}.attn.c_attn`, width, 3 * width, { packed: { axis: 1, parts: 3 } });
    layers.conv1d(`${block}.attn.c_proj`, width, width, { role: "residual" });
    layers.layerNorm(`${block}.ln_2`, width);
    layers.conv1d(`${block}.mlp.c_fc`, width, inner);
    layers.conv1d(`${block}.mlp.c_proj`, inner, width, { role: "residual" });
  }
  layers.layerNorm(`${prefix}ln_f`, width);
  const tied = !headless && config.tie_word_embeddings;
  if (!headless && !tied) layers.linear("lm_head", width, config.vocab_size, { bias: false, role: "head" });
  return {
    tensors: layers.list(),
    variables: { n_inner: inner },
    tied: tied ? { "lm_head.weight": "transformer.wte.weight" } : {},
  };
});
