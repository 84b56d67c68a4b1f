/** The model that a command names, and the plan that decides its tensors: what `init` and `plan` have in common. */
import { isTested } from "../architecture/named.js";
import { printable, show } from "../check.js";
import { fileError, inFile } from "../checkpoint/place.js";
import { type ModelSource, readArchitectures, readPlans, readSource } from "../file/read.js";
import type { Model, Plan, PlannedModel, PlanRule } from "../model/model.js";
import { planModel } from "../model/parse.js";
import type { Scheme } from "../scheme/options.js";
import type { Io } from "./io.js";
import { planByScheme } from "./scheme.plan.js";

/** Which plan: files and names, or one scheme for all weights; files of families that are not built in; a config. */
export interface PlanFlags {
  readonly architecture?: readonly string[];
  readonly config?: string;
  readonly plan?: readonly string[];
  readonly scheme?: Scheme;
}

/** A model that was planned. */
export interface ChosenPlan {
  readonly planned: PlannedModel;
  readonly plan?: Plan;
  /** The config that it was made of, if any. */
  readonly config?: object;
}

/**
 * @param onModel is called before the model is planned.
 * @throws Error naming the file of the plan or of the model, or `--scheme`, whichever does not fit.
 */
export function choosePlan(path: string, flags: PlanFlags, onModel: (model: Model) => void = () => {}): ChosenPlan {
  const source = readSource(path, readArchitectures(flags.architecture), flags.config);
  checkNames(source, flags);
  const chosen = planFor(path, source, flags, onModel);
  checkTypes(source.path, chosen.planned);
  return chosen;
}

/** @throws Error naming the checkpoint, where a plan would be blamed for what the checkpoint lacks. */
function checkNames({ path, checkpoint }: ModelSource, { plan }: PlanFlags): void {
  if (checkpoint === undefined) return;
  const { tensors } = checkpoint;
  if (tensors.some(({ name }) => name === "")) throw fileError(path, 'expected tensors with names, got one named ""');
  if (plan !== undefined && tensors.length === 0) throw fileError(path, "expected tensors for the plan, got none");
}

/** @throws Error for a tensor of whole or complex numbers, which no dtype in place of its own would hold. */
function checkTypes(file: string, { tensors }: PlannedModel): void {
  // Only types that are not drawn are kept as they are called in the file: F8_E4M3, F4 and so on are floats.
  const wrong = tensors.find(({ storedType = "F" }) => !storedType.startsWith("F"));
  if (wrong === undefined) return;
  const { name, storedType } = wrong;
  const rule = JSON.stringify({ match: name, scheme: "skip" });
  const why = `its type, ${storedType}, is not drawn, and no dtype is like it`;
  throw fileError(file, `tensor ${show(name)}: ${why}; leave it out by a rule of a plan: ${printable(rule)}`);
}

function planFor(
  path: string,
  source: ModelSource,
  { plan: paths, scheme, config: configPath }: PlanFlags,
  onModel: (model: Model) => void,
): ChosenPlan {
  const { path: file, model, checkpoint, siblingConfig, config } = source;
  const from = config === undefined ? {} : { config };
  onModel(model);
  if (scheme !== undefined) return { ...planByScheme(model, scheme), ...from };
  if (paths !== undefined) {
    const plan = readPlans(paths, model);
    return { planned: inFile(paths.join(", "), () => planModel(model, plan)), plan, ...from };
  }
  if (checkpoint !== undefined && model.plan === undefined) {
    const why =
      siblingConfig === undefined
        ? "no config is beside it"
        : `the config ${configPath === undefined ? "beside it" : printable(configPath)} is of ${show(siblingConfig.name)}, which is not known`;
    const described = siblingConfig === undefined ? "config.json" : configPath;
    const also = described === undefined ? "" : ` --config ${printable(described)}`;
    const command = `nn-init init ${printable(path)} --plan @transformers${also}`;
    throw fileError(file, `${why}, so --plan is required, or --scheme with --layout; try: ${command}`);
  }
  const planned = inFile(file, () => planModel(model));
  return model.plan === undefined ? { planned, ...from } : { planned, plan: model.plan, ...from };
}

/** The plan of a model whose tensors have their own schemes: a rule for each. */
export function planOf(model: Model): Plan {
  const rules = model.tensors.map(({ name, scheme, copyOf, madeFrom }): PlanRule => {
    const decision = copyOf === undefined ? (madeFrom ?? scheme) : { copy: copyOf };
    const plain = !/[*?]/.test(name);
    const regex = `^${name.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")}$`;
    return { ...(plain ? { match: name } : { regex }), ...(decision as object) } as PlanRule;
  });
  return { rules };
}

/** Warns of a plan by name that was not compared with the library for this type. */
export function warnOfUntested(model: Model, { plan = [] }: PlanFlags, io: Pick<Io, "warn">): void {
  if (!plan.includes("@transformers") || isTested(model)) return;
  const type = show(model.modelType ?? "");
  io.warn(
    `@transformers: of ${type} it is not known whether it has an initialization of its own; these are the rules for any model\n`,
  );
}

/** Warns of fields of the model's config of which nothing is known: they might change its tensors. */
export function warnOfUnknownFields({ name, unknownFields = [] }: Model, io: Pick<Io, "warn">): void {
  if (unknownFields.length === 0) return;
  io.warn(
    `${printable(name)}: ignored fields of the config that are not known: ${printable(unknownFields.join(", "))}\n`,
  );
}
