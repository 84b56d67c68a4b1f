/**
 * ResNet. He et al., "Deep residual learning for image recognition", 2016. Names and shapes are those of torchvision, the
 * config is that of transformers.
 */
import * as z from "../model/zod.js";
import { type Architecture, architecture } from "./architecture.js";
import { commonFields, labelsOf, length } from "./field.js";
import { Layers } from "./layers.js";
import plan from "./plans/resnet.json" with { type: "json" };

const Config = z
  .looseObject({
    ...commonFields,
    model_type: z.literal("resnet"),
    num_channels: length.default(3),
    embedding_size: length,
    hidden_sizes: z.array(length).min(1),
    depths: z.array(length).min(1),
    layer_type: z.enum(["basic", "bottleneck"]),
  })
  .superRefine(({ hidden_sizes, depths, layer_type }, context) => {
    if (hidden_sizes.length !== depths.length) {
      const message = `expected ${hidden_sizes.length} numbers, as in hidden_sizes`;
      context.addIssue({ code: "custom", path: ["depths"], message });
    }
    hidden_sizes.forEach((width, i) => {
      if (layer_type === "basic" || width % EXPANSION === 0) return;
      const message = `expected a multiple of ${EXPANSION} for bottlenecks`;
      context.addIssue({ code: "custom", path: ["hidden_sizes", i], message });
    });
  });

const EXPANSION = 4; // channels after a bottleneck, over those inside

export const resnet: Architecture = architecture(Config, plan, (config) => {
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
      if (i === 0 && (stage > 0 || input !== output)) {
        convolution(`${block}.downsample.0`, input, output, 1);
        layers.batchNorm(`${block}.downsample.1`, output);
      }
      input = output;
    }
  }
  layers.linear("fc", input, labelsOf(config), { role: "head" });
  return { tensors: layers.list(), variables: { features: input }, tied: {} };
});
