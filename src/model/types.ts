/** Which element type each tensor of a model is drawn in. */
import { show, wrongValue } from "../check.js";
import { isComputed, isDerived, type ModelDistribution } from "../computed/computed.js";
import { checkHolds, checkKeepsSubnormal } from "../computed/extent.js";
import { partsOf } from "../distribution.js";
import type { DType } from "../dtype.js";
import { isEmpty, lostTo0, type Random, supportOf } from "../moments.js";
import { type ElementType, isInteger } from "./element.js";
import { forTensor } from "./fault.js";
import { checkIntegers } from "./integer.js";
import type { PlannedModel, PlannedTensor } from "./model.js";

/**
 * The element type of each tensor, in order: its own if that is an integer type, else the requested one, else its own, else
 * the config's, else f32.
 *
 * @throws RangeError naming the tensor whose distribution does not fit its type, whose matrix needs more memory than there
 * is, or which copies a tensor of another type.
 */
export function typesOf({ tensors, dtype }: PlannedModel, requested: DType | undefined): readonly ElementType[] {
  const held = new Map<ElementType, Set<ModelDistribution>>(); // most layers of a model are alike
  const types = tensors.map(({ name, distribution, dtype: own, storedType }) => {
    const type = own !== undefined && isInteger(own) ? own : (requested ?? own ?? dtype ?? "f32");
    forTensor(name, () => {
      if (storedType !== undefined && requested === undefined) {
        throw wrongValue("dtype", "one that can be drawn (choose one with dtype, or --dtype)", storedType);
      }
      const known = held.get(type) ?? new Set();
      if (known.has(distribution)) return;
      held.set(type, known.add(distribution));
      if (isInteger(type)) return checkIntegers(distribution, type);
      checkHolds(distribution, type);
      checkKept(distribution, type);
      checkKeepsSubnormal(distribution, type);
    });
    return type;
  });
  checkCopies(tensors, types);
  return types;
}

/** Checks that a copy has the type of what it copies. */
function checkCopies(tensors: PlannedModel["tensors"], types: readonly ElementType[]): void {
  if (tensors.every((tensor) => sourceOf(tensor) === undefined)) return;
  const typeOf = new Map(tensors.map(({ name }, i) => [name, types[i]]));
  for (const tensor of tensors) {
    const { name } = tensor;
    const from = sourceOf(tensor);
    const [type, source] = [typeOf.get(name), from === undefined ? undefined : typeOf.get(from)];
    if (source === undefined || source === type) continue;
    forTensor(name, () => {
      throw new RangeError(`copy: expected a tensor of the type ${type}, got ${show(from)} of the type ${source}`);
    });
  }
}

/** The name of the tensor that a tensor is made from. */
const sourceOf = ({ copyOf, distribution }: PlannedTensor): string | undefined =>
  copyOf ?? (isComputed(distribution) && isDerived(distribution) ? distribution.source : undefined);

/**
 * Checks that a dtype has a value strictly between a distribution's bounds, and holds more of its values than it rounds to
 * 0. A single tensor is drawn all the same, and `explain` tells of it: golden vectors of the stream hold such draws.
 *
 * @throws RangeError naming the dtype.
 */
function checkKept(distribution: ModelDistribution, dtype: DType): void {
  if (isComputed(distribution)) {
    if ("of" in distribution) checkKept(distribution.of, dtype);
    return;
  }
  for (const part of new Set(partsOf(distribution))) {
    if (isEmpty(part, dtype)) {
      const [low, high] = supportOf(part as Random);
      throw wrongValue("dtype", `one that has a value strictly between ${low} and ${high}`, dtype);
    }
    const lost = lostTo0(part, dtype);
    if (lost === undefined) continue;
    throw wrongValue(
      "dtype",
      `one that does not round ${lost}, a typical value of this ${part.kind} distribution, to 0`,
      dtype,
    );
  }
}
