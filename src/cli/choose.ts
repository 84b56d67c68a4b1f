/** The model that a command names, and the plan that decides its tensors: what `init` and `plan` have in common. */
import { printable } from "../check.js";
import { inFile } from "../file/json.js";
import { readArchitectures, readPlan, readSource } from "../file/read.js";
import type { Model, Plan, PlannedModel, PlanRule } from "../model/model.js";
import { planModel } from "../model/parse.js";
import type { Scheme } from "../scheme/options.js";
import type { Io } from "./io.js";
import { planByScheme } from "./scheme.plan.js";

/** Which plan: a file, or one scheme for all weights; and files of families that are not built in. */
export interface PlanFlags {
  readonly architecture?: readonly string[];
  readonly plan?: string;
  readonly scheme?: Scheme;
}

/** A model that was planned. */
export interface ChosenPlan {
  readonly planned: PlannedModel;
  readonly plan?: Plan;
  /** The config that it was made of, if any. */
  readonly config?: object;
}

/** @throws Error naming the file of the plan or of the model, or `--scheme`, whichever does not fit. */
export function choosePlan(path: string, { plan: planPath, scheme, architecture }: PlanFlags): ChosenPlan {
  const { path: file, model, checkpoint, siblingConfig, config } = readSource(path, readArchitectures(architecture));
  const from = config === undefined ? {} : { config };
  if (scheme !== undefined) return { ...planByScheme(model, scheme), ...from };
  if (planPath !== undefined) {
    const plan = readPlan(planPath);
    return { planned: inFile(planPath, () => planModel(model, plan)), plan, ...from };
  }
  if (checkpoint !== undefined && model.plan === undefined) {
    const why =
      siblingConfig === undefined
        ? "no config is beside it"
        : `the config beside it is of "${siblingConfig.name}", which is not known`;
    throw new Error(`${file}: ${why}, so --plan is required, or --scheme with --layout`);
  }
  const planned = inFile(file, () => planModel(model));
  return model.plan === undefined ? { planned, ...from } : { planned, plan: model.plan, ...from };
}

/** The plan of a model whose tensors have their own schemes: a rule for each. */
export function planOf(model: Model): Plan {
  const rules = model.tensors.map(({ name, scheme, copyOf, madeFrom }): PlanRule => {
    const decision = copyOf === undefined ? (madeFrom ?? scheme) : { copy: copyOf };
    const plain = !/[*?]/.test(name);
    const regex = `^${name.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")}$`;
    return { ...(plain ? { match: name } : { regex }), ...(decision as object) } as PlanRule;
  });
  return { rules };
}

/** Warns of fields of the model's config of which nothing is known: they might change its tensors. */
export function warnOfUnknownFields({ name, unknownFields = [] }: Model, io: Pick<Io, "warn">): void {
  if (unknownFields.length === 0) return;
  io.warn(
    `${printable(name)}: ignored fields of the config that are not known: ${printable(unknownFields.join(", "))}\n`,
  );
}
