/** Models of diffusers and torchvision: configs as they were published in 2022, and what is refused. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { modelOf, parametersOf, planModel } from "../../src/model.js";
import { FAMILIES, SIZES } from "./vectors.js";

const CROSS = { down: "CrossAttnDownBlock2D", up: "CrossAttnUpBlock2D" };

// The configs of Stable Diffusion 1.5 as they were published in 2022, before most fields existed.
const UNET = {
  ...{ _class_name: "UNet2DConditionModel", _diffusers_version: "0.6.0", act_fn: "silu", attention_head_dim: 8 },
  ...{ block_out_channels: [320, 640, 1280, 1280], center_input_sample: false, cross_attention_dim: 768 },
  down_block_types: [CROSS.down, CROSS.down, CROSS.down, "DownBlock2D"],
  ...{ downsample_padding: 1, flip_sin_to_cos: true, freq_shift: 0, in_channels: 4, layers_per_block: 2 },
  ...{ mid_block_scale_factor: 1, norm_eps: 1e-5, norm_num_groups: 32, out_channels: 4, sample_size: 64 },
  up_block_types: ["UpBlock2D", CROSS.up, CROSS.up, CROSS.up],
};
const VAE = {
  ...{ _class_name: "AutoencoderKL", _diffusers_version: "0.6.0", act_fn: "silu" },
  ...{ block_out_channels: [128, 256, 512, 512], down_block_types: Array(4).fill("DownEncoderBlock2D") },
  ...{ in_channels: 3, latent_channels: 4, layers_per_block: 2, norm_num_groups: 32, out_channels: 3 },
  ...{ sample_size: 512, up_block_types: Array(4).fill("UpDecoderBlock2D") },
};

const sizeOf = (published: string) => SIZES.find((size) => size.published === published);

test.each<[object, string, number]>([
  [UNET, "Stable Diffusion 1.5", 859_520_964],
  [VAE, "Stable Diffusion", 83_653_863],
])("a config of 2022: %o", (config, published, parameters) => {
  const { tensors, unknownFields } = modelOf(config);
  const lines = tensors.map(({ name, shape }) => `${name} ${shape.join("x")}\n`);
  expect(createHash("sha256").update(lines.join("")).digest("hex")).toBe(sizeOf(published)?.names);
  expect(parametersOf({ tensors })).toBe(parameters);
  expect(unknownFields).toBeUndefined();
});

const smallOf = (name: string) => FAMILIES.find(({ family }) => family === name)?.config ?? {};

describe("a config is refused", () => {
  const unet = (fields: object): [object, object] => [smallOf("UNet2DConditionModel"), fields];
  const dit = (fields: object): [object, object] => [smallOf("DiTTransformer2DModel"), fields];
  const resnet = (fields: object): [object, object] => [smallOf("torchvision_resnet"), fields];
  test.each<[string, [object, object], RegExp]>([
    [
      "a block of another type",
      unet({ down_block_types: ["CrossAtnDownBlock2D", "DownBlock2D"] }),
      /\ndown_block_types\[0\]: expected one of .*\(perhaps "CrossAttnDownBlock2D"\), got "CrossAtnDownBlock2D"$/,
    ],
    [
      "blocks that are missing",
      unet({ up_block_types: undefined }),
      /\nup_block_types: expected one of .* got nothing/,
    ],
    [
      "three blocks for two levels",
      unet({ attention_head_dim: [1, 2, 2] }),
      /\nattention_head_dim: .* a list of 2, got \[1, 2, 2\]/,
    ],
    ["no level", unet({ block_out_channels: [] }), /\nblock_out_channels: /],
    ["half a layer", unet({ layers_per_block: [1, 0.5] }), /\nlayers_per_block\[1\]: expected a whole number.*got 0.5/],
    ["groups", unet({ norm_num_groups: 3 }), /\nblock_out_channels\[0\]: expected a multiple of norm_num_groups \(3\)/],
    ["more heads than channels", unet({ attention_head_dim: 9 }), /proj_in.*from 1 .* got 0/],
    ["two kinds of attention", unet({ dual_cross_attention: true }), /\ndual_cross_attention: expected nothing/],
    ["heads", unet({ num_attention_heads: 4 }), /\nnum_attention_heads: expected nothing.*diffusers takes none/],
    ["other times", unet({ time_embedding_type: "fourier" }), /\ntime_embedding_type: expected "positional"/],
    ["boxes", unet({ attention_type: "gated" }), /\nattention_type: expected "default", got "gated"/],
    [
      "a projection of no width",
      unet({ addition_embed_type: "text_time" }),
      /add_embedding.*got "projection_class_embeddings_input_dim"/,
    ],
    ["a text of no width", unet({ encoder_hid_dim_type: "text_proj" }), /encoder_hid_proj.*got "encoder_hid_dim"/],
    [
      "transformers in the wrong places",
      unet({ transformer_layers_per_block: [1, ["2"]] }),
      /\ntransformer_layers_per_block\[1\]: expected a list of whole numbers from 0, got \["2"\]/,
    ],
    ["positions of odd width", dit({ attention_head_dim: 3, num_attention_heads: 2 }), /\nattention_head_dim: .*of 4/],
    ["no classes", dit({ num_embeds_ada_norm: null }), /\nnum_embeds_ada_norm: expected a whole number from 1/],
    ["another norm", dit({ norm_type: "layer_norm" }), /\nnorm_type: expected "ada_norm_zero"/],
    ["five stages", resnet({ layers: [1, 1, 1, 1, 1] }), /\nlayers: expected one value, or a list of 4, got/],
    ["a wide basic block", resnet({ block: "BasicBlock", width_per_group: 128 }), /\nwidth_per_group: expected 64/],
    ["groups that do not divide", resnet({ groups: 3, width_per_group: 0.5 }), /\nwidth_per_group: /],
  ])("for %s", (_, [config, fields], message) => {
    expect(() => planModel(modelOf({ ...config, ...fields }))).toThrow(message);
  });
});
