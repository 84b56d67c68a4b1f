/** A model from a Hugging Face config, by its `model_type`, also by architecture files of a user. */
import { checkOneOf, checkOptions } from "../check.js";
import { inMemory } from "../model/memory.js";
import type { Model } from "../model/model.js";
import { compileRegex } from "../model/regex.js";
import { ALL_FAMILIES } from "./builtin.js";
import { checkWhole } from "./complete.js";
import { Families } from "./families.js";
import { parseArchitecture } from "./grammar.js";
import { builtIn, INFIX, knownModelOf, unknownType } from "./known.js";
import { modelIn, typeOf } from "./lookup.js";

export { typeOf } from "./lookup.js";

/**
 * The types that `modelOf` knows, in the order of the files' names: values of a config's `model_type`, "bert", "gpt2", "llama"
 * and so on, and of diffusers' `_class_name`, such as "UNet2DConditionModel".
 */
export const MODEL_TYPES: readonly string[] = ALL_FAMILIES.map(([name]) => name);

/** Options of `modelOf`. */
export interface ModelOptions {
  /**
   * Architecture files of your own, as parsed JSON: one, or several that extend each other. They come before the built-in
   * ones. docs/architectures.md explains them; their JSON Schema is `nn-init/architecture.schema.json`.
   */
  readonly architecture?: object | readonly object[] | undefined;
  /**
   * Which names the tensors have. "saved" (the default): those that the reference implementation writes to files. "memory":
   * those of its modules, which differ for some families: transformers holds all experts of a layer in one tensor, and
   * saves one for each. Values are the same: a tensor in memory is drawn from the streams of the names that are saved.
   */
  readonly names?: "saved" | "memory" | undefined;
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
  checkOptions("options", options, ["architecture", "names"]);
  const { architecture, names = "saved" } = options;
  checkOneOf("names", names, ["saved", "memory"]);
  const model =
    architecture === undefined
      ? knownModelOf(given)
      : modelIn(familiesOf({ architecture }), given, unknownType, compileRegex);
  return names === "memory" ? inMemory(model) : model;
}

/** Whether the family of a config is built in, or given. */
export const isKnown = (config: unknown, options: ModelOptions): boolean => familiesOf(options).has(typeOf(config));

/** The families that are built in, and those that are given. */
export function familiesOf({ architecture }: ModelOptions): Families {
  if (architecture === undefined) return builtIn();
  return new Families(ALL_FAMILIES, INFIX, [architecture].flat().map(parseArchitecture), checkWhole);
}

/** The families that are built in: their types and classes, first the class of a config that names none. */
export const builtInFamilies = () =>
  MODEL_TYPES.map((type) => {
    const { class: prefix, classes, default: usual } = builtIn().whole(type);
    const kinds = [usual, ...Object.keys(classes).filter((kind) => kind !== usual)];
    return { type, classes: kinds.map((kind) => `${[prefix].flat()[0]}${kind}`) };
  });
