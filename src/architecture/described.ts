/** What a config says of a checkpoint, also of one whose architecture is not known. */
import { isObject } from "../check.js";
import type { Model } from "../model/model.js";
import { numbersOf, unknownConfig } from "../model/numbers.js";
import { isKnown, type ModelOptions, modelOf, typeOf } from "./config.js";

/**
 * The model of a config. For an unknown architecture it has no tensors and no plan, only the config's numbers.
 *
 * @throws what `modelOf` throws, also for JSON that says nothing of a model.
 */
export function describedModel(json: unknown, options: ModelOptions = {}): Model {
  const unknown = isKnown(json, options) ? undefined : unknownModel(json);
  return unknown ?? modelOf(json, options);
}

/** What is known of a model of an unknown type; undefined for JSON that says nothing of one. */
function unknownModel(json: unknown): Model | undefined {
  if (!isObject(json)) return undefined;
  const described = unknownConfig(typeOf(json), json);
  const says = typeOf(json) !== "" || Object.keys(numbersOf(json)).length > 0;
  return says ? { name: typeOf(json), tensors: [], tied: {}, ...described } : undefined;
}
