/** One rule of a plan: which tensors it matches, and which scheme it gives each of them. */
import { checkFinite, checkNumber, clipped, show, wrongType } from "../check.js";
import type { ModelScheme } from "../computed/options.js";
import { isComputedScheme, modelScheme } from "../computed/scheme.js";
import { type Layout, PLACEMENT_CHOICES } from "../scheme/fans.js";
import type { SchemeName } from "../scheme/options.js";
import { defaultLayout, optionsOf, scheme } from "../scheme/scheme.js";
import { type Decided, decide } from "./decide.js";
import { evaluate, type NamedValues, namesOf, type Parse } from "./expression.js";
import { withFans } from "./layer.fans.js";
import type { From, Model, ModelTensor, PlanRule } from "./model.js";
import { globs } from "./pattern.js";

/** A regular expression, as rules need it. */
export interface Regex {
  /** Whether it matches anywhere in a name. */
  test(name: string): boolean;
  /** The texts of its named groups in the first match of a name; undefined for a group that took no part. */
  groups(name: string): Readonly<Record<string, string | undefined>>;
}

/** What a rule was checked with: its regular expression, compiled, and the notation of its expressions. */
interface Parsed {
  readonly parse: Parse;
  readonly regex?: Regex | undefined;
}

/** Who checks a rule compiles its own regular expression: RE2's for plans from elsewhere. */
const parsed = new WeakMap<PlanRule, Parsed>();

export const setParsed = (rule: PlanRule, by: Parsed): void => void parsed.set(rule, by);

/** A rule, ready to be matched. */
export interface CompiledRule {
  readonly rule: PlanRule;
  readonly index: number;
  readonly regex: Regex | undefined;
  readonly parse: Parse;
  /** What it gave tensors so far, by all that this depends on: most layers of a model are alike, and share it. */
  readonly given: Map<string, Decided>;
}

/**
 * @param parse the notation of its expressions, if the rule was not checked with another one.
 * @throws TypeError for a regular expression that nobody compiled.
 */
export function compileRule(rule: PlanRule, index: number, parse: Parse): CompiledRule {
  const { regex } = rule;
  const by = parsed.get(rule);
  if (regex !== undefined && by?.regex === undefined) {
    const from = "one from parsePlan of nn-init/model, since it has regular expressions";
    throw wrongType(`${labelOf({ rule, index })}: plan`, from, regex);
  }
  return { rule, index, regex: by?.regex, parse: by?.parse ?? parse, given: new Map() };
}

/** Which rule of a plan it is. */
export type PlacedRule = Pick<CompiledRule, "rule" | "index">;

/** The name of a rule in error messages, such as `rules[0] (match "*.weight")`. */
export function labelOf({ rule, index }: PlacedRule): string {
  const { match, regex, role, rank } = rule;
  const criteria = Object.entries({ match, regex, role, rank }).filter(([, value]) => value !== undefined);
  return `rules[${index}] (${criteria.map(([key, value]) => `${key} ${show(value)}`).join(", ")})`;
}

/** Whether every criterion of the rule holds for the tensor. */
export function matches({ rule, regex }: CompiledRule, { name, role, shape }: ModelTensor): boolean {
  const { match, role: ruleRole, rank } = rule;
  if (match !== undefined && !globs(match, name)) return false;
  if (ruleRole !== undefined && ruleRole !== role) return false;
  if (rank !== undefined && rank !== shape.length) return false;
  return regex === undefined || regex.test(name);
}

/**
 * What a rule makes a tensor from, if the rule is one for copies or norms.
 *
 * @throws RuleError
 */
export function copyBy(applied: CompiledRule, tensor: ModelTensor, variables: Model["variables"]): From | undefined {
  const { rule, regex, parse } = applied;
  const { copy, scale, norms, axis } = rule;
  const source = copy ?? norms;
  if (source === undefined) return undefined;
  const groups = regex?.groups(tensor.name) ?? {};
  const name = source.replace(/\{(\w+)\}/g, (whole, group: string) =>
    Object.hasOwn(groups, group) ? (groups[group] ?? "") : whole,
  );
  if (copy !== undefined && scale === undefined) return { copy: name };
  try {
    const numbers = namesOf({ ...variables, ...numbersIn(groups) });
    if (copy !== undefined) return { copy: name, scale: checkFinite("scale", evaluated(scale, numbers, parse)) };
    return { norms: name, axis: checkNumber("axis", evaluated(axis, numbers, parse)) };
  } catch (error) {
    throw new RuleError(applied, tensor.name, error as Error);
  }
}

/**
 * The named groups of a regular expression that are numbers, which expressions can use. The others hide what else has their
 * names.
 */
const numbersIn = (groups: ReturnType<Regex["groups"]>): Record<string, number | undefined> =>
  Object.fromEntries(
    Object.entries(groups).map(([key, text]) => [
      key,
      /^-?\d{1,15}(\.\d+)?$/.test(`${text}`) ? Number(text) : undefined,
    ]),
  );

/** A rule that cannot decide a tensor. */
export class RuleError extends RangeError {
  /** @param reason what the scheme or the expression threw. */
  constructor(
    by: PlacedRule,
    readonly tensor: string,
    readonly reason: Error,
  ) {
    super(clipped(`${labelOf(by)}, tensor ${show(tensor)}: ${reason.message}`), { cause: reason });
  }
}

