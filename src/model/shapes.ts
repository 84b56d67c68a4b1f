/** Any model as a plain list: `[{ "name": ..., "shape": [...], "scheme": "normal", "std": 0.02 }, ...]`. */
import * as z from "./zod.js";
import { DTYPES } from "../dtype.js";
import { resolve, scheme } from "../scheme/scheme.js";
import { type Model, type ModelTensor, ROLES } from "./model.js";
import { usual } from "./plan.js";

const Entry = z.looseObject({
  name: z.string().min(1),
  shape: z.array(z.int().nonnegative()),
  role: z.enum(ROLES as [string, ...string[]]).optional(),
  dtype: z.enum(DTYPES as [string, ...string[]]).optional(),
  scheme: z.string().optional(),
});

const Shapes = z.array(Entry).min(1);

/**
 * A model from a list of its tensors. With a scheme, an entry has its options beside it, and its usual layout where it
 * names none; without one, a plan decides, and it may say its `layout`.
 *
 * @throws TypeError, RangeError naming the entry.
 */
export function modelOfShapes(name: string, json: unknown): Model {
  const result = Shapes.safeParse(json);
  if (!result.success) throw new TypeError(`not a list of shapes\n${z.prettifyError(result.error)}`);
  const tensors = result.data.map(({ name, shape, role, dtype, ...rest }, index) => {
    const known = { name, shape, ...(role && { role }), ...(dtype && { dtype }) } as ModelTensor;
    try {
      if (rest.scheme === undefined) return { ...known, ...layoutOf(rest) };
      const tensor = { ...known, scheme: usual(scheme(rest)) };
      resolve(shape, tensor.scheme);
      return tensor;
    } catch (error) {
      throw new RangeError(`[${index}] ${JSON.stringify(name)}: ${(error as Error).message}`, { cause: error });
    }
  });
  return { name, tensors, variables: {}, tied: {} };
}

/** What an entry without a scheme may have besides. */
function layoutOf(rest: object): Pick<ModelTensor, "layout"> {
  const { layout, scheme: _, ...others } = rest as { layout?: unknown; scheme?: undefined };
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new TypeError(`expected a scheme, whose option ${unknown} would be`);
  if (layout === undefined) return {};
  if (layout !== "io" && layout !== "oi") throw new RangeError(`layout: expected "io" or "oi"`);
  return { layout };
}
