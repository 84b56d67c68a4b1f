/** Data by its name. The digits are loaded only where they are asked for. */
import type { TrainingData } from "../train/data.js";
import type { DataName } from "../train/names.js";
import { spiral, waves } from "../train/problem.js";

export async function dataOf(name: DataName): Promise<TrainingData> {
  if (name === "digits") return (await import("../train/digits.js")).loadDigits();
  return name === "spiral" ? spiral() : waves();
}
