/** What Llama and its descendants share: RMS normalization, grouped-query attention, an output head that may be tied. */
import * as z from "../model/zod.js";
import type { Built } from "./architecture.js";
import { commonFields, divides, initializerRange, length } from "./field.js";
import { Layers } from "./layers.js";

export const decoderFields = {
  ...commonFields,
  vocab_size: length,
  hidden_size: length,
  num_hidden_layers: length,
  num_attention_heads: length,
  num_key_value_heads: length.nullish(),
  head_dim: length.nullish(),
  initializer_range: initializerRange,
  tie_word_embeddings: z.boolean().default(false),
};

export type DecoderConfig = z.infer<z.ZodObject<typeof decoderFields>> & {
  readonly architectures?: readonly string[] | null | undefined;
  readonly attention_bias?: boolean | undefined;
};

export function decoderRules(config: DecoderConfig, context: z.RefinementCtx): void {
  const { hidden_size: width, num_attention_heads: heads, num_key_value_heads: groups, head_dim } = config;
  if (head_dim == null) divides(context, ["hidden_size", width], ["num_attention_heads", heads]);
  if (groups != null) divides(context, ["num_attention_heads", heads], ["num_key_value_heads", groups]);
}

/**
 * The tensors of a decoder.
 *
 * @param feedForward adds the tensors of a block's feed-forward network.
 */
export function decoder(config: DecoderConfig, feedForward: (layers: Layers, block: string) => void): Built {
  const { hidden_size: width, num_attention_heads: heads, attention_bias: bias = false } = config;
  const groups = config.num_key_value_heads ?? heads;
  const size = config.head_dim ?? width / heads;
  const headless = config.architectures?.[0]?.endsWith("Model") ?? false;
  const prefix = headless ? "" : "model.";
  const layers = new Layers();
  layers.embedding(`${prefix}embed_tokens`, config.vocab_size, width);
  for (let i = 0; i < config.num_hidden_layers; ++i) {
    const block = `${prefix}layers.${i}`;
    layers.rmsNorm(`${block}.input_layernorm`, width);
    layers.linear(`${block}.self_attn.q_proj`, width, heads * size, { bias });
    layers.linear(`${block}.self_attn.k_proj`, width, groups * size, { bias });
    layers.linear(`${block}.self_attn.v_proj`, width, groups * size, { bias });
    layers.linear(`${block}.self_attn.o_proj`, heads * size, width, { bias, role: "residual" });
    layers.rmsNorm(`${block}.post_attention_layernorm`, width);
    feedForward(layers, block);
  }
  layers.rmsNorm(`${prefix}norm`, width);
  const tied = !headless && config.tie_word_embeddings;
  if (!headless && !tied) layers.linear("lm_head", width, config.vocab_size, { bias: false, role: "head" });
  return {
    tensors: layers.list(),
    variables: { num_key_value_heads: groups, head_dim: size },
    tied: tied ? { "lm_head.weight": "model.embed_tokens.weight" } : {},
  };
}
