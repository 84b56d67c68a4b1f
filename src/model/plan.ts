/**
 * Plans: which scheme each tensor of a model starts from. The first rule that matches a tensor decides it. A plan cannot fail
 * silently: a rule that decides no tensor is an error, and so is a tensor that no rule matches.
 */
import { checkBoolean, checkCount, checkOneOf, show, wrongType, wrongValue } from "../check.js";
import { DTYPES } from "../dtype.js";
import { checkShape } from "../shape.js";
import { checkName, nameHash } from "../stream.js";
import { type Copy, withCopies } from "./copy.js";
import { decide } from "./decide.js";
import { ELEMENT_TYPES } from "./element.js";
import type { Parse } from "./expression.js";
import { extended } from "./extended.js";
import { forTensor, rangeError } from "./fault.js";
import { layerWeights } from "./layer.fans.js";
import {
  checkModel,
  checkSaved,
  type Model,
  type ModelTensor,
  type Plan,
  type PlannedModel,
  type PlannedTensor,
  ROLES,
} from "./model.js";
import { globOf, similarNames } from "./pattern.js";
import { applyRule, type CompiledRule, compileRule, copyBy, labelOf, matches } from "./rule.js";
import { type Undecided, undecidedError } from "./undecided.js";

/**
 * Checks what the rules of a plan are made of. Their schemes are checked when they decide a tensor; `parsePlan` of
 * nn-init/model checks everything at once, and names every fault.
 *
 * @throws TypeError, RangeError naming the rule.
 */
export function checkPlan(plan: Plan): Plan {
  const rules: unknown = Object(plan).rules;
  if (!Array.isArray(rules)) throw wrongType("plan", "an object with a list of rules", plan);
  for (const [index, rule] of rules.entries()) {
    const name = `plan.rules[${index}]`;
    if (typeof rule !== "object" || rule === null) throw wrongType(name, "an object", rule);
    const { match, regex, role, rank, optional, scheme, copy, norms } = rule as Record<string, unknown>;
    for (const [key, value] of Object.entries({ match, regex, scheme, copy, norms })) {
      if (value !== undefined && typeof value !== "string") throw wrongType(`${name}.${key}`, "a string", value);
    }
    if (role !== undefined) checkOneOf(`${name}.role`, role, ROLES);
    if (rank !== undefined) checkCount(`${name}.rank`, rank);
    if (optional !== undefined) checkBoolean(`${name}.optional`, optional);
    if (match === undefined && regex === undefined && role === undefined && rank === undefined) {
      throw wrongType(name, "match, regex, role or rank, to choose the tensors", "none of them");
    }
    const ways = [scheme, copy, norms].filter((one) => one !== undefined);
    if (ways.length !== 1) throw wrongType(`${name}.scheme`, "a scheme, or copy, or norms: one of them", ways);
  }
  return plan;
}

/** As `planModel`, for a plan of a program: it is checked by hand, so that nothing here needs zod. */
export const planInCode = (model: Model, plan: Plan | undefined, parse: Parse): PlannedModel =>
  planBy(model, plan === undefined ? model?.plan : checkPlan(plan), parse);

/**
 * Decides the scheme of every tensor of a model, by a plan that was checked: see planModel. Nothing here needs zod.
 *
 * @param plan rules for all tensors. None: schemes of the tensors' own.
 * @param parse the notation of expressions in rules that nobody checked.
 * @param own whether a tensor that no rule matches has its own scheme.
 */
export function planBy(model: Model, plan: Plan | undefined, parse: Parse, own = false): PlannedModel {
  checkModel(model);
  checkSaved(model);
  if (typeof model.variables !== "object" || model.variables === null) {
    throw wrongType("model.variables", "the numbers of a config, by name; or {}", model.variables);
  }
  const rules = plan?.rules.map((rule, index) => compileRule(rule, index, parse));
  if (model.dtype !== undefined) checkOneOf("model.dtype", model.dtype, DTYPES);
  checkTensors(model.tensors);
  const deciding = new Set<CompiledRule>();
  const decided: (PlannedTensor | Copy)[] = [];
  const undecided: Undecided[] = [];
  const tiedTo = tiesOf(model);
  const weightOf = layerWeights(model.tensors);
  for (const tensor of model.tensors) {
    const rule = rules?.find((rule) => matches(rule, tensor));
    const itsOwn = rules === undefined || (own && rule === undefined) ? ownOf(tensor) : undefined;
    const source = tiedTo(tensor);
    if (itsOwn !== undefined) decided.push(itsOwn);
    else if (source !== undefined && rule?.rule.copy === undefined && rule?.rule.scheme !== "skip") {
      decided.push({ tensor, from: { copy: source } });
    } else if (rule === undefined || rule.rule.scheme === "refuse") undecided.push({ tensor, by: rule });
    else {
      deciding.add(rule);
      if (rule.rule.scheme !== "skip") decided.push(decideBy(rule, tensor, model.variables, weightOf));
    }
  }
  for (const rule of rules ?? []) {
    if (!deciding.has(rule) && !rule.rule.optional && rule.rule.scheme !== "refuse")
      refuseIdleRule(rule, rules ?? [], model);
  }
  if (undecided.length > 0) throw undecidedError(undecided, rules, model.plan !== undefined);
  return { ...model, tensors: withCopies(decided, model.tensors) };
}

