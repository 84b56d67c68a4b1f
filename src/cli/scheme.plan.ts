/** The plan behind `--scheme`: one scheme for all weights. What a tensor is, its config says, else its name. */
import { show } from "../check.js";
import type { Model, Plan, PlannedModel, PlanRule } from "../model/model.js";
import { withRoles } from "../model/naming.js";
import { planModel } from "../model/parse.js";
import { RuleError } from "../model/rule.js";
import { UndecidedError } from "../model/undecided.js";
import { EMBEDDING } from "../recipes/recommend/layer.js";
import type { Scheme } from "../scheme/options.js";
import { optionsOf } from "../scheme/scheme.js";

/** What is no weight starts from what its role says. */
const OTHERS: readonly PlanRule[] = [
  { match: "*running_var", role: "buffer", scheme: "ones", optional: true },
  { role: "buffer", scheme: "zeros", optional: true },
  { role: "bias", scheme: "zeros", optional: true },
  { role: "normalization", scheme: "ones", optional: true },
];
/** Rows are looked up and nothing is summed, so an embedding has no fan: by a scheme with fans it starts as `recommend` says. */
const LOOKED_UP: PlanRule = { role: "embedding", ...EMBEDDING.scheme, optional: true };

const WEIGHTS = ["weight", "embedding", "residual", "router", "head"] as const;

/** Whether a scheme takes its variance from the fans that the shape has, none being given. */
const hasFans = (scheme: Scheme): boolean =>
  optionsOf(scheme.scheme).includes("fans") && !["fans", "axes", "equation"].some((key) => key in scheme);

/** @throws Error in terms of `--scheme`: the user wrote no rules. */
export function planByScheme(model: Model, scheme: Scheme): { readonly planned: PlannedModel; readonly plan: Plan } {
  const described = { ...model, tensors: withRoles(model.tensors) };
  const weights = WEIGHTS.map((role): PlanRule => ({ role, ...scheme, optional: true }));
  const others = hasFans(scheme) ? [...OTHERS, LOOKED_UP] : OTHERS;
  const plan = { rules: [...others, ...weights] };
  const planned = planInTermsOfScheme(described, plan, scheme);
  if (planned.tensors.some(({ rule = 0 }) => rule >= others.length)) return { planned, plan };
  const isEmbedded = planned.tensors.some(({ role }) => role === "embedding");
  const all = `biases, scales or buffers${isEmbedded ? ", or embeddings, which have no fans" : ""}`;
  throw new Error(`--scheme ${scheme.scheme} decides no tensor: by their names, all are ${all}`);
}

function planInTermsOfScheme(model: Model, plan: Plan, { scheme: name }: Scheme): PlannedModel {
  try {
    return planModel(model, plan);
  } catch (error) {
    if (error instanceof UndecidedError) {
      const { which, kinds } = error;
      const why = `it draws what its config or name says is a weight, and ${which} says nothing; give a plan in place of --scheme`;
      throw new Error(`--scheme ${name}: ${why}${kinds}`, { cause: error });
    }
    if (!(error instanceof RuleError)) throw error;
    const { tensor, reason } = error;
    const hint = reason.message.startsWith("layout:") ? "; give --layout" : "";
    throw new Error(`--scheme ${name}: tensor ${show(tensor)}: ${reason.message}${hint}`, { cause: error });
  }
}
