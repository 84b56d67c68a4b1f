/** A model from a Hugging Face config, by its `model_type`. */
import { clipped, show } from "../check.js";
import type { Model } from "../model/model.js";
import * as z from "../model/zod.js";
import { perhaps } from "../spelling.js";
import { type Architecture, parseConfig } from "./architecture.js";
import { bert } from "./bert.js";
import { gpt2 } from "./gpt2.js";
import { llama } from "./llama.js";
import { mixtral } from "./mixtral.js";
import { resnet } from "./resnet.js";
import { vit } from "./vit.js";

const ARCHITECTURES = new Map<string, Architecture>(Object.entries({ bert, gpt2, llama, mixtral, resnet, vit }));

/** The values of `model_type` that `modelOf` knows: "bert", "gpt2", "llama", "mixtral", "resnet", "vit". */
export const MODEL_TYPES: readonly string[] = [...ARCHITECTURES.keys()];

const Typed = z.looseObject({ model_type: z.string() });

/** The `model_type` of a config, or "" if it has none. */
export const typeOf = (config: unknown): string => Typed.safeParse(config).data?.model_type ?? "";

/**
 * The model that a Hugging Face `config.json` describes: GPT-2, Llama, BERT, ViT, Mixtral or a ResNet. Names, shapes and
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
export function modelOf(given: unknown): Model {
  const config = parseConfig(Loose, given); // a copy: each field is read once
  const { model_type: type, architectures } = config;
  const found = typeof type === "string" ? ARCHITECTURES.get(type) : undefined;
  if (found !== undefined) return found(config);
  const hint = isNamed(architectures) ? "" : perhaps(type, MODEL_TYPES);
  const got = type === undefined ? "nothing" : show(type);
  const message = `model_type: expected one of ${MODEL_TYPES.map(show).join(", ")}${hint}, got ${got}${WAY_OUT}`;
  throw new (typeof type === "string" ? RangeError : TypeError)(clipped(message));
}

const Loose = z.looseObject({ model_type: z.unknown().optional(), architectures: z.unknown().optional() });

/** Whether a config names the class that saved it: then its `model_type` is no misspelling. */
const isNamed = (architectures: unknown): boolean => Array.isArray(architectures) && architectures.length > 0;

const WAY_OUT = `
For a model of another type, do one of these:
- give a checkpoint of it and a plan: "nn-init init model.safetensors --plan plan.json"
- give a checkpoint of it and one scheme for all weights: "nn-init init model.safetensors --scheme normal --std 0.02"
- give a list of its tensors, with their shapes and schemes: modelOfShapes, or a file "shapes.json"`;
