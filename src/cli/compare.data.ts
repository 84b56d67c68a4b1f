/** Data by its name. The digits are loaded only where they are asked for. */
import type { Distribution } from "../distribution.js";
import type { CompareOptions } from "../train/compare.options.js";
import type { TrainingData } from "../train/data.js";
import { type DataName, STRATEGY_NAMES } from "../train/names.js";
import type { ParameterInfo } from "../train/parameter.js";
import { spiral, waves } from "../train/problem.js";

/** The options that a training thread is sent: all but those of the main thread. Data with a name is made in each thread. */
export type SharedOptions = Omit<CompareOptions, "data" | "onRun" | "onProgress" | "onSeed" | "signal"> & {
  readonly given: DataName | TrainingData;
  readonly plans: readonly PlanStart[];
};

/** A start from a plan, as data that can be sent to a thread. */
export interface PlanStart {
  readonly name: string;
  /** What each parameter is drawn from. */
  readonly distributions: Readonly<Record<string, Distribution>>;
}

/** The options of the comparison, without those of the main thread. */
export async function comparisonOptions({ given, plans, ...options }: SharedOptions): Promise<CompareOptions> {
  const { strategies = STRATEGY_NAMES } = options;
  const planned = plans.map(({ name, distributions }) => ({
    name,
    start: (parameter: ParameterInfo) => distributions[parameter.name],
  }));
  return { ...options, data: await dataOf(given), strategies: [...strategies, ...planned] };
}

async function dataOf(name: DataName | TrainingData): Promise<TrainingData> {
  if (typeof name === "object") return name;
  if (name === "digits") return (await import("../train/digits.js")).loadDigits();
  return name === "spiral" ? spiral() : waves();
}