/** For each tensor the name of the one that it is tied to, if the model has both: files may store a tied tensor again. */
function tiesOf({ tensors, tied = {} }: Model): (tensor: ModelTensor) => string | undefined {
  if (Object.keys(tied).length === 0) return () => undefined;
  const names = new Set(tensors.map(({ name }) => name));
  return ({ name }) => {
    const source = Object.hasOwn(tied, name) ? tied[name] : undefined;
    return source !== undefined && names.has(source) ? source : undefined;
  };
}

/** What a tensor itself says, without a plan. */
function ownOf(tensor: ModelTensor): PlannedTensor | Copy | undefined {
  const { name, shape, scheme, copyOf, madeFrom } = tensor;
  if (copyOf !== undefined) return { tensor, from: { copy: copyOf } };
  if (madeFrom !== undefined) return { tensor, from: Object(madeFrom) };
  if (scheme === undefined) return undefined;
  return extended(
    tensor,
    forTensor(name, () => decide(shape, scheme)),
  );
}

function decideBy(
  rule: CompiledRule,
  tensor: ModelTensor,
  variables: Model["variables"],
  weightOf: ReturnType<typeof layerWeights>,
): PlannedTensor | Copy {
  const drawn = undecidedOf(tensor);
  const from = copyBy(rule, tensor, variables);
  if (from !== undefined) return { tensor: drawn, from, by: rule };
  return extended(drawn, { ...applyRule(rule, tensor, variables, weightOf(tensor)), rule: rule.index });
}

/** A tensor without what it says of its values, in place of which a plan decides. */
function undecidedOf(tensor: ModelTensor): ModelTensor {
  if (!("copyOf" in tensor) && !("madeFrom" in tensor)) return tensor; // nearly always: very many need no second object
  const { copyOf: _, madeFrom: __, ...drawn } = tensor;
  return drawn;
}

/** Checks names, shapes and element types. Tensors of equal names, or of names whose hashes collide, would have equal values. */
function checkTensors(tensors: readonly ModelTensor[]): void {
  const names = new Map<number, string>(); // by 52 of the 64 bits of their hashes
  const others = new Map<string, string>(); // by all bits, those whose 52 bits an earlier name has
  for (const { name, shape, dtype } of tensors) {
    if (checkName(name) === "__metadata__") {
      throw wrongValue("name", "one that safetensors files do not reserve", name);
    }
    forTensor(name, () => {
      checkShape(shape);
      if (dtype !== undefined) checkOneOf("dtype", dtype, ELEMENT_TYPES);
    });
    const { low, high } = nameHash(name);
    const part = high * 0x100000 + (low >>> 12);
    const first = names.get(part);
    if (first === undefined) {
      names.set(part, name);
      continue;
    }
    const hash = hashText(name);
    const other = hashText(first) === hash ? first : others.get(hash);
    if (other === name) throw new RangeError(`two tensors are named ${show(name)}`);
    if (other !== undefined) {
      throw rangeError(`${show(other)} and ${show(name)} have the same hash and would have equal values; rename one`);
    }
    others.set(hash, name);
  }
}

function hashText(name: string): string {
  const { low, high } = nameHash(name);
  return `${high}:${low}`;
}

function refuseIdleRule(idle: CompiledRule, rules: readonly CompiledRule[], model: Model): never {
  const { rule, index } = idle;
  const { tensors } = model;
  const fail = (text: string): never => {
    throw rangeError(`${labelOf(idle)} decides no tensor: ${text}, or add "optional": true`);
  };
  const matching = tensors.filter((tensor) => matches(idle, tensor));
  const [first] = matching;
  if (first !== undefined) {
    const tied = tiesOf(model)(first);
    if (tied !== undefined) return fail(`${show(first.name)} is tied to ${show(tied)}, as its config says; remove it`);
    const earlier = rules.find((other) => other.index < index && matches(other, first));
    const label = earlier === undefined ? earlier : labelOf(earlier);
    return fail(`${label} comes first and decides ${andMore(matching.map(({ name }) => name))}; move it up`);
  }
  const { match, regex, role } = rule;
  if (role !== undefined && tensors.every((tensor) => tensor.role === undefined)) {
    return fail("the roles of this model's tensors are unknown, because no config describes it; use match or regex");
  }
  const pattern = match ?? (regex === undefined ? undefined : globOf(regex));
  if (pattern !== undefined) {
    const names = tensors.map(({ name }) => name);
    return fail(`it matches no name; similar names are ${similarNames(pattern, names)}; correct it`);
  }
  if (role !== undefined) {
    const roles = [...new Set(tensors.map((tensor) => tensor.role))].filter((one) => one !== undefined);
    return fail(`the model has the roles ${roles.map(show).join(", ")}; correct it`);
  }
  const ranks = [...new Set(tensors.map(({ shape }) => shape.length))].sort((a, b) => a - b);
  return fail(`the tensors of the model have ${ranks.join(" or ")} axes; correct it`);
}

/** The first name, and how many others there are. */
const andMore = (names: readonly string[]): string =>
  `${show(names[0])}${names.length > 1 ? ` and ${names.length - 1} more` : ""}`;
