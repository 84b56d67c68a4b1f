/** The grammar of architecture files, as a schema of their JSON. The published JSON Schema is made from it. */
import { MOST_CHARACTERS } from "../model/expression.js";
import { parseBy } from "../model/fault.js";
import { ROLES } from "../model/model.js";
import { parsePlan } from "../model/parse.js";
import * as z from "../model/zod.js";
import type { PartialFile } from "./extend.js";
import { FIELD_TYPES } from "./file.js";

const MOST_NAME = 200; // characters

const name = z.string().min(1).max(MOST_NAME);
const words = z.string().max(10_000);
const text = z.string().max(MOST_CHARACTERS);
const expression = z.union([z.number(), z.string().min(1).max(MOST_CHARACTERS)], {
  error: 'expected a number, or an expression such as "num_attention_heads * head_dim"',
});
const list = z.array(expression).max(16);
const names = z.record(name, expression.nullable());

const field = z.strictObject({
  type: z.enum(FIELD_TYPES).optional().describe("What it can hold."),
  default: z
    .union([expression, z.boolean()])
    .nullish()
    .describe("What an absent field means. Without it, the field is required."),
  optional: z.boolean().nullish().describe("Whether there can be none, so that has(field) is 0."),
  null: z
    .union([z.boolean(), expression])
    .nullish()
    .describe("Whether it can be null: the default, or none if it is optional; or what null means."),
  auto: z.boolean().nullish().describe('Whether the word "auto" means what an absent field means.'),
  alias: name.nullish().describe("Another name that the reference implementation reads."),
  each: expression
    .nullish()
    .describe("How many values there are: a list of this length, or one value for all. In expressions it is the list."),
  choices: z.array(z.string()).nullish().describe("The words that it can be."),
  expected: text.nullish().describe("What is expected, for the error message."),
  rows: expression.nullish().describe("Of a token: the number of rows of the table in which its row is 0."),
  family: name.nullish().describe("Of a nested config: the family that reads it."),
});

const check = z.strictObject({
  for: names.nullish(),
  if: expression.nullish(),
  that: expression.optional().describe("What must hold."),
  field: text.optional().describe("The field to name where it does not."),
  expected: text.optional(),
});

/** A layer, a group of layers, or a nested family: which one, the key says that it has. */
const entry: z.ZodType = z.strictObject({
  at: text.nullish().describe("Its name below the group around it, if that is not its key."),
  if: expression.nullish().describe("Whether it is there."),
  for: names.nullish().describe("Counters, and how far they count from 0: the entry is repeated for each."),
  let: names.nullish().describe("Names for expressions, inside of the entry."),
  get of(): z.ZodType {
    return z.union([name, entries]).optional().describe("The layers of a group, or the name of one in shared.");
  },
  use: name.nullish().describe("The field with the nested config whose family makes the tensors."),
  linear: z.tuple([expression, expression]).nullish().describe("[in, out]: a weight [out, in]."),
  conv1d: z.tuple([expression, expression]).nullish().describe("[in, out]: a weight [in, out]."),
  convolution: list.min(3).nullish().describe("[in, out, ...kernel]: a weight [out, in / groups, ...kernel]."),
  embedding: z.tuple([expression, expression]).nullish().describe("[count, width]."),
  rmsNorm: expression.nullish().describe("The width of a scale."),
  layerNorm: expression.nullish().describe("The width of a scale and a bias."),
  groupNorm: expression.nullish().describe("The number of channels: of a scale and a bias."),
  batchNorm: expression.nullish().describe("The number of channels."),
  parameter: list.nullish().describe("The shape of a tensor that has the name of the layer."),
  bias: expression.nullish().describe("Whether it has a bias. Default 1."),
  groups: expression.nullish().describe("Groups of a convolution."),
  role: z
    .enum(ROLES as [string, ...string[]])
    .nullish()
    .describe("What the weight is for."),
  packed: z
    .strictObject({ axis: z.int(), parts: z.union([expression, list]) })
    .nullish()
    .describe("Where a packed weight is split: into so many equal parts, or parts of these lengths."),
  dtype: z.literal("i64").nullish(),
  tied: z
    .strictObject({ if: expression.nullish(), weight: text.nullish(), bias: text.nullish() })
    .nullish()
    .describe("The tensors that it shares with others."),
});

