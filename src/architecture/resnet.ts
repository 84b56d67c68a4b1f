/**
 * ResNet. He et al., "Deep residual learning for image recognition", 2016. Names and shapes are those of torchvision, the
 * config is that of transformers.
 */
import * as z from "../model/zod.js";
import { type Architecture, architecture } from "./architecture.js";
import { architectures, commonFields, labelRules, labelsOf, length, refuse } from "./field.js";
import { Layers } from "./layers.js";
import plan from "./plans/resnet.json" with { type: "json" };

const schema = z
  .looseObject({
    ...commonFields,
    model_type: z.literal("resnet"),
    architectures: architectures("ResNetForImageClassification", "ResNetModel", "ResNetBackbone"),
    num_channels: length.default(3),
    embedding_size: length,
    hidden_sizes: z.array(length).min(1),
    depths: z.array(length).min(1),
    layer_type: z.enum(["basic", "bottleneck"]),
    downsample_in_first_stage: z.boolean().default(false),
  })
  .superRefine((config, context) => {
    const { hidden_sizes, depths, layer_type } = config;
    labelRules(config, context);
    if (hidden_sizes.length !== depths.length) {
      refuse(context, "depths", `expected ${hidden_sizes.length} numbers, as in hidden_sizes`);
    }
    hidden_sizes.forEach((width, i) => {
      if (layer_type === "basic" || width % EXPANSION === 0) return;
      refuse(context, ["hidden_sizes", i], `expected a multiple of ${EXPANSION} for bottlenecks`);
    });
  });

const EXPANSION = 4; // channels after a bottleneck, over those inside

export const resnet: Architecture = architecture({ schema, plan }, (config) => {
  const layers = new Layers();
  const convolution = (name: string, input: number, output: number, side: number, last = false) =>
    layers.convolution(name, input, output, [side, side], { bias: false, role: last ? "residual" : "weight" });
  convolution("conv1", config.num_channels, config.embedding_size, 7);
  layers.batchNorm("bn1", config.embedding_size);
  let input = config.embedding_size;
  for (const [stage, output] of config.hidden_sizes.entries()) {
    for (let i = 0; i < (config.depths[stage] as number); ++i) {
      const block = `layer${stage + 1}.${i}`;
      if (config.layer_type === "basic") {
        convolution(`${block}.conv1`, input, output, 3);
        convolution(`${block}.conv2`, output, output, 3, true);
      } else {
        const inner = output / EXPANSION;
        convolution(`${block}.conv1`, input, inner, 1);
        convolution(`${block}.conv2`, inner, inner, 3);
        convolution(`${block}.conv3`, inner, output, 1, true);
        layers.batchNorm(`${block}.bn3`, output);
      }
      const inner = config.layer_type === "basic" ? output : output / EXPANSION;
      layers.batchNorm(`${block}.bn1`, inner);
      layers.batchNorm(`${block}.bn2`, inner);
      const isStrided = stage > 0 || config.downsample_in_first_stage;
      if (i === 0 && (isStrided || input !== output)) {
        convolution(`${block}.downsample.0`, input, output, 1);
        layers.batchNorm(`${block}.downsample.1`, output);
      }
      input = output;
    }
  }
  const kind = config.architectures?.[0] ?? "ResNetForImageClassification";
  if (kind === "ResNetForImageClassification") layers.linear("fc", input, labelsOf(config), { role: "head" });
  return { tensors: layers.list(), variables: { features: input }, tied: {} };
});
