/** An architecture: what its config must say, which tensors follow, and the plan of its reference implementation. */
import * as z from "../model/zod.js";
import { wrongType } from "../check.js";
import type { Model, Plan } from "../model/model.js";

import { type common, dtypeOf } from "./field.js";

/** @throws Error naming the field, for a config that is not one of this architecture. */
export type Architecture = (config: unknown) => Model;

export type Built = Pick<Model, "tensors" | "variables" | "tied">;

type Fields = z.infer<z.ZodObject<typeof common>> & { readonly model_type: string };

export function architecture<Config extends Fields>(
  schema: z.ZodType<Config>,
  plan: Plan,
  build: (config: Config) => Built,
): Architecture {
  return (json) => {
    const config = check(schema, json);
    const built = build(config);
    const dtype = dtypeOf(config);
    return {
      ...built,
      name: config.model_type,
      variables: { ...numbersOf(json as object), ...numbersOf(config), ...built.variables },
      plan,
      ...(dtype && { dtype }),
    };
  };
}

/** The fields of a config that are numbers, by which a plan may compute. */
export const numbersOf = (config: object): Record<string, number> =>
  Object.fromEntries(Object.entries(config).filter(([, value]) => Number.isFinite(value)));

/** @throws TypeError with the place of each fault. */
export function check<T>(schema: z.ZodType<T>, json: unknown): T {
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw wrongType("config", "an object", json);
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw new TypeError(`not a model that nn-init knows\n${z.prettifyError(result.error)}`);
}