/**
 * The scheme that a rule gives a tensor, and the distribution that this scheme draws from.
 *
 * @param variables the same for all tensors.
 * @param weight that of the layer of the tensor, if it is the weight or the bias of one.
 * @throws RuleError
 */
export function applyRule(
  applied: CompiledRule,
  tensor: ModelTensor,
  variables: Model["variables"],
  weight?: ModelTensor,
): Decided {
  const { regex, given } = applied;
  const { shape, layout, placement, packed, name } = tensor;
  try {
    const groups = numbersIn(regex?.groups(name) ?? {});
    const other = weight === tensor ? undefined : weight;
    const own = [shape, layout, placement, packed];
    const key = JSON.stringify([...own, groups, other?.shape, other?.layout, other?.placement]);
    const known = given.get(key);
    if (known !== undefined) return known;
    const made = schemeBy(applied, tensor, withFans({ rows: shape[0] ?? 1, ...variables, ...groups }, weight));
    const result = decide(shape, made);
    given.set(key, result);
    return result;
  } catch (error) {
    throw new RuleError(applied, name, error as Error);
  }
}

function schemeBy({ rule, parse }: CompiledRule, tensor: ModelTensor, numbers: NamedValues): ModelScheme {
  const { match: _, regex: __, role: ___, rank: ____, optional: _____, comment: ______, ...json } = rule;
  return modelScheme(withLayout(evaluated(json, numbers, parse) as Json, tensor));
}

/** Options whose strings are words. All other strings are expressions. */
const WORDS = [
  ...["scheme", "layout", "mode", "distribution", "bounds", "stdOf", "equation", "activation", "compat"],
  ...["order", "inverse"],
];

type Json = Readonly<Record<string, unknown>>;

/** Replaces every expression by its value. Parts whose length evaluates to 0 are dropped, together with their scheme. */
function evaluated(value: unknown, variables: NamedValues, parse: Parse, key = ""): unknown {
  if (typeof value === "string") return WORDS.includes(key) ? value : evaluate(value, variables, parse);
  if (Array.isArray(value)) return value.map((item) => evaluated(item, variables, parse, key));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, item]) => [name, evaluated(item, variables, parse, name)] as const);
  const json: Json = Object.fromEntries(entries);
  const { parts, of } = json;
  if (!Array.isArray(parts)) return json;
  const isKept = (_: unknown, i: number) => parts[i] !== 0;
  return {
    ...json,
    parts: parts.filter(isKept),
    of: Array.isArray(of) && of.length === parts.length ? of.filter(isKept) : of,
  };
}

const has = (name: SchemeName, option: string): boolean => [optionsOf(name)].flat().includes(option);

/**
 * Adds the tensor's layout to a scheme that depends on one and gives none. A scheme for a packed tensor becomes a split, if
 * it depends on the shape.
 */
function withLayout(json: Json, tensor: ModelTensor): Json {
  const name = Object(json).scheme as SchemeName; // of a scheme within a scheme, which can be anything
  if (name === "split") {
    const of = json.of as Json | readonly Json[];
    const { packed: _, ...unpacked } = tensor;
    const placed = (part: Json) => withLayout(part, unpacked);
    return { ...json, of: Array.isArray(of) ? of.map(placed) : placed(of as Json) };
  }
  if (isComputedScheme(json as unknown as ModelScheme)) return withLayoutInside(json, tensor);
  const needsFans = has(name, "fans");
  const hasLayout = !needsFans && has(name, "layout");
  const isMatrix = name === "identity" || name === "hadamard"; // structured, but without a layout
  if (!needsFans && !hasLayout && !isMatrix) return json;
  const isMissing = needsFans
    ? !PLACEMENT_CHOICES.some((key) => json[key] !== undefined)
    : hasLayout && json.layout === undefined && tensor.shape.length > 2;
  const placement = needsFans ? tensor.placement : undefined;
  const placed = isMissing ? { ...json, ...(placement ?? { layout: layoutOf(tensor) }) } : json;
  return tensor.packed === undefined ? placed : { scheme: "split", ...tensor.packed, of: placed };
}

/** The layout of a repeated kernel is that of the smaller one, too. */
function withLayoutInside(json: Json, tensor: ModelTensor): Json {
  const { scheme: name, of, layout = tensor.layout } = json;
  if (name !== "icnr") return json;
  const smaller = layout === undefined ? tensor : { ...tensor, layout: layout as Layout };
  return { ...json, ...(layout !== undefined && { layout }), of: withLayout(of as Json, smaller) };
}

/** The scheme with its default layout written out. */
export function withDefaultLayout(given: ModelScheme): ModelScheme {
  const { scheme: name } = given;
  if (isComputedScheme(given)) return given;
  if (!has(given.scheme, "fans") || name === "varianceScaling" || PLACEMENT_CHOICES.some((key) => key in given))
    return given;
  return scheme({ ...given, layout: defaultLayout(given.scheme) });
}

function layoutOf({ shape, layout }: ModelTensor): Layout {
  if (layout !== undefined) return layout;
  if (shape.length < 2) return "oi"; // the scheme then refuses the shape
  const expected = '"io" ([...kernel, in, out]) or "oi" ([out, in, ...kernel])';
  throw new RangeError(`layout: expected ${expected}, got nothing: the model does not say which axis is the input`);
}
