/**
 * GPT-2 and its initialization. Radford et al., "Language models are unsupervised multitask learners", 2019, section
 * 2.3: weights N(0, 0.02), residual projections scaled by 1 / sqrt(N) for N residual layers, of which a block has two.
 * Names, shapes and order as Hugging Face transformers writes them; its linear layers are Conv1D, [in, out].
 */
import { z } from "zod";
import type { Model, ModelTensor } from "../model.js";
import { normal, ones, type Scheme, zeros } from "../scheme.js";

const length = z.int().positive();

/** The fields of `config.json` that decide names, shapes or values, with the defaults of transformers. */
export const Gpt2Config = z.object({
  model_type: z.literal("gpt2"),
  architectures: z
    .array(z.enum(["GPT2LMHeadModel", "GPT2Model"]))
    .length(1)
    .nullish(),
  vocab_size: length.default(50257),
  n_positions: length.default(1024),
  n_embd: length.default(768),
  n_layer: length.default(12),
  n_inner: length.nullish(),
  initializer_range: z.number().positive().default(0.02),
  tie_word_embeddings: z.boolean().default(true),
  add_cross_attention: z.literal(false, { error: "cross attention is not supported" }).default(false),
});

export function gpt2(config: z.infer<typeof Gpt2Config>): Model {
  const { n_embd: width, n_layer: depth } = config;
  const inner = config.n_inner ?? 4 * width;
  const headless = config.architectures?.[0] === "GPT2Model";
  const prefix = headless ? "" : "transformer.";
  const weight = normal({ std: config.initializer_range });
  const residual = normal({ std: config.initializer_range / Math.sqrt(2 * depth) });

  const tensors: ModelTensor[] = [];
  const add = (name: string, shape: readonly number[], scheme: Scheme) => tensors.push({ name, shape, scheme });
  const linear = (name: string, input: number, output: number, scheme: Scheme) => {
    add(`${name}.weight`, [input, output], scheme);
    add(`${name}.bias`, [output], zeros());
  };
  const layerNorm = (name: string) => {
    add(`${name}.weight`, [width], ones());
    add(`${name}.bias`, [width], zeros());
  };

  add(`${prefix}wte.weight`, [config.vocab_size, width], weight);
  add(`${prefix}wpe.weight`, [config.n_positions, width], weight);
  for (let i = 0; i < depth; ++i) {
    const block = `${prefix}h.${i}`;
    layerNorm(`${block}.ln_1`);
    linear(`${block}.attn.c_attn`, width, 3 * width, weight);
    linear(`${block}.attn.c_proj`, width, width, residual);
    layerNorm(`${block}.ln_2`);
    linear(`${block}.mlp.c_fc`, width, inner, weight);
    linear(`${block}.mlp.c_proj`, inner, width, residual);
  }
  layerNorm(`${prefix}ln_f`);
  if (!headless && !config.tie_word_embeddings) add("lm_head.weight", [config.vocab_size, width], weight);

  // The safetensors library writes tensors of one dtype in the order of their names' bytes; these are ASCII.
  tensors.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { name: "gpt2", tensors };
}
