/** A model from a Hugging Face config, by its `model_type`, also by architecture files of a user. */
import { checkOptions, clipped, show, wrongType } from "../check.js";
import type { Model } from "../model/model.js";
import { perhaps } from "../spelling.js";
import { BUILT_IN, Families } from "./families.js";
import type { JsonObject } from "./field.js";
import { parseArchitecture } from "./grammar.js";
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

/** Options of `modelOf`. */
export interface ModelOptions {
  /**
   * Architecture files of your own, as parsed JSON: one, or several that extend each other. They come before the built-in
   * ones. docs/architectures.md explains them; their JSON Schema is `nn-init/architecture.schema.json`.
   */
  readonly architecture?: object | readonly object[] | undefined;
}

/**
 * The model that a Hugging Face `config.json` describes. Names, shapes and order of the tensors are those that the reference
 * implementation writes, and the model's plan is its initialization. A field that decides a size is required; other fields have
 * the defaults of transformers. A field that would change tensors in a way that is not supported is refused; `unknownFields`
 * of the model names those that are not known.
 *
 * @param given the config as parsed JSON. Its `model_type` names the family: one of `MODEL_TYPES`, or of `architecture`.
 * @param options families of your own: see `ModelOptions`.
 * @throws TypeError, RangeError naming each field that is wrong, and what is wrong with an architecture file.
 * @example
 * ```js
 * import { modelOf } from "nn-init/model";
 *
 * const config = { model_type: "gpt2", n_layer: 12, n_embd: 768, n_positions: 1024, vocab_size: 50257 };
 * const tensor = modelOf(config).tensors[3];
 * console.log(tensor?.name, tensor?.shape, tensor?.role); // transformer.h.0.attn.c_proj.weight [ 768, 768 ] residual
 * ```
 */
export function modelOf(given: unknown, options: ModelOptions = {}): Model {
  checkOptions("options", options, ["architecture"]);
  if (!isJson(given)) throw wrongType("config", "an object", given);
  const config = { ...given }; // a copy: each field is read once
  const families = familiesOf(options);
  const type = typeOf(config);
  if (families.has(type)) return modelBy(families.whole(type), config, (name) => families.whole(name));
  throw unknownType(config, families.names);
}

/** Whether the family of a config is built in, or given. */
export const isKnown = (config: unknown, options: ModelOptions): boolean => familiesOf(options).has(typeOf(config));

function familiesOf({ architecture }: ModelOptions): Families {
  return architecture === undefined ? BUILT_IN : new Families([architecture].flat().map(parseArchitecture));
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
