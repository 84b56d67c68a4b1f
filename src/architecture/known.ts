/** A model from a config of a family that is built in. Nothing here needs zod or a library of regular expressions. */
import { clipped, isObject, show, wrongType } from "../check.js";
import type { Model } from "../model/model.js";
import type { Regex } from "../model/rule.js";
import { nearest } from "../spelling.js";
import { BUILT_IN, type Families } from "./families.js";
import type { JsonObject } from "./field.js";
import { modelBy } from "./interpret.js";

/**
 * The types that `modelOf` knows, in the order of the files' names: values of a config's `model_type`, "bert", "gpt2", "llama"
 * and so on, and of diffusers' `_class_name`, such as "UNet2DConditionModel".
 */
export const MODEL_TYPES: readonly string[] = BUILT_IN.names;

/** The `model_type` of a config, the `_class_name` of one of diffusers, or "" if it has neither. */
export function typeOf(config: unknown): string {
  const type = isObject(config) ? config[typeFieldOf(config)] : undefined;
  return typeof type === "string" ? type : "";
}

/** The field that says what a config is of. */
const typeFieldOf = ({ model_type, _class_name }: JsonObject) =>
  model_type === undefined && _class_name !== undefined ? "_class_name" : "model_type";

/** The model of a config, by a family that is built in. */
export const knownModelOf = (given: unknown): Model => modelIn(BUILT_IN, given, ownRegex);

/**
 * The model of a config.
 *
 * @param regexOf compiles the regular expressions of a family's plan.
 * @throws TypeError, RangeError naming each field that is wrong; RangeError for a type that no family has.
 */
export function modelIn(families: Families, given: unknown, regexOf: (pattern: string) => Regex): Model {
  if (!isObject(given)) throw wrongType("config", "an object", given);
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

function unknownType(config: JsonObject, names: readonly string[]): Error {
  const field = typeFieldOf(config);
  const type = config[field];
  const near = typeof type === "string" ? nearestNames(type, names).map(show).join(" or ") : "";
  const perhaps = near === "" || isNamed(config.architectures) ? "" : ` (perhaps ${near})`;
  const got = type === undefined ? "nothing" : show(type);
  const message = `${field}: expected one of the ${names.length} types that nn-init knows${perhaps}, got ${got}`;
  const edit = near === "" ? "" : `\n- if its tensors are those of ${near}, edit ${field}`;
  return new (typeof type === "string" ? RangeError : TypeError)(clipped(`${message}\n${LISTED}${edit}${WAY_OUT}`));
}

/** The names that are near to one: at most three, the nearest first. */
function nearestNames(name: string, names: readonly string[]): readonly string[] {
  const found: string[] = [];
  while (found.length < MOST_NEAREST) {
    const next = nearest(
      name,
      names.filter((one) => !found.includes(one)),
    );
    if (next === undefined) break;
    found.push(next);
  }
  return found;
}

const MOST_NEAREST = 3;

/** Whether a config names the class that saved it: then its type is no misspelling. */
const isNamed = (architectures: unknown): boolean => Array.isArray(architectures) && architectures.length > 0;

const LISTED = '"nn-init models" and docs/models.md list all. For a model of another type, do one of these:';

const WAY_OUT = `
- describe its family in a file (docs/architectures.md): "nn-init init config.json --architecture family.json"
- give a checkpoint of it and a plan: "nn-init init folder --plan @transformers", or a plan of your own
- give a checkpoint of it and one scheme for all weights: "nn-init init model.safetensors --scheme normal --std 0.02"
- give a list of its tensors, with their shapes and schemes: modelOfShapes, or a file "shapes.json"`;
