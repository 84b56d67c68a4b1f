/** The grammar of architecture files, as a schema of their JSON. The published JSON Schema is made from it. */
import { wrongValue } from "../check.js";
import { MOST_CHARACTERS } from "../model/expression.js";
import { parseBy } from "../model/fault.js";
import { ROLES } from "../model/model.js";
import { parsePlan } from "../model/parse.js";
import * as z from "../model/zod.js";
import type { PartialFile } from "./extend.js";
import { FIELD_TYPES } from "./file.js";

const MOST_NAME = 200; // characters

const name = z.string().check(z.minLength(1), z.maxLength(MOST_NAME));
const words = z.string().check(z.maxLength(10_000));
const text = z.string().check(z.maxLength(MOST_CHARACTERS));
const expression = z.union([z.number(), z.string().check(z.minLength(1), z.maxLength(MOST_CHARACTERS))], {
  error: 'expected a number, or an expression such as "num_attention_heads * head_dim"',
});
const list = z.array(expression).check(z.maxLength(16));
const names = z.record(name, z.nullable(expression));

const field = z.strictObject({
  type: z.optional(z.enum(FIELD_TYPES)).check(z.describe("What it can hold.")),
  default: z
    .nullish(z.union([expression, z.boolean()]))
    .check(z.describe("What an absent field means. Without it, the field is required.")),
  optional: z.nullish(z.boolean()).check(z.describe("Whether there can be none, so that has(field) is 0.")),
  null: z
    .nullish(z.union([z.boolean(), expression]))
    .check(z.describe("Whether it can be null: the default, or none if it is optional; or what null means.")),
  auto: z.nullish(z.boolean()).check(z.describe('Whether the word "auto" means what an absent field means.')),
  alias: z.nullish(name).check(z.describe("Another name that the reference implementation reads.")),
  each: z
    .nullish(expression)
    .check(
      z.describe(
        "How many values there are: a list of this length, or one value for all. In expressions it is the list.",
      ),
    ),
  choices: z.nullish(z.array(z.string())).check(z.describe("The words that it can be.")),
  expected: z.nullish(text).check(z.describe("What is expected, for the error message.")),
  rows: z.nullish(expression).check(z.describe("Of a token: the number of rows of the table in which its row is 0.")),
  family: z.nullish(name).check(z.describe("Of a nested config: the family that reads it.")),
});

const check = z.strictObject({
  for: z.nullish(names),
  if: z.nullish(expression),
  that: z.optional(expression).check(z.describe("What must hold.")),
  field: z.optional(text).check(z.describe("The field to name where it does not.")),
  expected: z.optional(text),
});

/** A layer, a group of layers, or a nested family: which one, the key says that it has. */
const entry: z.ZodMiniType = z.strictObject({
  at: z.nullish(text).check(z.describe("Its name below the group around it, if that is not its key.")),
  if: z.nullish(expression).check(z.describe("Whether it is there.")),
  for: z.nullish(names).check(z.describe("Counters, and how far they count from 0: the entry is repeated for each.")),
  let: z.nullish(names).check(z.describe("Names for expressions, inside of the entry.")),
  get of(): z.ZodMiniType {
    return z
      .optional(z.union([name, entries]))
      .check(z.describe("The layers of a group, or the name of one in shared."));
  },
  use: z.nullish(name).check(z.describe("The field with the nested config whose family makes the tensors.")),
  linear: z.nullish(z.tuple([expression, expression])).check(z.describe("[in, out]: a weight [out, in].")),
  conv1d: z.nullish(z.tuple([expression, expression])).check(z.describe("[in, out]: a weight [in, out].")),
  convolution: z
    .nullish(list.check(z.minLength(3)))
    .check(z.describe("[in, out, ...kernel]: a weight [out, in / groups, ...kernel].")),
  embedding: z.nullish(z.tuple([expression, expression])).check(z.describe("[count, width].")),
  rmsNorm: z.nullish(expression).check(z.describe("The width of a scale.")),
  layerNorm: z.nullish(expression).check(z.describe("The width of a scale and a bias.")),
  groupNorm: z.nullish(expression).check(z.describe("The number of channels: of a scale and a bias.")),
  batchNorm: z.nullish(expression).check(z.describe("The number of channels.")),
  parameter: z.nullish(list).check(z.describe("The shape of a tensor that has the name of the layer.")),
  bias: z.nullish(expression).check(z.describe("Whether it has a bias. Default 1.")),
  groups: z.nullish(expression).check(z.describe("Groups of a convolution.")),
  role: z.nullish(z.enum(ROLES as [string, ...string[]])).check(z.describe("What the weight is for.")),
  packed: z
    .nullish(z.strictObject({ axis: z.int(), parts: z.union([expression, list]) }))
    .check(z.describe("Where a packed weight is split: into so many equal parts, or parts of these lengths.")),
  dtype: z.nullish(z.literal("i64")),
  tied: z
    .nullish(z.strictObject({ if: z.nullish(expression), weight: z.nullish(text), bias: z.nullish(text) }))
    .check(z.describe("The tensors that it shares with others.")),
});

