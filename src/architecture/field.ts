/** Fields that the configs of several architectures share, with the defaults of transformers where a size does not hang on them. */
import * as z from "../model/zod.js";
import type { DType } from "../dtype.js";

/** The length of an axis, or a count of layers: never guessed, so required. */
export const length = z.int().positive();

/** Of the normal law that linear layers and embeddings start from. */
export const initializerRange = z.number().nonnegative().default(0.02);

const TYPES = { float32: "f32", float64: "f64", float16: "f16", bfloat16: "bf16" } as const satisfies Record<
  string,
  DType
>;

const dtype = z.enum(["float32", "float64", "float16", "bfloat16", "auto"]).nullish();

/** What every config may have. */
export const common = {
  torch_dtype: dtype,
  dtype,
  num_labels: length.nullish(),
  id2label: z.record(z.string(), z.unknown()).nullish(),
};

export function dtypeOf(config: z.infer<z.ZodObject<typeof common>>): DType | undefined {
  const name = config.dtype ?? config.torch_dtype;
  return name == null || name === "auto" ? undefined : TYPES[name];
}

/** Classes of a classifier: 2 where nothing is said, as in transformers. */
export function labelsOf({ num_labels, id2label }: z.infer<z.ZodObject<typeof common>>): number {
  return num_labels ?? (id2label == null ? 2 : Object.keys(id2label).length);
}

/** The one class that a config was saved from. */
export const architectures = <const Names extends readonly [string, ...string[]]>(...names: Names) =>
  z.array(z.enum(names)).length(1).nullish();

/** Adds an issue unless `whole` is a multiple of `count`. */
export function divides(
  context: z.RefinementCtx,
  [wholeName, whole]: readonly [string, number],
  [countName, count]: readonly [string, number],
): void {
  if (whole % count === 0) return;
  const message = `expected a divisor of ${wholeName} (${whole}), got ${count}`;
  context.addIssue({ code: "custom", path: [countName], message });
}
