/** What is said of a model in which nothing is drawn. */
import { show } from "../../check.js";
import { clippedList } from "./list.js";
import { type OnnxProto, opName } from "./proto.js";
import type { LeftTensor } from "./weight.js";

const MOST_REASONS = 6;
const KNOWN_DOMAINS = ["", "com.microsoft"];

/** Whether operators of a domain are known, though not all of them have weights. */
export const isKnownDomain = (domain: string): boolean => KNOWN_DOMAINS.includes(domain);

/** @param foreign operators of other domains, which may keep their numbers in attributes. */
export function noWeights(name: string, left: readonly LeftTensor[], foreign: readonly string[] = []): RangeError {
  const reasons = left.slice(0, MOST_REASONS).map((tensor) => `${show(tensor.name)}: ${tensor.why}`);
  if (left.length > MOST_REASONS) reasons.push(`${left.length} tensors in all`);
  if (foreign.length > 0) reasons.push(`operators that are not known: ${clippedList(foreign)}`);
  const found = reasons.length > 0 ? ` (${reasons.join("; ")})` : "";
  const drawable = left.find((tensor) => tensor.drawable);
  const how = drawable === undefined ? "" : `; a plan with ${ruleFor(drawable)} draws one`;
  return new RangeError(`${name}: expected weights, found none${found}${how}`);
}

/** A rule of a plan for a tensor that is left, but for its scheme. */
export const ruleFor = ({ name }: LeftTensor): string => `{ "match": ${show(name)}, "scheme": ... }`;

/** The operators of a model that belong to other domains and are no functions of it. */
export function foreignIn({ graph, functions }: OnnxProto): readonly string[] {
  const own = new Set(functions.map(({ domain, name }) => opName({ domain, op: name })));
  const names = graph.nodes.filter(({ domain }) => !isKnownDomain(domain)).map(opName);
  return [...new Set(names)].filter((name) => !own.has(name));
}
