/** Fields that configs of several architectures share. Only fields that decide no size have defaults: those of transformers. */
import type { DType } from "../dtype.js";
import * as z from "../model/zod.js";

/** The length of an axis, or a count of layers. It is required, because a guess would be wrong. */
export const length = z.int("expected a whole number from 1").positive("expected a whole number from 1");

/** Standard deviation of the normal distribution that linear layers and embeddings start from. */
export const initializerRange = z.number().nonnegative().default(0.02);

const TYPES = { float32: "f32", float64: "f64", float16: "f16", bfloat16: "bf16" } as const satisfies Record<
  string,
  DType
>;

const dtype = z.enum(["float32", "float64", "float16", "bfloat16", "auto"]).nullish();

/** Fields that every config may have. */
export const commonFields = {
  torch_dtype: dtype,
  dtype,
  num_labels: length.nullish(),
  id2label: z.record(z.string(), z.unknown()).nullish(),
};

export function dtypeOf(config: z.infer<z.ZodObject<typeof commonFields>>): DType | undefined {
  const name = config.dtype ?? config.torch_dtype;
  return name == null || name === "auto" ? undefined : TYPES[name];
}

/** The number of classes of a classifier. Default 2, as in transformers. */
export function labelsOf({ num_labels, id2label }: z.infer<z.ZodObject<typeof commonFields>>): number {
  return num_labels ?? (id2label == null ? 2 : Object.keys(id2label).length);
}

/** `architectures`: the one class of transformers that saved the config. */
export const architectures = <const Names extends readonly [string, ...string[]]>(...names: Names) =>
  z.array(z.enum(names)).length(1).nullish();

/** Adds an issue unless `whole` is a multiple of `count`. */
export function divides(
  context: z.RefinementCtx,
  [wholeName, whole]: readonly [string, number],
  [countName, count]: readonly [string, number],
): void {
  if (whole % count === 0) return;
  const message = `expected a divisor of ${wholeName} (${whole})`;
  context.addIssue({ code: "custom", path: [countName], message });
}
