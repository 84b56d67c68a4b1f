/** Any model as a list of its tensors: `[{ "name": ..., "shape": [...], "scheme": "normal", "std": 0.02 }, ...]`. */
import { checkFinite, checkNumber, checkOptions, isObject, show, wrongType, wrongValue } from "../check.js";
import type { ModelScheme } from "../computed/options.js";
import { deriveModel, modelScheme } from "../computed/scheme.js";
import { DTYPES } from "../dtype.js";
import { extended } from "./extended.js";
import { parseBy, rangeError } from "./fault.js";
import { MOST_TENSORS, type Model, type ModelTensor, ROLES } from "./model.js";
import { withRoles } from "./naming.js";
import { unknownConfig } from "./numbers.js";
import { withDefaultLayout } from "./rule.js";
import * as z from "./zod.js";

const Entry = z.looseObject({
  name: z.string().check(z.minLength(1)),
  shape: z.array(z.int("expected a whole number from 0").check(z.nonnegative("expected a whole number from 0"))),
  role: z.optional(z.enum(ROLES as [string, ...string[]])),
  dtype: z.optional(z.enum(DTYPES as [string, ...string[]])),
  scheme: z.optional(z.string()),
  copy: z.optional(z.string().check(z.minLength(1))),
  norms: z.optional(z.string().check(z.minLength(1))),
});

const Shapes = z.array(Entry).check(z.minLength(1));

/** Options of `modelOfShapes`. */
export interface ShapesOptions {
  /**
   * The config of the model, as parsed JSON, of a type that `modelOf` does not know. Expressions of a plan can use its
   * numbers, and tensors without a role have the one that their names say.
   */
  readonly config?: object | undefined;
}

/**
 * A model from a list of at most 200,000 tensors: for architectures that `modelOf` does not know.
 *
 * @param name the model's name.
 * @param json one entry for each tensor: `name` and `shape` (lengths of the axes, row-major), optionally `role` and `dtype`;
 * then `scheme` with the options of that scheme, or `copy` with the name of another tensor whose values it has (and `scale`
 * for what they are multiplied by), or `norms` with the name of another tensor and `axis`, or none of these, for a plan to
 * decide, and optionally `layout`.
 * @param options the model's config: see `ShapesOptions`.
 * @throws TypeError, RangeError naming the entry: unknown keys, a scheme that cannot take the shape.
 * @example
 * ```js
 * import { modelOfShapes, parametersOf } from "nn-init/model";
 *
 * const model = modelOfShapes("tiny", [
 *   { name: "fc.weight", shape: [4, 8], scheme: "kaimingNormal" },
 *   { name: "fc.bias", shape: [4], scheme: "zeros" },
 * ]);
 * console.log(parametersOf(model)); // 36
 * ```
 */
export function modelOfShapes(name: string, json: unknown, options: ShapesOptions = {}): Model {
  checkOptions("options", options, ["config"]);
  if (Array.isArray(json) && json.length > MOST_TENSORS) {
    throw new RangeError(`not a list of shapes\nexpected at most ${MOST_TENSORS} tensors, got ${json.length}`);
  }
  for (const [index, entry] of Array.isArray(json) ? json.entries() : []) {
    if (isObject(entry) && Object.hasOwn(entry, "__proto__")) {
      throw wrongValue(`[${index}]`, "keys without __proto__", "__proto__"); // which zod loses without a word
    }
  }
  const ownScheme = schemeReader();
  const tensors = parseBy(Shapes, json, "not a list of shapes").map(
    ({ name, shape, role, dtype, copy, norms, ...rest }, index) => {
      const tensor = { name, shape, ...(role && { role }), ...(dtype && { dtype }) } as ModelTensor;
      try {
        if (copy !== undefined) return copyOf(tensor, copy, { ...rest, ...(norms !== undefined && { norms }) });
        if (norms !== undefined) return normsOf(tensor, norms, rest);
        if (rest.scheme === undefined) return extended(tensor, layoutOf(rest));
        return extended(tensor, { scheme: ownScheme(shape, rest) });
      } catch (error) {
        throw rangeError(`[${index}] ${show(name)}: ${(error as Error).message}`, error);
      }
    },
  );
  const names = new Set<string>();
  for (const tensor of tensors) {
    if (names.has(tensor.name)) throw new RangeError(`two tensors are named ${show(tensor.name)}`);
    names.add(tensor.name);
  }
  const model = { name, tensors, variables: {}, tied: {} };
  return options.config === undefined ? model : { ...model, ...describedBy(tensors, options.config) };
}

function describedBy(tensors: readonly ModelTensor[], config: object): Pick<Model, "tensors" | "variables"> {
  if (!isObject(config)) throw wrongType("config", "an object", config);
  const { model_type: type } = config as { model_type?: unknown };
  return { tensors: withRoles(tensors), ...unknownConfig(typeof type === "string" ? type : "", config) };
}

/** Reads the schemes of a list, each once for its options and a shape: most layers are alike, and share it. */
function schemeReader(): (shape: readonly number[], json: object) => ModelScheme {
  const read = new Map<string, ModelScheme>();
  return (shape, json) => {
    const key = keyOf(shape, json);
    const known = key === undefined ? key : read.get(key);
    if (known !== undefined) return known;
    const own = withDefaultLayout(modelScheme(json));
    deriveModel(shape, own);
    if (key !== undefined) read.set(key, own);
    return own;
  };
}

/** Undefined for what JSON cannot hold, such as an object that contains itself: what reads the scheme says what is wrong. */
function keyOf(shape: readonly number[], json: object): string | undefined {
  try {
    return JSON.stringify([shape, json]);
  } catch {
    return undefined;
  }
}

function copyOf(tensor: ModelTensor, copy: string, rest: object): ModelTensor {
  const { scale, ...others } = rest as { readonly scale?: unknown };
  const [option] = Object.keys(others);
  if (option !== undefined) throw wrongType("copy", "no scheme and no options of one beside it", option);
  if (scale === undefined) return extended(tensor, { copyOf: copy });
  return extended(tensor, { madeFrom: { copy, scale: checkFinite("scale", scale) } });
}

function normsOf(tensor: ModelTensor, norms: string, rest: object): ModelTensor {
  const { axis, ...others } = rest as { readonly axis?: unknown };
  const [option] = Object.keys(others);
  if (option !== undefined) throw wrongType("norms", "an axis, and nothing else beside it", option);
  return extended(tensor, { madeFrom: { norms, axis: checkNumber("axis", axis) } });
}

/** The other keys of an entry without a scheme: at most a layout. */
function layoutOf(rest: object): Pick<ModelTensor, "layout"> {
  const { layout, scheme: _, ...others } = rest as { layout?: unknown; scheme?: undefined };
  const [option] = Object.keys(others);
  if (option !== undefined) throw wrongType("scheme", `a scheme that has the option ${show(option)}`, undefined);
  if (layout === undefined) return {};
  if (layout !== "io" && layout !== "oi") throw wrongValue("layout", '"io" or "oi"', layout);
  return { layout };
}
