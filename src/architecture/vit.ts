/** Vision transformer. Dosovitskiy et al., "An image is worth 16x16 words", 2020. As in transformers. */
import * as z from "../model/zod.js";
import { type Architecture, architecture } from "./architecture.js";
import { architectures, commonFields, divides, initializerRange, labelsOf, length } from "./field.js";
import { Layers } from "./layers.js";
import plan from "./plans/vit.json" with { type: "json" };

/** The side of a square, or height and width. */
const size = z.union([length.transform((side) => [side, side] as const), z.tuple([length, length])], {
  error: "expected a length, or a list of height and width",
});

const Config = z
  .looseObject({
    ...commonFields,
    model_type: z.literal("vit"),
    architectures: architectures("ViTForImageClassification", "ViTModel"),
    hidden_size: length,
    num_hidden_layers: length,
    num_attention_heads: length,
    intermediate_size: length,
    image_size: size,
    patch_size: size,
    num_channels: length.default(3),
    qkv_bias: z.boolean().default(true),
    initializer_range: initializerRange,
  })
  .superRefine(({ hidden_size, num_attention_heads, image_size, patch_size }, context) => {
    divides(context, ["hidden_size", hidden_size], ["num_attention_heads", num_attention_heads]);
    for (const axis of [0, 1] as const) {
      if (patch_size[axis] <= image_size[axis]) continue;
      const message = `expected at most image_size (${image_size[axis]})`;
      return context.addIssue({ code: "custom", path: ["patch_size"], message });
    }
  });

export const vit: Architecture = architecture(Config, plan, (config) => {
  const { hidden_size: width, intermediate_size: inner, image_size: image, patch_size: patch } = config;
  const headless = config.architectures?.[0] === "ViTModel";
  const prefix = headless ? "" : "vit.";
  const patches = Math.floor(image[0] / patch[0]) * Math.floor(image[1] / patch[1]);
  const layers = new Layers();
  layers.add(`${prefix}embeddings.cls_token`, [1, 1, width], "embedding");
  layers.add(`${prefix}embeddings.position_embeddings`, [1, patches + 1, width], "embedding");
  layers.convolution(`${prefix}embeddings.patch_embeddings.projection`, config.num_channels, width, patch, {
    role: "embedding",
  });
  for (let i = 0; i < config.num_hidden_layers; ++i) {
    const block = `${prefix}encoder.layer.${i}`;
    for (const name of ["query", "key", "value"]) {
      layers.linear(`${block}.attention.attention.${name}`, width, width, { bias: config.qkv_bias });
    }
    layers.linear(`${block}.attention.output.dense`, width, width, { role: "residual" });
    layers.linear(`${block}.intermediate.dense`, width, inner);
    layers.linear(`${block}.output.dense`, inner, width, { role: "residual" });
    layers.layerNorm(`${block}.layernorm_before`, width);
    layers.layerNorm(`${block}.layernorm_after`, width);
  }
  layers.layerNorm(`${prefix}layernorm`, width);
  if (headless) layers.linear("pooler.dense", width, width);
  else layers.linear("classifier", width, labelsOf(config), { role: "head" });
  return { tensors: layers.list(), variables: {}, tied: {} };
});
