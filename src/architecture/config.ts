/** A model from a Hugging Face config, by its `model_type`. */
import { clipped, show, wrongType } from "../check.js";
import type { Model } from "../model/model.js";
import { perhaps } from "../spelling.js";
import { whole } from "./extend.js";
import { FAMILIES } from "./families.js";
import type { Json } from "./field.js";
import type { ArchitectureFile } from "./file.js";
import { modelBy } from "./interpret.js";

/** The values of `model_type` that `modelOf` knows: "bert", "gpt2", "llama" and so on, in the order of the alphabet. */
export const MODEL_TYPES: readonly string[] = [...FAMILIES.keys()];

/** The `model_type` of a config, or "" if it has none. */
export function typeOf(config: unknown): string {
  const type = isJson(config) ? config.model_type : undefined;
  return typeof type === "string" ? type : "";
}

const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The model that a Hugging Face `config.json` describes. Names, shapes and
 * order of the tensors are those that the reference implementation writes, and the model's plan is its initialization.
 * A field that decides a size is required; other fields have the defaults of transformers. A field that would change tensors
 * in a way that is not supported is refused; `unknownFields` of the model names those that are not known.
 *
 * @param given the config as parsed JSON.
 * @throws TypeError, RangeError naming each field that is wrong.
 * @example
 * ```js
 * import { modelOf } from "nn-init/model";
 *
 * const config = { model_type: "gpt2", n_layer: 12, n_embd: 768, n_positions: 1024, vocab_size: 50257 };
 * const tensor = modelOf(config).tensors[3];
 * console.log(tensor?.name, tensor?.shape, tensor?.role); // transformer.h.0.attn.c_proj.weight [ 768, 768 ] residual
 * ```
 */
export function modelOf(config: unknown): Model {
  if (!isJson(config)) throw wrongType("config", "an object", config);
  const { model_type: type } = config;
  if (typeof type === "string" && FAMILIES.has(type)) return modelBy(familyOf(type), config, familyOf);
  throw unknownType(config);
}

const wholeFamilies = new Map<string, ArchitectureFile>();

/** A built-in family, with all that it extends. */
export function familyOf(name: string): ArchitectureFile {
  const known = wholeFamilies.get(name);
  if (known !== undefined) return known;
  const find = (name: string) => FAMILIES.get(name);
  const file = find(name);
  if (file === undefined) throw new RangeError(`family: expected one of ${MODEL_TYPES.join(", ")}, got ${show(name)}`);
  const made = whole(file, find, MODEL_TYPES);
  wholeFamilies.set(name, made);
  return made;
}

function unknownType({ model_type: type, architectures }: Json): Error {
  const hint = isNamed(architectures) ? "" : perhaps(type, MODEL_TYPES);
  const got = type === undefined ? "nothing" : show(type);
  const message = `model_type: expected one of ${MODEL_TYPES.map(show).join(", ")}${hint}, got ${got}${WAY_OUT}`;
  return new (typeof type === "string" ? RangeError : TypeError)(clipped(message));
}

/** Whether a config names the class that saved it: then its `model_type` is no misspelling. */
const isNamed = (architectures: unknown): boolean => Array.isArray(architectures) && architectures.length > 0;

const WAY_OUT = `
For a model of another type, do one of these:
- give a checkpoint of it and a plan: "nn-init init model.safetensors --plan plan.json"
- give a checkpoint of it and one scheme for all weights: "nn-init init model.safetensors --scheme normal --std 0.02"
- give a list of its tensors, with their shapes and schemes: modelOfShapes, or a file "shapes.json"`;
