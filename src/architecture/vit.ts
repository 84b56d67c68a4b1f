/** Vision transformer. Dosovitskiy et al., "An image is worth 16x16 words", 2020. As in transformers. */
import * as z from "../model/zod.js";
import { type Architecture, architecture } from "./architecture.js";
import {
  architectures,
  commonFields,
  divides,
  initializerRange,
  labelRules,
  labelsOf,
  length,
  refuse,
} from "./field.js";
import { Layers } from "./layers.js";
import plan from "./plans/vit.json" with { type: "json" };

/** The side of a square, or height and width. */
const size = z.union([length.transform((side) => [side, side] as const), z.tuple([length, length])], {
  error: "expected a length, or a list of height and width",
});

const schema = z
  .looseObject({
    ...commonFields,
    model_type: z.literal("vit"),
    architectures: architectures("ViTForImageClassification", "ViTModel", "ViTForMaskedImageModeling"),
    hidden_size: length,
    num_hidden_layers: length,
    num_attention_heads: length,
    intermediate_size: length,
    image_size: size,
    patch_size: size,
    num_channels: length.default(3),
    qkv_bias: z.boolean().default(true),
    pooler_output_size: z.int().nonnegative().nullish(), // 0 is none, as null is
    encoder_stride: length.default(16),
    initializer_range: initializerRange,
  })
  .superRefine((config, context) => {
    const { hidden_size, num_attention_heads, image_size, patch_size } = config;
    divides(context, ["hidden_size", hidden_size], ["num_attention_heads", num_attention_heads]);
    labelRules(config, context);
    const axis = patch_size.findIndex((side, i) => side > (image_size[i] as number));
    if (axis >= 0) refuse(context, "patch_size", `expected at most image_size (${image_size[axis]})`);
  });

export const vit: Architecture = architecture({ schema, plan }, (config) => {
  const { hidden_size: width, intermediate_size: inner, image_size: image, patch_size: patch } = config;
  const kind = config.architectures?.[0] ?? "ViTForImageClassification";
  const prefix = kind === "ViTModel" ? "" : "vit.";
  const patches = Math.floor(image[0] / patch[0]) * Math.floor(image[1] / patch[1]);
  const layers = new Layers();
  layers.add(`${prefix}embeddings.cls_token`, [1, 1, width], "embedding");
  if (kind === "ViTForMaskedImageModeling") layers.add(`${prefix}embeddings.mask_token`, [1, 1, width], "embedding");
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
  if (kind === "ViTModel") layers.linear("pooler.dense", width, config.pooler_output_size || width);
  if (kind === "ViTForImageClassification") layers.linear("classifier", width, labelsOf(config), { role: "head" });
  if (kind === "ViTForMaskedImageModeling") {
    const pixels = config.encoder_stride * config.encoder_stride * config.num_channels; // which one patch becomes
    layers.convolution("decoder.0", width, pixels, [1, 1], { role: "head" });
  }
  return { tensors: layers.list(), variables: {}, tied: {} };
});
