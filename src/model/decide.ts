/** What a planned tensor carries of its scheme. */
import type { ModelScheme } from "../computed/options.js";
import { deriveModel } from "../computed/scheme.js";
import type { PlannedTensor } from "./model.js";

export type Decided = Pick<PlannedTensor, "scheme" | "distribution" | "fans">;

/** Resolves a scheme for a shape, once. */
export function decide(shape: readonly number[], scheme: ModelScheme): Decided {
  const { distribution, from, parts = [{ from }] } = deriveModel(shape, scheme);
  return { scheme, distribution, fans: parts.map((part) => part.from?.fans ?? null) };
}
