/** Mixtral. Jiang et al., "Mixtral of experts", 2024. With the names of its published checkpoints. */
import * as z from "../model/zod.js";
import { type Architecture, architecture } from "./architecture.js";
import { decoder, decoderFields, decoderRules } from "./decoder.js";
import { architectures, length } from "./field.js";
import plan from "./plans/mixtral.json" with { type: "json" };

const Config = z
  .looseObject({
    ...decoderFields,
    model_type: z.literal("mixtral"),
    architectures: architectures("MixtralForCausalLM", "MixtralModel"),
    intermediate_size: length,
    num_local_experts: length,
  })
  .superRefine(decoderRules);

export const mixtral: Architecture = architecture(Config, plan, (config) =>
  decoder(config, (layers, block) => {
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
