/** `nn-init plans`: the plans that have names. */
import { NAMED_PLANS } from "../architecture/named.js";
import type { Io } from "./io.js";

export interface PlansFlags {
  readonly json?: boolean;
}

export function runPlans({ json }: PlansFlags, io: Io): Promise<void> {
  if (json) return io.print(`${JSON.stringify(NAMED_PLANS)}\n`);
  const texts = NAMED_PLANS.map(({ name, models, source }) => `@${name}\n  for ${models}\n  from ${source}`);
  return io.print(`${texts.join("\n\n")}\n`);
}
