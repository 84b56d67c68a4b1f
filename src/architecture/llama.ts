/** Llama. Touvron et al., "LLaMA: open and efficient foundation language models", 2023. As in transformers. */
import * as z from "../model/zod.js";
import { type Architecture, architecture } from "./architecture.js";
import { decoder, decoderFields, decoderRules } from "./decoder.js";
import { architectures, length } from "./field.js";
import plan from "./plans/llama.json" with { type: "json" };

const schema = z
  .looseObject({
    ...decoderFields,
    model_type: z.literal("llama"),
    architectures: architectures(
      ...(["LlamaForCausalLM", "LlamaModel", "LlamaForSequenceClassification"] as const),
      ...(["LlamaForTokenClassification", "LlamaForQuestionAnswering"] as const),
    ),
    intermediate_size: length,
    attention_bias: z.boolean().default(false),
    mlp_bias: z.boolean().default(false),
  })
  .superRefine(decoderRules);

export const llama: Architecture = architecture({ schema, plan }, (config) =>
  decoder("Llama", config, (layers, block) => {
    const { hidden_size: width, intermediate_size: inner, mlp_bias: bias } = config;
    layers.linear(`${block}.mlp.gate_proj`, width, inner, { bias });
    layers.linear(`${block}.mlp.up_proj`, width, inner, { bias });
    layers.linear(`${block}.mlp.down_proj`, inner, width, { bias, role: "residual" });
  }),
);
