/** The plan behind `--scheme`: one scheme for everything that is not a vector of a known name. */
import { show } from "../check.js";
import type { Model, Plan, PlannedModel, PlanRule } from "../model/model.js";
import { planModel } from "../model/parse.js";
import { RuleError } from "../model/rule.js";
import type { Scheme } from "../scheme/options.js";

/** Vectors and scalars start from what their names say: buffers of a batch normalization, biases, scales. */
const VECTORS: readonly PlanRule[] = [
  { match: "*running_mean", rank: 1, scheme: "zeros", optional: true },
  { match: "*running_var", rank: 1, scheme: "ones", optional: true },
  { match: "*num_batches_tracked", rank: 0, scheme: "zeros", optional: true },
  { regex: "(^|[._/])(bias|beta|b)$", rank: 1, scheme: "zeros", optional: true },
  { regex: "(^|[._/])(weight|gamma|scale|g)$", rank: 1, scheme: "ones", optional: true },
];
const LAST = VECTORS.length; // index of the rule that has the scheme

/** @throws Error in terms of `--scheme`: the user wrote no rules. */
export function planByScheme(model: Model, scheme: Scheme): { readonly planned: PlannedModel; readonly plan: Plan } {
  const last: PlanRule = { match: "*", ...scheme };
  const planned = planInTermsOfScheme(model, [...VECTORS, { ...last, optional: true }], scheme);
  if (planned.tensors.some(({ rule }) => rule === LAST)) return { planned, plan: { rules: [...VECTORS, last] } };
  throw new Error(`--scheme ${scheme.scheme} decides no tensor: by their names, all are biases, scales or buffers`);
}

function planInTermsOfScheme(model: Model, rules: readonly PlanRule[], { scheme: name }: Scheme): PlannedModel {
  try {
    return planModel(model, { rules });
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    const { tensor, reason } = error;
    const hint = reason.message.startsWith("layout:") ? "; give --layout" : "";
    throw new Error(`--scheme ${name}: tensor ${show(tensor)}: ${reason.message}${hint}`, { cause: error });
  }
}
