/**
 * Fields that configs of several architectures share. Only fields that decide no size have defaults: those of transformers.
 * Every other field is in fields.json, with the reason why it changes no tensor or is refused, or the caller is told of it.
 */
import type { DType } from "../dtype.js";
import * as z from "../model/zod.js";
import fields from "./fields.json" with { type: "json" };

/** The length of an axis, or a count of layers. It is required, because a guess would be wrong. */
export const length = z.int("expected a whole number from 1").positive("expected a whole number from 1");

/** Standard deviation of the normal distribution that linear layers and embeddings start from. */
export const initializerRange = z
  .number()
  .positive("expected a number above 0: for 0, old versions of transformers draw zeros, new ones take 0.02")
  .nullish()
  .transform((std) => std ?? 0.02);

/** The token whose row in the embedding is 0. A negative one counts from the last row. */
export const padToken = z.int().nullish();

const TYPES = { float32: "f32", float64: "f64", float16: "f16", bfloat16: "bf16" } as const satisfies Record<
  string,
  DType
>;

const dtype = z.preprocess(
  (name) => (typeof name === "string" ? name.replace(/^torch\./, "") : name),
  z.enum(["float32", "float64", "float16", "bfloat16", "auto"]).nullish(),
);

/** A field is off if it says that there is nothing of the kind. */
const isOff = (value: unknown): boolean =>
  !value || (typeof value === "object" && Object.keys(value as object).length === 0);

const off = (reason: string) =>
  z
    .unknown()
    .refine(isOff, { error: `expected nothing, or a value that switches it off (${reason}); correct or remove it` })
    .optional();

const names = (list: string): readonly string[] => list.split(" ");

const refused = Object.fromEntries(
  Object.entries(fields.refused).flatMap(([reason, list]) => names(list).map((name) => [name, off(reason)])),
) as object;

/** Fields that every config may have. */
export const commonFields = {
  ...refused,
  torch_dtype: dtype,
  dtype,
  num_labels: length.nullish(),
  id2label: z.record(z.string(), z.unknown()).nullish(),
};

type Common = z.infer<z.ZodObject<typeof commonFields>>;

/** Names of the fields that change no tensor of a family, by `model_type`. */
export function harmlessFields(family: string): ReadonlySet<string> {
  const { all, ...families } = fields.harmless;
  const own = (families as Record<string, Record<string, string>>)[family] ?? {};
  return new Set([...Object.values(all), ...Object.values(own)].flatMap(names));
}

export function dtypeOf({ dtype, torch_dtype }: Common): DType | undefined {
  const name = dtype ?? torch_dtype;
  return name == null || name === "auto" ? undefined : TYPES[name];
}

/** The number of classes of a classifier. Default 2, as in transformers. */
export const labelsOf = ({ num_labels, id2label }: Common): number =>
  num_labels ?? (id2label == null ? 2 : Object.keys(id2label).length);

/** `architectures`: the one class of transformers that saved the config. */
export const architectures = <const Names extends readonly [string, ...string[]]>(...names: Names) =>
  z.array(z.enum(names)).max(1).nullish();

/** Adds an issue. */
export function refuse(context: z.RefinementCtx, path: PropertyKey | PropertyKey[], message: string): void {
  context.addIssue({ code: "custom", path: [path].flat(), message });
}

/** Adds an issue unless the labels and their number agree. */
export function labelRules({ num_labels, id2label }: Common, context: z.RefinementCtx): void {
  const named = id2label == null ? undefined : Object.keys(id2label).length;
  if (named === 0) refuse(context, "id2label", "expected at least one label");
  if (num_labels == null || named === undefined || num_labels === named) return;
  refuse(context, "num_labels", `expected ${named}, the number of labels in id2label`);
}

/** Adds an issue unless `whole` is a multiple of `count`. */
export function divides(
  context: z.RefinementCtx,
  [wholeName, whole]: readonly [string, number],
  [countName, count]: readonly [string, number],
): void {
  if (whole % count !== 0) refuse(context, countName, `expected a divisor of ${wholeName} (${whole})`);
}

interface Padded {
  readonly vocab_size: number;
  readonly pad_token_id?: number | null | undefined;
}

/** Adds an issue unless the token has a row in the embedding. */
export function paddingRules({ vocab_size: rows, pad_token_id: token }: Padded, context: z.RefinementCtx): void {
  if (token == null || (token >= -rows && token < rows)) return;
  refuse(context, "pad_token_id", `expected null, or a whole number from ${-rows}, less than vocab_size (${rows})`);
}

/** The row of the embedding that is 0, if there is one. PyTorch's `padding_idx` counts from the end if it is negative. */
export const paddingRow = ({ vocab_size, pad_token_id: token }: Padded): number | undefined =>
  token == null ? undefined : token < 0 ? vocab_size + token : token;
