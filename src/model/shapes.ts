/** Any model as a plain list: `[{ "name": ..., "shape": [...], "scheme": "normal", "std": 0.02 }, ...]`. */
import { z } from "zod";
import type { Model, ModelTensor } from "../model.js";
import { resolve, scheme } from "../scheme.js";

const Entry = z.looseObject({
  name: z.string().min(1),
  shape: z.array(z.int().nonnegative()),
  scheme: z.string(),
});

export const Shapes = z.array(Entry).min(1);

/** @param entries as checked by `Shapes`; errors name the entry. */
export function shapes(name: string, entries: z.infer<typeof Shapes>): Model {
  const tensors = entries.map(({ name, shape, ...rest }, index): ModelTensor => {
    try {
      const tensor = { name, shape, scheme: scheme(rest) };
      resolve(tensor.scheme, shape);
      return tensor;
    } catch (error) {
      throw new RangeError(`[${index}] ${JSON.stringify(name)}: ${(error as Error).message}`, { cause: error });
    }
  });
  return { name, tensors };
}
