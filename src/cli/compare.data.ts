/** Data by its name. The digits are loaded only where they are asked for. */
import type { CompareOptions } from "../train/compare.js";
import type { TrainingData } from "../train/data.js";
import type { DataName } from "../train/names.js";
import { spiral, waves } from "../train/problem.js";

/** What a trainer's thread is told: all but what only the main thread does. Data that has a name it makes itself. */
export type SharedOptions = Omit<CompareOptions, "data" | "onRun" | "onSeed" | "signal"> & {
  readonly given: DataName | TrainingData;
};

export async function dataOf(name: DataName | TrainingData): Promise<TrainingData> {
  if (typeof name === "object") return name;
  if (name === "digits") return (await import("../train/digits.js")).loadDigits();
  return name === "spiral" ? spiral() : waves();
}
