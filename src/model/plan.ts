/**
 * Plans: which scheme each tensor of a model starts from, by rules of which the first that matches decides. A plan cannot
 * fail silently: a rule that decides nothing and a tensor that nothing decides are errors.
 */
import * as z from "./zod.js";
import { show, wrongType, wrongValue } from "../check.js";
import type { Distribution } from "../distribution.js";
import { type Layout, PLACES } from "../scheme/fans.js";
import type { Scheme, SchemeName } from "../scheme/options.js";
import { defaultLayout, optionsOf, resolve, scheme } from "../scheme/scheme.js";
import { checkShape } from "../shape.js";
import { checkName, nameHash } from "../stream.js";
import { evaluate } from "./expression.js";
import { PlanJson } from "./grammar.js";
import type { Model, ModelTensor, Plan, PlannedModel, PlannedTensor, PlanRule } from "./model.js";
import { closest, globOf, globs } from "./pattern.js";

/**
 * A plan from its JSON.
 *
 * @throws TypeError with the place of each fault.
 */
export function parsePlan(json: unknown): Plan {
  const result = PlanJson.safeParse(json);
  if (!result.success) throw new TypeError(`not a plan\n${z.prettifyError(result.error)}`);
  const { rules } = result.data;
  rules.forEach(({ regex }, i) => {
    if (regex !== undefined) compile(String(regex), `rules[${i}].regex`);
  });
  return { rules: rules as unknown as PlanRule[] };
}

function compile(regex: string, place: string): RegExp {
  try {
    return new RegExp(regex, "u");
  } catch (error) {
    throw new TypeError(`not a plan\n${place}: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Decides every tensor of a model; without a plan, by the model's own. A scheme that needs fans and is not told where
 * they are takes them from the tensor's layout; of a packed tensor each part has its own.
 *
 * @throws RangeError naming the rule, and the tensors nearest to what it says: for a rule that decides no tensor, a tensor
 * that no rule decides, a scheme that cannot take a shape, an expression that has no value.
 */
export function planModel(model: Model, plan: Plan | undefined = model?.plan): PlannedModel {
  checkModel(model);
  const given = plan === undefined ? undefined : parsePlan(plan);
  const rules = (given?.rules ?? []).map(matcher);
  const decided = new Set<Matcher>();
  const tensors: PlannedTensor[] = [];
  const undecided: string[] = [];
  checkTensors(model.tensors);
  for (const tensor of model.tensors) {
    const own = given === undefined ? tensor.scheme : undefined;
    if (own !== undefined) {
      tensors.push({ ...tensor, scheme: own, distribution: ownDistribution(tensor, own) });
      continue;
    }
    const rule = rules.find((rule) => matches(rule, tensor));
    if (rule === undefined) undecided.push(tensor.name);
    else decided.add(rule);
    if (rule !== undefined && rule.json.scheme !== "skip") {
      tensors.push({ ...tensor, ...drawnBy(rule, tensor, model.variables), rule: rule.index });
    }
  }
  for (const rule of rules) if (!decided.has(rule) && !rule.json.optional) refuseIdle(rule, rules, model);
  refuseUndecided(undecided, given);
  return { ...model, tensors };
}

interface Matcher {
  readonly json: PlanRule;
  readonly index: number;
  /** How an error names it. */
  readonly label: string;
  readonly regex: RegExp | undefined;
}

function checkModel(model: Model): void {
  if (Array.isArray(model?.tensors) && typeof model.variables === "object") return;
  throw wrongType("model", "a model from modelOf or modelOfShapes", model);
}

/** Equal names would be equal tensors, and so would names whose hashes collide. */
function checkTensors(tensors: readonly ModelTensor[]): void {
  const seen = new Map<string, string>();
  for (const { name, shape } of tensors) {
    checkShape(shape);
    if (checkName(name) === "__metadata__") throw wrongValue("name", "one that safetensors has no other use for", name);
    const { low, high } = nameHash(name);
    const other = seen.get(`${high}:${low}`);
    if (other === name) throw new RangeError(`two tensors are named ${show(name)}`);
    if (other !== undefined) throw new RangeError(`${show(other)} and ${show(name)} have one stream: rename one`);
    seen.set(`${high}:${low}`, name);
  }
}

function matcher(json: PlanRule, index: number): Matcher {
  const { match, regex, role, rank } = json;
  const said = Object.entries({ match, regex, role, rank }).filter(([, value]) => value !== undefined);
  const label = `rules[${index}] (${said.map(([key, value]) => `${key} ${show(value)}`).join(", ")})`;
  const compiled = regex === undefined ? undefined : compile(regex, `rules[${index}].regex`);
  return { json, index, label, regex: compiled };
}

const matches = ({ json, regex }: Matcher, { name, role, shape }: ModelTensor): boolean =>
  (json.match === undefined || globs(json.match, name)) &&
  (regex === undefined || regex.test(name)) &&
  (json.role === undefined || json.role === role) &&
  (json.rank === undefined || json.rank === shape.length);

function refuseIdle(rule: Matcher, rules: readonly Matcher[], { tensors }: Model): never {
  const meant = tensors.filter((tensor) => matches(rule, tensor));
  if (meant.length > 0) {
    const before = rules.find((other) => other.index < rule.index && matches(other, meant[0] as ModelTensor));
    const which = `${show(meant[0]?.name)}${meant.length > 1 ? ` and ${meant.length - 1} more` : ""}`;
    throw new RangeError(`${rule.label} decides no tensor: ${before?.label} decides ${which} before it`);
  }
  const { match, regex, role } = rule.json;
  if (role !== undefined && !tensors.some((tensor) => tensor.role !== undefined)) {
    throw new RangeError(`${rule.label} decides no tensor: no config says what the tensors of this model are for`);
  }
  const names = tensors.map(({ name }) => name);
  const pattern = match ?? (regex === undefined ? undefined : globOf(regex));
  const has = [...new Set(tensors.map((tensor) => tensor.role))].filter((one) => one !== undefined).map(show);
  const ranks = [...new Set(tensors.map(({ shape }) => shape.length))].sort();
  const near =
    pattern !== undefined
      ? `the names nearest to it are ${closest(pattern, names)}`
      : role !== undefined
        ? `the model has the roles ${has.join(", ")}`
        : `the model's tensors have ${ranks.join(" or ")} axes`;
  throw new RangeError(`${rule.label} decides no tensor: ${near}`);
}

function refuseUndecided(names: readonly string[], plan: Plan | undefined): void {
  const [first] = names;
  if (first === undefined) return;
  const which = `${show(first)}${names.length > 1 ? ` and ${names.length - 1} more` : ""}`;
  if (plan === undefined) throw new RangeError(`nothing says what ${which} start from: a plan is required`);
  const globs = plan.rules.flatMap(({ match }, index) => (match === undefined ? [] : [{ match, index }]));
  const near = closest(
    first,
    globs.map(({ match }) => match),
  );
  throw new RangeError(`no rule decides ${which}${near === "" ? "" : `; the globs nearest to it are ${near}`}`);
}

/** Options whose strings are words; all other strings are expressions. */
const WORDS = ["scheme", "layout", "mode", "distribution", "bounds", "stdOf", "equation", "activation", "compat"];

function ownDistribution({ name, shape }: ModelTensor, own: Scheme): Distribution {
  try {
    return resolve(shape, own);
  } catch (error) {
    throw new RangeError(`tensor ${show(name)}: ${(error as Error).message}`, { cause: error });
  }
}

/** The scheme that a rule gives a tensor, with its numbers, and what it draws from. */
function drawnBy(
  rule: Matcher,
  tensor: ModelTensor,
  variables: Model["variables"],
): Pick<PlannedTensor, "scheme" | "distribution"> {
  const { match: _, regex: __, role: ___, rank: ____, optional: _____, comment: ______, ...json } = rule.json;
  try {
    const caught = Object.entries(rule.regex?.exec(tensor.name)?.groups ?? {});
    const known = { ...variables, ...Object.fromEntries(caught.map(([key, text]) => [key, Number(text)])) };
    const made = scheme(placed(valued(json, known) as Json, tensor));
    return { scheme: made, distribution: resolve(tensor.shape, made) };
  } catch (error) {
    const message = `${rule.label}, tensor ${show(tensor.name)}: ${(error as Error).message}`;
    throw new RangeError(message, { cause: error });
  }
}

type Json = Readonly<Record<string, unknown>>;

/** With a number for each expression; parts of no length are left out, with their schemes. */
function valued(value: unknown, variables: Model["variables"], key = ""): unknown {
  if (typeof value === "string") return WORDS.includes(key) ? value : evaluate(value, variables);
  if (Array.isArray(value)) return value.map((each) => valued(each, variables, key));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, each]) => [name, valued(each, variables, name)] as const);
  const made: Json = Object.fromEntries(entries);
  const { parts, of } = made;
  if (!Array.isArray(parts)) return made;
  const there = (_: unknown, i: number) => parts[i] !== 0;
  return {
    ...made,
    parts: parts.filter(there),
    of: Array.isArray(of) && of.length === parts.length ? of.filter(there) : of,
  };
}

