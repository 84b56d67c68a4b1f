/** Plans whose rules are there only under conditions. */
import type { Plan, PlanRule } from "../model/model.js";
import { type Regex, setRegex } from "../model/rule.js";
import type { ConditionalRule } from "./file.js";

/** A plan of the rules whose conditions hold, with their regular expressions compiled. */
export function planWhere(
  rules: readonly ConditionalRule[],
  holds: (condition: ConditionalRule["if"]) => boolean,
  regexOf: (pattern: string) => Regex,
): Plan {
  const kept = rules.filter((rule) => holds(rule.if)).map(({ if: _, ...rule }) => rule as PlanRule);
  for (const rule of kept) if (rule.regex !== undefined) setRegex(rule, regexOf(rule.regex));
  return { rules: kept };
}
