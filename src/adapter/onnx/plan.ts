/** Plans for ONNX models: rules go before the schemes that follow from the graph. */
import { show } from "../../check.js";
import { parseInfix } from "../../model/infix.js";
import type { Model, ModelTensor, Plan, PlannedModel } from "../../model/model.js";
import { checkPlan, planBy } from "../../model/plan.js";
import { type CompiledRule, compileRule, labelOf, matches } from "../../model/rule.js";
import { dtypeOf } from "./element.js";
import type { OnnxModel } from "./model.js";
import { type OnnxOrigin, originOf } from "./origin.js";
import { noWeights } from "./refusal.js";
import type { LeftTensor } from "./weight.js";

/**
 * Decides how each weight of an ONNX model starts. A weight that no rule matches starts as its layer suggests. A tensor that
 * is no weight stays as it is, unless a rule names it exactly or has `role: "buffer"`.
 *
 * @param model from `readOnnx`.
 * @param plan rules, in order of precedence. Default: none.
 * @throws TypeError for what is no model from `readOnnx`; what `planModel` of nn-init/model throws; RangeError for a rule that
 * names a tensor which cannot be drawn.
 */
export function planOnnx(model: OnnxModel, plan?: Plan): PlannedModel {
  const { stored } = originOf(model);
  if (plan === undefined) return planBy(plainModel(model, someOf(model, model.tensors)), undefined, parseInfix);
  const rules = checkPlan(plan).rules.map((rule, index) => compileRule(rule, index, parseInfix));
  const spoken = model.left.flatMap((left) => spokenOf(left, stored, rules));
  return planBy(plainModel(model, someOf(model, [...model.tensors, ...spoken])), plan, parseInfix, true);
}

/** @throws RangeError if there are none. */
function someOf({ name, left }: OnnxModel, tensors: readonly ModelTensor[]): readonly ModelTensor[] {
  if (tensors.length === 0) throw noWeights(name, left);
  return tensors;
}

const plainModel = ({ name }: OnnxModel, tensors: readonly ModelTensor[]): Model => ({
  ...{ name, tensors, variables: {}, tied: {} },
});

/** The tensor, if a rule speaks of it. */
function spokenOf(
  left: LeftTensor,
  stored: OnnxOrigin["stored"],
  rules: readonly CompiledRule[],
): readonly ModelTensor[] {
  const { name, dims, type, why } = left;
  const own = stored.get(name);
  const dtype = own === undefined ? undefined : dtypeOf(own.tensor);
  const tensor: ModelTensor = { name, shape: dims, role: "buffer", ...(dtype !== undefined && { dtype }) };
  const rule = rules.find((one) => matches(one, tensor) && (one.rule.match === name || one.rule.role === "buffer"));
  if (rule === undefined) return [];
  if (rule.rule.scheme === "skip") return [tensor];
  if (left.drawable) return [tensor];
  if (rule.rule.match !== name) return [];
  throw new RangeError(`${labelOf(rule)}, tensor ${show(name)}: expected one that can be drawn, got ${type}: ${why}`);
}
