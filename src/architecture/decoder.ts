/** What Llama and its descendants share: RMS normalization, grouped-query attention, an output head that may be tied. */
import * as z from "../model/zod.js";
import type { Built } from "./architecture.js";
import {
  commonFields,
  divides,
  initializerRange,
  labelRules,
  labelsOf,
  length,
  paddingRow,
  paddingRules,
  padToken,
} from "./field.js";
import { Layers } from "./layers.js";

export const decoderFields = {
  ...commonFields,
  vocab_size: length,
  hidden_size: length,
  num_hidden_layers: length,
  num_attention_heads: length,
  num_key_value_heads: length.nullish(),
  head_dim: length.nullish(),
  pad_token_id: padToken,
  initializer_range: initializerRange,
  tie_word_embeddings: z.boolean().nullish(),
  token_classification_bias: z.boolean().default(true),
};

export type DecoderConfig = z.infer<z.ZodObject<typeof decoderFields>> & {
  readonly architectures?: readonly string[] | null | undefined;
  readonly attention_bias?: unknown;
};

/** The part of a model before its head, and the head. */
interface DecoderHead {
  readonly prefix: string;
  readonly name?: "lm_head" | "score" | "qa_outputs";
}

/** By what follows the family's name in a class of transformers. */
const HEADS: Readonly<Record<string, DecoderHead>> = {
  Model: { prefix: "" },
  ForCausalLM: { prefix: "model.", name: "lm_head" },
  ForSequenceClassification: { prefix: "model.", name: "score" },
  ForTokenClassification: { prefix: "model.", name: "score" },
  ForQuestionAnswering: { prefix: "model.", name: "qa_outputs" },
};

export function decoderRules(config: DecoderConfig, context: z.RefinementCtx): void {
  const { hidden_size: width, num_attention_heads: heads, num_key_value_heads: groups, head_dim } = config;
  if (head_dim == null) divides(context, ["hidden_size", width], ["num_attention_heads", heads]);
  if (groups != null) divides(context, ["num_attention_heads", heads], ["num_key_value_heads", groups]);
  paddingRules(config, context);
  labelRules(config, context);
}

/**
 * The tensors of a decoder.
 *
 * @param family the beginning of its classes' names.
 * @param feedForward adds the tensors of a block's feed-forward network.
 */
export function decoder(
  family: string,
  config: DecoderConfig,
  feedForward: (layers: Layers, block: string) => void,
): Built {
  const { hidden_size: width, num_attention_heads: heads } = config;
  const bias = config.attention_bias === true;
  const groups = config.num_key_value_heads ?? heads;
  const size = config.head_dim ?? width / heads;
  const kind = config.architectures?.[0]?.slice(family.length) ?? "ForCausalLM";
  const head = HEADS[kind] as DecoderHead;
  const prefix = family === "Llama" && kind === "ForQuestionAnswering" ? "transformer." : head.prefix;
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
  const isTied = head.name === "lm_head" && config.tie_word_embeddings === true;
  if (head.name === "lm_head" && !isTied) {
    layers.linear("lm_head", width, config.vocab_size, { bias: false, role: "head" });
  }
  if (head.name === "score") {
    const hasBias = kind === "ForTokenClassification" && config.token_classification_bias;
    layers.linear("score", width, labelsOf(config), { bias: hasBias, role: "head" });
  }
  if (head.name === "qa_outputs") layers.linear("qa_outputs", width, 2, { role: "head" });
  return {
    tensors: layers.list(),
    variables: { num_key_value_heads: groups, head_dim: size },
    tied: isTied ? { "lm_head.weight": "model.embed_tokens.weight" } : {},
    paddingRow: paddingRow(config),
  };
}
