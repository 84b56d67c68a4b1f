/** Copies: tensors that have the values of another tensor of their model. */
import { show, wrongValue } from "../check.js";
import { forTensor } from "./fault.js";
import type { ModelTensor, PlannedTensor } from "./model.js";
import { similarNames } from "./pattern.js";
import { RuleError } from "./rule.js";

/** A tensor that a rule, the model or the tensor itself makes a copy. */
export interface Copy {
  readonly tensor: ModelTensor;
  /** The name of the tensor whose values it has. */
  readonly copyOf: string;
  /** The rule that says so. */
  readonly by?: { readonly index: number; readonly label: string };
}

/**
 * Gives each copy the scheme and the distribution of the tensor that it copies.
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
    const { tensor, copyOf, by } = copy;
    const found = () => sourceOf(copy, byName.get(copyOf), known);
    const { scheme, distribution, fans } =
      by === undefined ? forTensor(tensor.name, found) : inRule(by.label, tensor, found);
    return { ...tensor, scheme, distribution, fans, copyOf, ...(by && { rule: by.index }) };
  });
}

const isCopy = (each: PlannedTensor | Copy): each is Copy => "tensor" in each;
const nameOf = (each: PlannedTensor | Copy): string => (isCopy(each) ? each.tensor.name : each.name);

function inRule<T>(label: string, { name }: ModelTensor, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new RuleError(label, name, error as Error);
  }
}

function sourceOf(
  { tensor: { name, shape }, copyOf }: Copy,
  source: PlannedTensor | Copy | undefined,
  known: readonly ModelTensor[],
): PlannedTensor {
  if (copyOf === name) throw wrongValue("copy", "the name of another tensor", copyOf);
  if (source === undefined) throw wrongValue("copy", expectedOf(copyOf, known), copyOf);
  if (isCopy(source)) {
    throw new RangeError(
      `copy: expected a tensor that is drawn, got ${show(copyOf)}, which is a copy of ${show(source.copyOf)}`,
    );
  }
  if (String(source.shape) === String(shape)) return source;
  const [expected, got] = [show(shape), show(source.shape)];
  throw new RangeError(`copy: expected a tensor of shape ${expected}, got ${show(copyOf)} of shape ${got}`);
}

function expectedOf(copyOf: string, known: readonly ModelTensor[]): string {
  const names = known.map(({ name }) => name);
  return names.includes(copyOf)
    ? "the name of a tensor that the plan does not skip"
    : `the name of a tensor; similar names are ${similarNames(copyOf, names)}`;
}
