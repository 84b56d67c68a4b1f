/** Tensors that a plan does not decide: which, why, and the rules that would decide them. */
import { clipped, show } from "../check.js";
import type { ModelTensor } from "./model.js";
import { similarNames } from "./pattern.js";
import type { CompiledRule } from "./rule.js";

export interface Undecided {
  readonly tensor: ModelTensor;
  /** The rule that refuses it; none if no rule matches. */
  readonly by: CompiledRule | undefined;
}

/** A plan that does not decide every tensor. */
export class UndecidedError extends RangeError {
  /** @param kinds the rules that would decide them, as lines. */
  constructor(
    message: string,
    readonly which: string,
    readonly kinds: string,
  ) {
    super(clipped(`${message}${kinds}`));
  }
}

/** @param hasOwn whether the model has a plan of its own, which was not given. */
export function undecidedError(
  undecided: readonly Undecided[],
  rules: readonly CompiledRule[] | undefined,
  hasOwn: boolean,
): UndecidedError {
  const [first, ...others] = undecided.map(({ tensor: { name } }) => name);
  const which = `${show(first)}${others.length > 0 ? ` and ${others.length} more` : ""}`;
  if (rules === undefined) {
    return new UndecidedError(`no scheme for ${which}: a plan is required, such as ${EXAMPLE}`, which, "");
  }
  const kinds = `; rules before the others decide them, with a scheme in place of ...\n${kindsOf(undecided)}`;
  if (undecided.some(({ by }) => by !== undefined)) {
    return new UndecidedError(`the plan refuses to decide ${which}`, which, kinds);
  }
  const globs = rules.flatMap(({ rule: { match } }) => (match === undefined ? [] : [match]));
  const similar = similarNames(first as string, globs);
  const hint = similar === "" ? "" : `; similar patterns are ${similar}`;
  const own = hasOwn ? "the model's own rules after yours (nn-init plan CONFIG --print, or model.plan), " : "";
  const last = `add ${own}a rule, or { "match": "*", ... } as the last one`;
  return new UndecidedError(`no rule matches ${which}${hint}; ${last}`, which, kinds);
}

const EXAMPLE = '{ "rules": [{ "match": "*", "scheme": "normal", "std": 0.02 }] }';

const MOST_KINDS = 12; // that a message lists

/** A line for each kind of name: the rule that would decide it, how many there are, a shape, and why it is refused. */
function kindsOf(undecided: readonly Undecided[]): string {
  const kinds = new Map<string, Undecided[]>();
  for (const each of undecided) {
    const glob = globOfKind(each.tensor.name);
    const same = kinds.get(glob);
    if (same === undefined) kinds.set(glob, [each]);
    else same.push(each);
  }
  const lines = [...kinds].slice(0, MOST_KINDS).map(([glob, same]) => {
    const { tensor, by } = same[0] as Undecided;
    const many = same.length > 1 ? `${same.length} tensors such as ` : "";
    const why = by?.rule.comment === undefined ? "" : `: ${by.rule.comment}`;
    return `  { "match": ${JSON.stringify(glob)}, "scheme": ... }   ${many}${show(tensor.name)} ${show(tensor.shape)}${why}`;
  });
  if (kinds.size > MOST_KINDS) lines.push(`  ... ${kinds.size} kinds in all`);
  return lines.join("\n");
}

/** A glob for names that end alike: `*.A_log` for `layers.0.mixer.A_log`, `*.stem.*.weight` for `stem.0.weight`. */
function globOfKind(name: string): string {
  const parts = name.split(".");
  let begin = parts.length - (/^(weight|bias)$/.test(parts.at(-1) as string) ? 2 : 1);
  while (begin > 0 && /^\d+$/.test(parts[begin] as string)) begin -= 1;
  const glob = parts.slice(Math.max(begin, 0)).join(".").replace(/\d+/g, "*");
  return begin > 0 ? `*.${glob}` : glob;
}
