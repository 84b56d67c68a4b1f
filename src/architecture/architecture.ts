/** An architecture: the fields of its config, the tensors that follow from them, and the plan of its reference implementation. */
import { wrongType } from "../check.js";
import { parseBy } from "../model/fault.js";
import type { Model, Plan } from "../model/model.js";
import type * as z from "../model/zod.js";
import { type commonFields, dtypeOf } from "./field.js";

/**
 * Makes a model of a config.
 *
 * @throws TypeError naming the fields that are wrong.
 */
export type Architecture = (config: unknown) => Model;

/** What an architecture makes of a config. */
export type Built = Pick<Model, "tensors" | "variables" | "tied">;

type Fields = z.infer<z.ZodObject<typeof commonFields>> & { readonly model_type: string };

export function architecture<Config extends Fields>(
  schema: z.ZodType<Config>,
  plan: Plan,
  build: (config: Config) => Built,
): Architecture {
  return (json) => {
    const config = parseConfig(schema, json);
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

/** The fields of a config that are numbers, which the expressions of a plan can use. */
export const numbersOf = (config: object): Record<string, number> =>
  Object.fromEntries(Object.entries(config).filter(([, value]) => Number.isFinite(value)));

/** @throws TypeError with one line for each fault. */
export function parseConfig<T>(schema: z.ZodType<T>, json: unknown): T {
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw wrongType("config", "an object", json);
  return parseBy(schema, json, "not a config that nn-init can use");
}
