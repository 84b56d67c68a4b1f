/** What is refused of configs at the ends of what their families take; edited.slow.ts tries each field of each family. */
import { expect, test } from "vitest";
import { tinyConfig } from "../../src/architecture/tiny.js";
import { MODEL_TYPES, modelOf } from "../../src/model.js";
import { edited, faultsOf } from "./edited.js";

test("all fields at their least make no plan that a family's rules cannot decide", () => {
  expect(faultsOf(MODEL_TYPES.flatMap((type) => edited(type).slice(-1)))).toEqual([]);
});

test.each(["deepseek_v3", "opt"])("of %s, a field at the end of its range makes none either", (type) => {
  expect(faultsOf(edited(type))).toEqual([]);
});

test.each<[string, Record<string, unknown>, string]>([
  [
    "AutoencoderKL",
    { block_out_channels: [4, 8] },
    "block_out_channels[0]: expected a multiple of norm_num_groups (8), got 4",
  ],
  ["resnet", { hidden_sizes: [32, 63] }, "hidden_sizes[1]: expected a multiple of 4 for bottlenecks, got 63"],
  ["swin", { num_heads: [2, 3] }, "num_heads[1]: expected a divisor of the stage's width (32), got 3"],
  ["swin", { num_heads: [2] }, "num_heads: expected 2 numbers, as in depths, got [2]"],
  ["swin", { mlp_ratio: 0 }, "mlp_ratio: expected at least 1 / embed_dim (0.0625), got 0"],
  [
    "mpnet",
    { max_position_embeddings: 1 },
    "max_position_embeddings: expected at least 2, since row 1 is that of padding, got 1",
  ],
  ["mpnet", { vocab_size: 1 }, "vocab_size: expected at least 2, since row 1 is that of padding, got 1"],
  ["mamba2", { time_step_min: 0.5 }, "time_step_min: expected at most time_step_max (0.1), got 0.5"],
  ["modernbert", { initializer_cutoff_factor: 0 }, "initializer_cutoff_factor: expected a number above 0, got 0"],
  ["siglip_vision_model", { image_size: 7 }, "patch_size: expected at most image_size (7), got 8"],
])("%s with %j is refused by the field, and what came", (type, fields, message) => {
  expect(() => modelOf({ ...tinyConfig(type), ...fields })).toThrow(message);
});
