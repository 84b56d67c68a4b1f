/** Plans whose rules are there only under conditions. */
import type { Parse } from "../model/expression.js";
import type { Plan, PlanRule } from "../model/model.js";
import { type Regex, setParsed } from "../model/rule.js";
import type { ConditionalRule } from "./file.js";

/** A plan of the rules whose conditions hold, with their regular expressions compiled, and what parses their expressions. */
export function planWhere(
  rules: readonly ConditionalRule[],
  holds: (condition: ConditionalRule["if"]) => boolean,
  parse: Parse,
  regexOf: (pattern: string) => Regex,
): Plan {
  const kept = rules.filter((rule) => holds(rule.if)).map(({ if: _, ...rule }) => rule as PlanRule);
  for (const rule of kept)
    setParsed(rule, { parse, regex: rule.regex === undefined ? undefined : regexOf(rule.regex) });
  return { rules: kept };
}