const entries = z.record(name, z.nullable(entry));

const kind = z.strictObject({
  base: z
    .nullish(z.string().check(z.maxLength(MOST_NAME)))
    .check(z.describe("What stands before the names of the base model.")),
  let: z.nullish(names),
  tensors: z.nullish(entries).check(z.describe("Layers outside of the base model.")),
});

/** What is saved for a part of a name in memory. */
const memory = z.nullable(
  z.union([
    name.check(z.describe("It is saved by this name.")),
    z
      .array(name)
      .check(
        z.minLength(1),
        z.maxLength(16),
        z.describe("Tensors that are joined, and stacked by the number that * stands for."),
      ),
    z
      .strictObject({
        of: name,
        part: z.int().check(z.minimum(0), z.maximum(15)),
        parts: z.int().check(z.minimum(2), z.maximum(16)),
      })
      .check(z.describe("One of several equal parts of a saved tensor, along its first axis.")),
  ]),
);

/** A rule of a plan, with a condition. Its other keys are checked as those of a plan are. */
const rule = z.looseObject({ if: z.optional(expression) });

export const ArchitectureJson = z
  .strictObject({
    $schema: z.optional(z.string()),
    comment: z.optional(z.string()),
    name: name.check(z.describe("The model_type of its configs, or their _class_name.")),
    extends: z
      .optional(name)
      .check(z.describe("The family that it is like. Objects are merged into those of that one; null removes a key.")),
    class: z
      .optional(z.union([name, z.array(name).check(z.minLength(1))]))
      .check(z.describe("What the names of its classes begin with.")),
    base: z
      .optional(z.string().check(z.maxLength(MOST_NAME)))
      .check(z.describe("What stands before the names of the base model.")),
    default: z
      .optional(z.string().check(z.maxLength(MOST_NAME)))
      .check(z.describe("The class that a config without architectures means.")),
    fields: z.optional(z.record(name, z.nullable(z.union([z.enum(FIELD_TYPES), field])))),
    harmless: z
      .optional(z.record(z.string(), z.nullable(words)))
      .check(z.describe("Fields that change no tensor, by the reason why, with spaces between them.")),
    refused: z
      .optional(z.record(z.string(), z.nullable(words)))
      .check(
        z.describe("Fields that change tensors in a way that is not described, by the reason. They can only be off."),
      ),
    let: z.optional(names).check(z.describe("Names for expressions.")),
    checks: z.optional(z.record(name, z.nullable(check))),
    shared: z
      .optional(z.record(name, z.nullable(entries)))
      .check(z.describe("Groups of layers, by a name that of can use.")),
    tensors: z.optional(entries).check(z.describe("The layers of the base model, by name.")),
    heads: z.optional(entries).check(z.describe("Layers outside of the base model.")),
    classes: z.optional(z.record(z.string(), z.nullable(kind))),
    memory: z
      .optional(z.record(name, memory))
      .check(z.describe("Parts of names in memory, where other ones are saved.")),
    plan: z.optional(z.strictObject({ rules: z.array(rule).check(z.minLength(1), z.maxLength(1000)) })),
    tiny: z
      .optional(
        z.record(name, z.nullable(z.union([expression, z.boolean(), z.array(expression).check(z.maxLength(16))]))),
      )
      .check(
        z.describe(
          "Fields of a small config, as nn-init tiny makes it: expressions of layers, width, heads, vocabulary, positions and experts.",
        ),
      ),
  })
  .check(z.describe("An architecture file of nn-init: a family of models, from the fields of a config to the plan."));

/**
 * Checks the JSON of an architecture file.
 *
 * @throws TypeError with one line for each fault.
 */
export function parseArchitecture(json: unknown): PartialFile {
  checkKeys(json, 0);
  const file = parseBy(ArchitectureJson, json, "not an architecture that nn-init can use") as PartialFile;
  const rules = file.plan?.rules.map(({ if: _, ...rule }) => rule);
  if (rules !== undefined) parsePlan({ rules });
  return file;
}

const MOST_DEPTH = 24; // objects within objects: layers within groups

/** An object of the caller can contain itself. A record loses the key `__proto__` without a word. */
function checkKeys(json: unknown, depth: number): void {
  if (depth > MOST_DEPTH)
    throw new RangeError(`architecture: expected at most ${MOST_DEPTH} objects within each other`);
  if (typeof json !== "object" || json === null) return;
  for (const [key, value] of Object.entries(json)) {
    if (key === "__proto__") throw wrongValue("architecture", "keys without __proto__", key);
    checkKeys(value, depth + 1);
  }
}
