/** Mixtral. Jiang et al., "Mixtral of experts", 2024. With the names of its published checkpoints. */
import * as z from "../model/zod.js";
import { type Architecture, architecture } from "./architecture.js";
import { decoder, decoderFields, decoderRules } from "./decoder.js";
import { architectures, length } from "./field.js";
import plan from "./plans/mixtral.json" with { type: "json" };

const schema = z
  .looseObject({
    ...decoderFields,
    model_type: z.literal("mixtral"),
    architectures: architectures(
      ...(["MixtralForCausalLM", "MixtralModel", "MixtralForSequenceClassification"] as const),
      ...(["MixtralForTokenClassification", "MixtralForQuestionAnswering"] as const),
    ),
    intermediate_size: length,
    num_local_experts: length,
    num_key_value_heads: length.nullable().default(8), // unlike Llama's, its class has a number of its own
  })
  .superRefine(decoderRules);

export const mixtral: Architecture = architecture(
  { schema, plan, aliases: { num_experts: "num_local_experts" } },
  (config) =>
    decoder("Mixtral", config, (layers, block) => {
      const { hidden_size: width, intermediate_size: inner, num_local_experts: experts } = config;
      const bias = false;
      layers.linear(`${block}.block_sparse_moe.gate`, width, experts, { bias, role: "router" });
      for (let i = 0; i < experts; ++i) {
        const expert = `${block}.block_sparse_moe.experts.${i}`;
        layers.linear(`${expert}.w1`, width, inner, { bias });
        layers.linear(`${expert}.w2`, inner, width, { bias, role: "residual" });
        layers.linear(`${expert}.w3`, width, inner, { bias });
      }
    }),
);