const hasFans = (name: SchemeName): boolean => optionsOf(name).includes("fans");
/** Of those without fans, schemes that make a matrix of the whole. */
const isMatrix = (name: SchemeName): boolean => name === "identity" || name === "hadamard";

/** In the tensor's layout, where the scheme depends on one and says none; of a packed tensor, part by part. */
function placed(json: Json, tensor: ModelTensor): Json {
  const name = json.scheme as SchemeName;
  if (name === "split") {
    const of = json.of as Json | readonly Json[];
    const { packed: _, ...whole } = tensor;
    const put = (each: Json) => placed(each, whole);
    return { ...json, of: Array.isArray(of) ? of.map(put) : put(of as Json) };
  }
  const [fans, structured] = [hasFans(name), !hasFans(name) && optionsOf(name).includes("layout")];
  if (!fans && !structured && !isMatrix(name)) return json;
  const needed = fans
    ? !PLACES.some((key) => json[key] !== undefined)
    : structured && json.layout === undefined && tensor.shape.length > 2;
  const here = needed ? { ...json, layout: layoutOf(tensor) } : json;
  return tensor.packed === undefined ? here : { scheme: "split", ...tensor.packed, of: here };
}

/** A scheme with the layout that it has when nothing is said. */
export function usual(given: Scheme): Scheme {
  const { scheme: name } = given;
  if (!hasFans(name) || name === "varianceScaling" || PLACES.some((key) => key in given)) return given;
  return scheme({ ...given, layout: defaultLayout(name) });
}

function layoutOf({ shape, layout }: ModelTensor): Layout {
  if (layout !== undefined) return layout;
  if (shape.length < 2) return "oi"; // it is refused for its shape
  throw new RangeError('which axes are inputs is not known: give a layout, "io" ([...kernel, in, out]) or "oi"');
}
