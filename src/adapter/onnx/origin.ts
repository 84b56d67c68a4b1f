/** What a model that was read keeps of its file, out of sight of its users. */
import { wrongType } from "../../check.js";
import type { ByteSource } from "../../checkpoint/bytes.js";
import type { StoredValue } from "./view.js";

/** Where a model comes from. */
export interface OnnxOrigin {
  /** By location; "" is the model. */
  readonly sources: ReadonlyMap<string, ByteSource>;
  /** By the tensor's name. */
  readonly stored: ReadonlyMap<string, StoredValue>;
}

const origins = new WeakMap<object, OnnxOrigin>();

export const setOrigin = (model: object, origin: OnnxOrigin): void => void origins.set(model, origin);

/** @throws TypeError for what `readOnnx` did not make. */
export function originOf(model: object): OnnxOrigin {
  const origin = origins.get(model);
  if (origin === undefined) throw wrongType("model", "a model from readOnnx", model);
  return origin;
}
