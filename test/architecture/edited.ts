/** Configs at the ends of what their families take: each is refused by its fields, or planned whole. */
import { familyOf } from "../../src/architecture/known.js";
import { tinyConfig } from "../../src/architecture/tiny.js";
import { modelOf, planModel } from "../../src/model.js";

/** Values at the ends of each type. */
const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  length: [1],
  count: [0, 50],
  number: [0],
  std: [0.5],
  flag: [true, false],
  token: [0, -1],
};

/** A family's small config, with each field changed by itself, and all at once to the least. */
export function edited(type: string): [string, Record<string, unknown>][] {
  const config = tinyConfig(type, { sizes: { layers: 1, experts: 2 } });
  const least: Record<string, unknown> = { ...config };
  const edits: [string, Record<string, unknown>][] = [];
  for (const [name, spec] of Object.entries(familyOf(type).fields)) {
    const field = typeof spec === "string" ? { type: spec } : spec;
    const [end] = VALUES[field.type === "flag" ? "" : field.type] ?? [];
    if (end !== undefined) least[name] = end;
    if (field.type === "flag") least[name] = false;
    const none = field.default === undefined ? [] : [undefined];
    for (const value of [...(field.choices ?? []), ...(VALUES[field.type] ?? []), ...none]) {
      if (value === config[name]) continue;
      edits.push([`${type}, ${name} ${JSON.stringify(value)}`, { ...config, [name]: value }]);
    }
  }
  return [[type, config], ...edits, [`${type}, all least`, least]];
}

/**
 * wav2vec2, WavLM and UNet2DConditionModel name some fields within the expression that needs them, not as a field: their files are
 * as large as a family's may be.
 */
const BY_TENSOR = /^tensor .*expression .*expected the name of a number in the config/;

function faultOf(config: Record<string, unknown>): string | undefined {
  try {
    planModel(modelOf(config));
    return undefined;
  } catch (error) {
    const { message } = error as Error;
    return message.startsWith("not a config that nn-init can use") || BY_TENSOR.test(message) ? undefined : message;
  }
}

/** What is wrong with the plans of configs, each with its name. */
export const faultsOf = (configs: readonly [string, Record<string, unknown>][]): string[] =>
  configs.flatMap(([name, config]) => {
    const fault = faultOf(config);
    return fault === undefined ? [] : [`${name}: ${fault}`];
  });
