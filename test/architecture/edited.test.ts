/** Configs at the ends of what their families take: each is refused by its fields, or planned whole. */
import { expect, test } from "vitest";
import { familyOf } from "../../src/architecture/known.js";
import { tinyConfig } from "../../src/architecture/tiny.js";
import { MODEL_TYPES, modelOf, planModel } from "../../src/model.js";

/** Values at the ends of each type. */
const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  length: [1],
  count: [0, 50],
  number: [0],
  std: [0.5],
  flag: [true, false],
  token: [0, -1],
};

/** A family's small config, with each field changed by itself, and all at once to the least. */
function edited(type: string): [string, Record<string, unknown>][] {
  const config = tinyConfig(type, { sizes: { layers: 1, experts: 2 } });
  const least: Record<string, unknown> = { ...config };
  const edits: [string, Record<string, unknown>][] = [];
  for (const [name, spec] of Object.entries(familyOf(type).fields)) {
    const field = typeof spec === "string" ? { type: spec } : spec;
    const [end] = VALUES[field.type === "flag" ? "" : field.type] ?? [];
    if (end !== undefined) least[name] = end;
    if (field.type === "flag") least[name] = false;
    const none = field.default === undefined ? [] : [undefined];
    for (const value of [...(field.choices ?? []), ...(VALUES[field.type] ?? []), ...none]) {
      if (value === config[name]) continue;
      edits.push([`${type}, ${name} ${JSON.stringify(value)}`, { ...config, [name]: value }]);
    }
  }
  return [[type, config], ...edits, [`${type}, all least`, least]];
}

/** What is refused of a tensor, since no more fits into the file of its family: it names the field. */
const BY_TENSOR = /^tensor .*expression .*expected the name of a number in the config/;

function faultOf(config: Record<string, unknown>): string | undefined {
  try {
    planModel(modelOf(config));
    return undefined;
  } catch (error) {
    const { message } = error as Error;
    return message.startsWith("not a config that nn-init can use") || BY_TENSOR.test(message) ? undefined : message;
  }
}

test("a field at the end of its range makes no plan that its family's rules cannot decide", () => {
  const faults = MODEL_TYPES.flatMap((type) =>
    edited(type).flatMap(([name, config]) => {
      const fault = faultOf(config);
      return fault === undefined ? [] : [`${name}: ${fault}`];
    }),
  );
  expect(faults).toEqual([]);
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
