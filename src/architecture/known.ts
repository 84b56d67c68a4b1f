/** A model from a config of a family that is built in. Nothing here needs zod or a library of regular expressions. */
import { clipped, show, wrongType } from "../check.js";
import type { Model } from "../model/model.js";
import type { Regex } from "../model/rule.js";
import { perhaps } from "../spelling.js";
import { BUILT_IN, type Families } from "./families.js";
import type { JsonObject } from "./field.js";
import { modelBy } from "./interpret.js";

/** The values of `model_type` that `modelOf` knows: "bert", "gpt2", "llama" and so on, in the order of the alphabet. */
export const MODEL_TYPES: readonly string[] = BUILT_IN.names;

/** The `model_type` of a config, or "" if it has none. */
export function typeOf(config: unknown): string {
  const type = isJson(config) ? config.model_type : undefined;
  return typeof type === "string" ? type : "";
}

const isJson = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The model of a config, by a family that is built in. */
export const knownModelOf = (given: unknown): Model => modelIn(BUILT_IN, given, ownRegex);

/**
 * The model of a config.
 *
 * @param regexOf compiles the regular expressions of a family's plan.
 * @throws TypeError, RangeError naming each field that is wrong; RangeError for a type that no family has.
 */
export function modelIn(families: Families, given: unknown, regexOf: (pattern: string) => Regex): Model {
  if (!isJson(given)) throw wrongType("config", "an object", given);
  const config = { ...given }; // a copy: each field is read once
  const type = typeOf(config);
  if (!families.has(type)) throw unknownType(config, families.names);
  return modelBy(families.whole(type), config, (name) => families.whole(name), regexOf);
}

/** By JavaScript's own engine, since the patterns of built-in families are known to take little time. */
function ownRegex(pattern: string): Regex {
  const regex = new RegExp(pattern, "u");
  return {
    test: (name) => regex.test(name),
    groups: (name) => regex.exec(name)?.groups ?? {},
  };
}

function unknownType({ model_type: type, architectures }: JsonObject, names: readonly string[]): Error {
  const hint = isNamed(architectures) ? "" : perhaps(type, names);
  const got = type === undefined ? "nothing" : show(type);
  const message = `model_type: expected one of ${names.map(show).join(", ")}${hint}, got ${got}${WAY_OUT}`;
  return new (typeof type === "string" ? RangeError : TypeError)(clipped(message));
}

/** Whether a config names the class that saved it: then its `model_type` is no misspelling. */
const isNamed = (architectures: unknown): boolean => Array.isArray(architectures) && architectures.length > 0;

const WAY_OUT = `
For a model of another type, do one of these:
- describe its family in a file (docs/architectures.md): "nn-init init config.json --architecture family.json"
- give a checkpoint of it and a plan: "nn-init init model.safetensors --plan plan.json"
- give a checkpoint of it and one scheme for all weights: "nn-init init model.safetensors --scheme normal --std 0.02"
- give a list of its tensors, with their shapes and schemes: modelOfShapes, or a file "shapes.json"`;
