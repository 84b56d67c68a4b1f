/** What a planned tensor carries of its scheme. */
import type { Scheme } from "../scheme/options.js";
import { derive } from "../scheme/scheme.js";
import type { PlannedTensor } from "./model.js";

export type Decided = Pick<PlannedTensor, "scheme" | "distribution" | "fans">;

/** Resolves a scheme for a shape, once. */
export function decide(shape: readonly number[], scheme: Scheme): Decided {
  const { distribution, from, parts = [{ from }] } = derive(shape, scheme);
  return { scheme, distribution, fans: parts.map((part) => part.from?.fans ?? null) };
}
