/** Tensors that are made from another tensor of their model: copies, copies times a number, and norms of slices. */
import { show, wrongValue } from "../check.js";
import type { ModelScheme } from "../computed/options.js";
import { indexOfAxis } from "../computed/scheme.js";
import { decide } from "./decide.js";
import { forTensor } from "./fault.js";
import type { From, ModelTensor, PlannedTensor } from "./model.js";
import { similarNames } from "./pattern.js";
import { type PlacedRule, RuleError } from "./rule.js";

/** A tensor that a rule, the model or the tensor itself makes from another one. */
export interface Copy {
  readonly tensor: ModelTensor;
  readonly from: From;
  /** The rule that says so. */
  readonly by?: PlacedRule;
}

/**
 * Gives each copy the scheme and the distribution of the tensor that it copies, and what is made from another tensor those
 * that say how.
 *
 * @param decided the tensors that are drawn, and the copies.
 * @param known names of all tensors of the model, of which a plan may have left some out.
 * @throws RuleError, RangeError for a copy of itself, of another copy, of a tensor of another shape, or of none.
 */
export function withCopies(
  decided: readonly (PlannedTensor | Copy)[],
  known: readonly ModelTensor[],
): readonly PlannedTensor[] {
  if (!decided.some(isCopy)) return decided as readonly PlannedTensor[];
  const byName = new Map(decided.map((each) => [nameOf(each), each]));
  return decided.map((copy) => {
    if (!isCopy(copy)) return copy;
    const { tensor, from, by } = copy;
    const make = () => made(copy, sourceOf(copy, byName.get(sourceName(from)), known));
    const found = by === undefined ? forTensor(tensor.name, make) : inRule(by, tensor, make);
    return { ...tensor, ...found, ...(by && { rule: by.index }) };
  });
}

const isCopy = (each: PlannedTensor | Copy): each is Copy => "tensor" in each;
const nameOf = (each: PlannedTensor | Copy): string => (isCopy(each) ? each.tensor.name : each.name);
const sourceName = (from: From): string => ("norms" in from ? from.norms : from.copy);

function inRule<T>(by: PlacedRule, { name }: ModelTensor, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new RuleError(by, name, error as Error);
  }
}

function made(
  { tensor: { shape }, from }: Copy,
  source: PlannedTensor,
): Partial<PlannedTensor> & ReturnType<typeof decide> {
  const { scheme: of, distribution, fans } = source;
  if ("norms" in from) return decide(shape, normsScheme(from, source));
  if ("scale" in from) return decide(shape, { scheme: "scaled", source: from.copy, scale: from.scale, of });
  return { scheme: of, distribution, fans, copyOf: from.copy };
}

function normsScheme(
  { norms: source, axis }: Extract<From, { norms: string }>,
  { shape, scheme: of }: PlannedTensor,
): ModelScheme {
  return { scheme: "norms", source, axis: indexOfAxis(shape, axis), shape, of };
}

function sourceOf(
  { tensor: { name, shape }, from }: Copy,
  source: PlannedTensor | Copy | undefined,
  known: readonly ModelTensor[],
): PlannedTensor {
  const of = sourceName(from);
  const what = "norms" in from ? "norms" : "copy";
  if (typeof of !== "string" || of === name) throw wrongValue(what, "the name of another tensor", of);
  if (source === undefined) throw wrongValue(what, expectedOf(of, known), of);
  if (isCopy(source)) {
    const other = show(sourceName(source.from));
    const is = "norms" in source.from ? `has the norms of ${other}` : `is a copy of ${other}`;
    throw new RangeError(`${what}: expected a tensor that is drawn, got ${show(of)}, which ${is}`);
  }
  if ("norms" in from || String(source.shape) === String(shape)) return source;
  const [expected, got] = [show(shape), show(source.shape)];
  throw new RangeError(`copy: expected a tensor of shape ${expected}, got ${show(of)} of shape ${got}`);
}

function expectedOf(copyOf: string, known: readonly ModelTensor[]): string {
  const names = known.map(({ name }) => name);
  return names.includes(copyOf)
    ? "the name of a tensor that the plan does not skip"
    : `the name of a tensor; similar names are ${similarNames(copyOf, names)}`;
}
