/** A model from a config as Hugging Face writes it: which architecture it is of. */
import * as z from "../model/zod.js";
import { wrongValue } from "../check.js";
import type { Model } from "../model/model.js";
import { perhaps } from "../spelling.js";
import { type Architecture, check } from "./architecture.js";
import { bert } from "./bert.js";
import { gpt2 } from "./gpt2.js";
import { llama } from "./llama.js";
import { mixtral } from "./mixtral.js";
import { resnet } from "./resnet.js";
import { vit } from "./vit.js";

const ARCHITECTURES = new Map<string, Architecture>(Object.entries({ bert, gpt2, llama, mixtral, resnet, vit }));

/** The values of `model_type` that are known. */
export const MODEL_TYPES: readonly string[] = [...ARCHITECTURES.keys()];

const Typed = z.looseObject({ model_type: z.string() });

/** What a config says that it is of; "" where it says nothing. */
export const typeOf = (config: unknown): string => Typed.safeParse(config).data?.model_type ?? "";

/**
 * The model that a Hugging Face `config.json` describes: GPT-2, Llama, BERT, ViT, Mixtral or a ResNet, with names, shapes
 * and order as the reference implementation writes them, and its plan. Sizes are never guessed: a config without one is
 * refused; what does not decide a size has the default of transformers.
 *
 * @throws TypeError, RangeError naming the field.
 */
export function modelOf(config: unknown): Model {
  const { model_type: type } = check(Typed, config);
  const found = ARCHITECTURES.get(type);
  if (found !== undefined) return found(config);
  const names = MODEL_TYPES.map((name) => JSON.stringify(name)).join(", ");
  throw wrongValue("model_type", `one of ${names}${perhaps(type, MODEL_TYPES)}`, type);
}
