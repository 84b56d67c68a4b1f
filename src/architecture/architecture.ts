/** An architecture: the fields of its config, the tensors that follow from them, and the plan of its reference implementation. */
import { show, wrongType } from "../check.js";
import { parseBy } from "../model/fault.js";
import type { Model, Plan } from "../model/model.js";
import type * as z from "../model/zod.js";
import { type commonFields, dtypeOf, harmlessFields } from "./field.js";

/**
 * Makes a model of a config.
 *
 * @throws TypeError naming the fields that are wrong.
 */
export type Architecture = (config: unknown) => Model;

/** What an architecture makes of a config. */
export interface Built extends Pick<Model, "tensors" | "variables" | "tied"> {
  /** The row of its token embedding that is 0. Absent if there is none. */
  readonly paddingRow?: number | undefined;
}

type CommonConfig = z.infer<z.ZodObject<typeof commonFields>> & { readonly model_type: string };

interface Family<Config> {
  /** All fields that change its tensors. */
  readonly schema: z.ZodType<Config> & { readonly shape: object };
  /** The initialization of its reference implementation. */
  readonly plan: Plan;
  /** Other names of fields, as transformers reads them (`attribute_map`), with their names here. */
  readonly aliases?: Readonly<Record<string, string>>;
}

export function architecture<Config extends CommonConfig>(
  { schema, plan, aliases = {} }: Family<Config>,
  build: (config: Config) => Built,
): Architecture {
  return (json) => {
    const config = parseConfig(schema, withoutAliases(json, aliases));
    const { paddingRow, ...built } = build(config);
    const dtype = dtypeOf(config);
    const harmless = harmlessFields(config.model_type);
    const isKnown = (field: string) => field in schema.shape || field in aliases || harmless.has(field);
    const unknownFields = Object.keys(json as object).filter((field) => !isKnown(field));
    const padding = paddingRow === undefined ? {} : { padding_row: paddingRow };
    return {
      ...built,
      name: config.model_type,
      variables: { ...numbersOf(json as object), ...numbersOf(config), ...built.variables, ...padding },
      plan: paddingRow === undefined ? { rules: plan.rules.filter((rule) => !namesPadding(rule)) } : plan,
      ...(dtype && { dtype }),
      ...(unknownFields.length > 0 && { unknownFields }),
    };
  };
}

/** Whether a rule splits off the row of padding, which not every config of a family has. */
const namesPadding = (rule: object): boolean => JSON.stringify(rule).includes("padding_row");

/** @throws TypeError for a field that is there under two names with different values. */
function withoutAliases(json: unknown, aliases: Readonly<Record<string, string>>): unknown {
  if (typeof json !== "object" || json === null) return json;
  const config: Record<string, unknown> = { ...json };
  for (const [alias, field] of Object.entries(aliases)) {
    const value = config[alias];
    if (value === undefined) continue;
    if (config[field] !== undefined && config[field] !== value) {
      throw wrongType(alias, `${show(config[field])}, as ${field} says, whose other name it is`, value);
    }
    config[field] = value;
    delete config[alias];
  }
  return config;
}

/** The fields of a config that are numbers, which the expressions of a plan can use. */
export const numbersOf = (config: object): Record<string, number> =>
  Object.fromEntries(Object.entries(config).filter(([, value]) => Number.isFinite(value)));

/** @throws TypeError with one line for each fault. */
export function parseConfig<T>(schema: z.ZodType<T>, json: unknown): T {
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw wrongType("config", "an object", json);
  return parseBy(schema, json, "not a config that nn-init can use");
}
