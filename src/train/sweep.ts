/** A sweep: several learning rates with the first seed, of which each strategy keeps the best. */
import { checkAboveZero, wrongType } from "../check.js";
import type { TrainingRun } from "./run.js";

/** The learning rates, if none are given. */
const SWEEP = [0.04, 0.12, 0.36, 1.2, 4]; // times the learning rate of `train`

/**
 * The learning rates of a sweep.
 *
 * @param usual the learning rate of `train`.
 */
export function checkedRates(rates: readonly number[] | undefined, usual: number): readonly number[] {
  const tried = rates ?? SWEEP.map((factor) => factor * usual);
  if (!Array.isArray(tried) || tried.length === 0) throw wrongType("rates", "an array of learning rates", rates);
  for (const [i, rate] of tried.entries()) checkAboveZero(`rates[${i}]`, rate);
  return tried;
}

/** The best run of a strategy by its learning rates; undefined if one of them was not made. */
export function bestOfSweep(tried: readonly (TrainingRun | undefined)[]): TrainingRun | undefined {
  const made = tried.filter((run) => run !== undefined);
  if (made.length < tried.length) return undefined;
  return made.reduce((best, run) => (isBetter(run, best) ? run : best));
}

/** Of two runs of a sweep: the one that does better on the validation data. */
function isBetter({ validation: a }: TrainingRun, { validation: b }: TrainingRun): boolean {
  if (a.accuracy !== b.accuracy) return a.accuracy > b.accuracy;
  return a.loss < b.loss || (Number.isNaN(b.loss) && !Number.isNaN(a.loss));
}
