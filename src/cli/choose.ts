/** The model that a command names, and the plan that decides it: what `init` and `plan` have in common. */

import { inFile } from "../file/json.js";
import { planOfScheme, readPlan, readSource } from "../file/read.js";
import type { Model, Plan, PlannedModel, PlanRule } from "../model/model.js";
import { planModel } from "../model/plan.js";
import type { Layout } from "../scheme/fans.js";
import type { SchemeName } from "../scheme/options.js";

export interface PlanFlags {
  readonly plan?: string;
  readonly scheme?: SchemeName;
  readonly layout?: Layout;
}

/** @throws Error naming the file: of the plan, where that does not fit the model. */
export function choosePlan(path: string, flags: PlanFlags): { readonly planned: PlannedModel; readonly plan?: Plan } {
  const { path: file, model, checkpoint, siblingConfig: beside } = readSource(path);
  const plan = chosen(flags);
  if (plan !== undefined) return { planned: inFile(flags.plan ?? "--scheme", () => planModel(model, plan)), plan };
  if (checkpoint !== undefined && model.plan === undefined) {
    const why =
      beside === undefined
        ? "no config is beside it"
        : `the config beside it is of "${beside.name}", which is not known`;
    throw new Error(`${file}: ${why}, so --plan is required, or --scheme with --layout`);
  }
  const planned = inFile(file, () => planModel(model));
  return model.plan === undefined ? { planned } : { planned, plan: model.plan };
}

function chosen({ plan, scheme, layout }: PlanFlags): Plan | undefined {
  if (plan !== undefined && scheme !== undefined) throw new Error("expected --plan or --scheme, got both");
  if (layout !== undefined && scheme === undefined) throw new Error("--layout goes with --scheme");
  if (plan !== undefined) return readPlan(plan);
  return scheme === undefined ? undefined : planOfScheme(scheme, layout);
}

/** The plan of a model whose tensors have schemes of their own: a rule for each. */
export function planOf(model: Model): Plan {
  const rules = model.tensors.map(({ name, scheme }): PlanRule => {
    const plain = !/[*?]/.test(name);
    const regex = `^${name.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")}$`;
    return { ...(plain ? { match: name } : { regex }), ...(scheme as object) } as PlanRule;
  });
  return { rules };
}
