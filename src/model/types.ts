/** Which element type each tensor of a model is drawn in. */
import { wrongValue } from "../check.js";
import type { DType } from "../dtype.js";
import { checkRoom } from "../engine/workspace.js";
import { checkFits } from "../moments.js";
import { type ElementType, integerOf, isInteger } from "./element.js";
import { forTensor } from "./fault.js";
import type { PlannedModel } from "./model.js";

/**
 * The element type of each tensor, in order: its own if that is an integer type, else the requested one, else its own, else
 * the config's, else f32.
 *
 * @throws RangeError naming the tensor whose distribution does not fit its type, or whose matrix needs more memory than
 * there is.
 */
export function typesOf({ tensors, dtype }: PlannedModel, requested: DType | undefined): readonly ElementType[] {
  return tensors.map(({ name, distribution, dtype: own, storedType }) => {
    const type = own !== undefined && isInteger(own) ? own : (requested ?? own ?? dtype ?? "f32");
    forTensor(name, () => {
      if (storedType !== undefined && requested === undefined) {
        throw wrongValue("dtype", "one that can be drawn (choose one with dtype, or --dtype)", storedType);
      }
      if (isInteger(type)) return void integerOf(distribution, type);
      checkFits(distribution, type);
      checkRoom(distribution, type);
    });
    return type;
  });
}