const entries = z.record(name, entry.nullable());

const kind = z.strictObject({
  base: z.string().max(MOST_NAME).nullish().describe("What stands before the names of the base model."),
  let: names.nullish(),
  tensors: entries.nullish().describe("Layers outside of the base model."),
});

/** What is saved for a part of a name in memory. */
const memory = z
  .union([
    name.describe("It is saved by this name."),
    z.array(name).min(1).max(16).describe("Tensors that are joined, and stacked by the number that * stands for."),
    z
      .strictObject({ of: name, part: z.int().min(0).max(15), parts: z.int().min(2).max(16) })
      .describe("One of several equal parts of a saved tensor, along its first axis."),
  ])
  .nullable();

/** A rule of a plan, with a condition. Its other keys are checked as those of a plan are. */
const rule = z.looseObject({ if: expression.optional() });

const ArchitectureJson = z
  .strictObject({
    $schema: z.string().optional(),
    comment: z.string().optional(),
    name: name.describe("The model_type of its configs, or their _class_name."),
    extends: name
      .optional()
      .describe("The family that it is like. Objects are merged into those of that one; null removes a key."),
    class: z
      .union([name, z.array(name).min(1)])
      .optional()
      .describe("What the names of its classes begin with."),
    base: z.string().max(MOST_NAME).optional().describe("What stands before the names of the base model."),
    default: z.string().max(MOST_NAME).optional().describe("The class that a config without architectures means."),
    fields: z.record(name, z.union([z.enum(FIELD_TYPES), field]).nullable()).optional(),
    harmless: z
      .record(z.string(), words.nullable())
      .optional()
      .describe("Fields that change no tensor, by the reason why, with spaces between them."),
    refused: z
      .record(z.string(), words.nullable())
      .optional()
      .describe("Fields that change tensors in a way that is not described, by the reason. They can only be off."),
    let: names.optional().describe("Names for expressions."),
    checks: z.record(name, check.nullable()).optional(),
    shared: z.record(name, entries.nullable()).optional().describe("Groups of layers, by a name that of can use."),
    tensors: entries.optional().describe("The layers of the base model, by name."),
    heads: entries.optional().describe("Layers outside of the base model."),
    classes: z.record(z.string(), kind.nullable()).optional(),
    memory: z.record(name, memory).optional().describe("Parts of names in memory, where other ones are saved."),
    plan: z.strictObject({ rules: z.array(rule).min(1).max(1000) }).optional(),
    tiny: z
      .record(name, z.union([expression, z.boolean(), z.array(expression).max(16)]).nullable())
      .optional()
      .describe(
        "Fields of a small config, as nn-init tiny makes it: expressions of layers, width, heads, vocabulary, positions and experts.",
      ),
  })
  .describe("An architecture file of nn-init: a family of models, from the fields of a config to the plan.");

/** The JSON Schema of architecture files. It is published with the package, for editors. */
export const architectureSchema = () => z.toJSONSchema(ArchitectureJson, { io: "input", reused: "ref" });

/**
 * Checks the JSON of an architecture file.
 *
 * @throws TypeError with one line for each fault.
 */
export function parseArchitecture(json: unknown): PartialFile {
  checkDepth(json, 0);
  const file = parseBy(ArchitectureJson, json, "not an architecture that nn-init can use") as PartialFile;
  const rules = file.plan?.rules.map(({ if: _, ...rule }) => rule);
  if (rules !== undefined) parsePlan({ rules });
  return file;
}

const MOST_DEPTH = 24; // objects within objects: layers within groups

/** An object of the caller can contain itself. */
function checkDepth(json: unknown, depth: number): void {
  if (depth > MOST_DEPTH)
    throw new RangeError(`architecture: expected at most ${MOST_DEPTH} objects within each other`);
  if (typeof json !== "object" || json === null) return;
  for (const value of Object.values(json)) checkDepth(value, depth + 1);
}
