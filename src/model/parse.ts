/** Plans as JSON: checked by the grammar, and then by which a model is planned. */
import { clipped } from "../check.js";
import { parseBy } from "./fault.js";
import { PlanJson } from "./grammar.js";
import { parseInfix } from "./infix.js";
import { planInMemory } from "./memory.js";
import { checkModel, type Model, type Plan, type PlannedModel, type PlanRule } from "./model.js";
import { planBy } from "./plan.js";
import { compileRegex } from "./regex.js";
import { type Regex, setParsed } from "./rule.js";

/**
 * Checks the JSON of a plan. The same grammar is published as a JSON Schema, `nn-init/plan.schema.json`.
 *
 * @param json `{ "rules": [...] }`, parsed: see `PlanRule`.
 * @throws TypeError with the place of each fault: unknown keys, missing options, rules without a criterion, regular
 * expressions that do not compile.
 * @example
 * ```js
 * import { parsePlan } from "nn-init/model";
 *
 * const plan = parsePlan({ rules: [{ match: "*", scheme: "normal", std: "0.02 / sqrt(2 * n_layer)" }] });
 * console.log(plan.rules.length); // 1
 * ```
 */
export function parsePlan(json: unknown): Plan {
  const rules = parseBy(PlanJson, json, "not a plan").rules as unknown as PlanRule[];
  for (const [index, rule] of rules.entries()) {
    setParsed(rule, { parse: parseInfix, regex: rule.regex === undefined ? undefined : regexOf(rule.regex, index) });
  }
  return { rules };
}

function regexOf(regex: string, index: number): Regex {
  try {
    return compileRegex(regex);
  } catch (error) {
    throw new TypeError(clipped(`not a plan\nrules[${index}].regex: ${(error as Error).message}`), { cause: error });
  }
}

/**
 * Decides the scheme of every tensor of a model. A scheme that needs fans and gives no layout takes the layout of the
 * tensor. For a packed tensor, such as query, key and value in one, each part has its own fans.
 *
 * @param model from `modelOf` or `modelOfShapes`.
 * @param plan rules for all tensors. Default: schemes of the tensors' own, else the model's plan.
 * @returns the model with a scheme, a distribution and the number of the rule for each tensor, without those that a rule
 * skips.
 * @throws RangeError naming the rule or the tensor, and similar names: for a rule that decides no tensor, a tensor that no
 * rule matches, a scheme that cannot take a shape, an expression without a value, two tensors of one name.
 * @example
 * ```js
 * import { modelOf, planModel } from "nn-init/model";
 *
 * const model = modelOf({ model_type: "gpt2", n_layer: 12, n_embd: 768, n_positions: 1024, vocab_size: 50257 });
 * const tensor = planModel(model).tensors[3];
 * console.log(tensor?.name, JSON.stringify(tensor?.scheme)); // transformer.h.0.attn.c_proj.weight {"scheme":"normal","std":0.004082482904638631}
 * ```
 */
export function planModel(model: Model, plan: Plan | undefined = model?.plan): PlannedModel {
  const parsed = plan === undefined ? undefined : parsePlan(plan);
  checkModel(model);
  const { saved } = model;
  return saved === undefined
    ? planBy(model, parsed, parseInfix)
    : planInMemory(model, planBy(saved, parsed, parseInfix));
}
