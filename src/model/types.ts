/** Which type each tensor of a model is drawn in. */
import { show, wrongValue } from "../check.js";
import type { DType } from "../dtype.js";
import { checkRoom } from "../engine/workspace.js";
import { checkFits } from "../moments.js";
import { type ElementType, integerOf, isInteger } from "./element.js";
import type { PlannedModel } from "./model.js";

/**
 * The type of each tensor: its own if that is of whole numbers, else the one asked for, else its own, else the config's,
 * else f32.
 *
 * @throws RangeError naming the tensor whose distribution does not fit its type, or whose matrix needs more memory than there is.
 */
export function typesOf({ tensors, dtype }: PlannedModel, asked: DType | undefined): readonly ElementType[] {
  return tensors.map(({ name, distribution, dtype: own, storedType }) => {
    const type = own !== undefined && isInteger(own) ? own : (asked ?? own ?? dtype ?? "f32");
    try {
      if (storedType !== undefined && asked === undefined) {
        throw wrongValue("dtype", "one that can be drawn; ask for one (--dtype)", storedType);
      }
      if (isInteger(type)) integerOf(distribution, type);
      else {
        checkFits(distribution, type);
        checkRoom(distribution, type);
      }
    } catch (error) {
      throw new RangeError(`${show(name)}: ${(error as Error).message}`, { cause: error });
    }
    return type;
  });
}
