/** The model of a config, by the family that its type names. Nothing here needs zod or a library of regular expressions. */
import { isObject, wrongType } from "../check.js";
import type { Model } from "../model/model.js";
import type { Regex } from "../model/rule.js";
import type { Families } from "./families.js";
import type { JsonObject } from "./field.js";
import { modelBy } from "./interpret.js";

/** The `model_type` of a config, the `_class_name` of one of diffusers, or "" if it has neither. */
export function typeOf(config: unknown): string {
  const type = isObject(config) ? config[typeFieldOf(config)] : undefined;
  return typeof type === "string" ? type : "";
}

/** The field that says what a config is of. */
export const typeFieldOf = ({ model_type, _class_name }: JsonObject) =>
  model_type === undefined && _class_name !== undefined ? "_class_name" : "model_type";

/**
 * The model of a config.
 *
 * @param unknown the error for a type that none of the families has.
 * @param regexOf compiles the regular expressions of a family's plan.
 * @throws TypeError, RangeError naming each field that is wrong.
 */
export function modelIn(
  families: Families,
  given: unknown,
  unknown: (config: JsonObject, names: readonly string[]) => Error,
  regexOf: (pattern: string) => Regex = ownRegex,
): Model {
  if (!isObject(given)) throw wrongType("config", "an object", given);
  const config = { ...given }; // a copy: each field is read once
  const type = typeOf(config);
  if (!families.has(type)) throw unknown(config, families.names);
  return modelBy(families.whole(type), config, {
    ...{ familyOf: (name) => families.whole(name), parse: families.notation.parse, regexOf },
  });
}

/** By JavaScript's own engine, since the patterns of built-in families are known to take little time. */
function ownRegex(pattern: string): Regex {
  const regex = new RegExp(pattern, "u");
  return {
    test: (name) => regex.test(name),
    groups: (name) => regex.exec(name)?.groups ?? {},
  };
}
