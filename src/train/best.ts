/** The best start: by how much, how certain that is, and whether the lab predicted it. */
import type { VerdictKind } from "../lab/report.js";
import { digits } from "../math/digits.js";
import type { CheckedData } from "./data.js";

/** Which start is the best one. */
export interface BestStart {
  /** Its name. */
  readonly name: string;
  /** Its mean accuracy on the test data. */
  readonly accuracy: number;
  /** The second best, of those that start from other weights; null if there is none. */
  readonly second: string | null;
  /** By how much its accuracy exceeds that of the second: the mean over the seeds. */
  readonly by: number;
  /** The standard error of that mean; null for one seed. */
  readonly error: number | null;
  /**
   * Whether the lab predicted it: it called this start stable, or it called none stable and none learned.
   */
  readonly predicted: boolean;
  /** The same as an English sentence. */
  readonly sentence: string;
}

/** The results of a strategy that decide. */
interface Contender {
  readonly name: string;
  readonly accuracy: { readonly mean: number };
  readonly loss: { readonly mean: number };
  readonly verdict: { readonly kind: VerdictKind };
  readonly runs: readonly { readonly test: { readonly accuracy: number }; readonly losses: readonly number[] }[];
}

/** A network has learned if its accuracy is this much above that of the best constant prediction. */
const LEARNED = 0.1;

/** The accuracy of the best constant prediction: the share of the most frequent class; 0 for a regression. */
function chanceOf({ task, outputs, test: { targets } }: CheckedData): number {
  if (task === "regression") return 0;
  const counts = new Array<number>(outputs).fill(0);
  for (let i = 0; i < targets.length; ++i) counts[targets[i] as number] = (counts[targets[i] as number] as number) + 1;
  return counts.reduce((most, count) => Math.max(most, count), 0) / targets.length;
}

/** @internal */
export function bestOf(contenders: readonly Contender[], data: CheckedData): BestStart {
  const ranked = [...contenders].sort((a, b) => b.accuracy.mean - a.accuracy.mean || lossOrder(a, b));
  const best = ranked[0] as Contender;
  const second = ranked.find((one) => !isSame(one, best));
  const others = ranked.filter((one) => one !== best && isSame(one, best)).map((one) => one.name);
  const chance = chanceOf(data);
  const hasLearned = best.accuracy.mean > chance + LEARNED;
  const differences = best.runs.map(({ test }, i) => test.accuracy - (second?.runs[i]?.test.accuracy ?? 0));
  const by = differences.reduce((sum, x) => sum + x, 0) / differences.length;
  const squares = differences.reduce((sum, x) => sum + (x - by) * (x - by), 0);
  const count = differences.length;
  const error = count > 1 ? Math.sqrt(squares / (count - 1) / count) : null;
  const stable = contenders.filter(({ verdict }) => verdict.kind === "stable");
  const predicted = stable.length === 0 ? !hasLearned : hasLearned && stable.includes(best);
  const name = best.name;
  const sentences = [
    hasLearned
      ? winner(best, others, { second, by, error }, data)
      : `No start learns: the best, ${name}, has ${points(best.accuracy.mean)}, and a constant prediction ${points(chance)}.`,
    predictionOf(stable.length, contenders.length, best, predicted, hasLearned),
  ];
  return {
    ...{ name, accuracy: best.accuracy.mean, second: second?.name ?? null, by, error, predicted },
    sentence: sentences.join(" "),
  };
}

/** Whether two strategies gave the same losses in every run: they start from the same weights. */
const isSame = (a: Contender, b: Contender): boolean =>
  a.runs.length === b.runs.length &&
  a.runs.every(({ test, losses }, i) => {
    const other = b.runs[i] as Contender["runs"][number];
    return test.accuracy === other.test.accuracy && losses.every((loss, k) => Object.is(loss, other.losses[k]));
  });

const lossOrder = ({ loss: a }: Contender, { loss: b }: Contender): number =>
  Number.isNaN(a.mean) ? (Number.isNaN(b.mean) ? 0 : 1) : Number.isNaN(b.mean) ? -1 : a.mean - b.mean;

const points = (share: number): string => `${digits(100 * share, 3)}%`;

/** Beyond two standard errors, less than one difference in twenty is by chance, if there are many seeds. */
const CERTAIN = 2;

/** By how much the best start leads. */
interface Lead extends Pick<BestStart, "by" | "error"> {
  readonly second: Contender | undefined;
}

/** @param others the names of those that start from the same weights. */
function winner(
  best: Contender,
  others: readonly string[],
  { second, by, error }: Lead,
  { task }: CheckedData,
): string {
  const what = task === "classification" ? "of the test data right" : "of the test data's variance explained";
  const start = others.length === 1 ? "starts" : "start";
  const equal = others.length === 0 ? "" : ` (and ${others.join(", ")}, which ${start} from the same weights)`;
  const begin = `${best.name}${equal} is the best start, with ${points(best.accuracy.mean)} ${what}`;
  if (second === undefined) return `${begin}.`;
  const lead = `${digits(100 * by, 2)} points more than ${second.name}`;
  if (error === null) return `${begin}, ${lead} with the one seed that was tried.`;
  const certain = by > CERTAIN * error ? "more than" : "no more than";
  return `${begin}, ${lead} (standard error ${digits(100 * error, 2)} over ${best.runs.length} seeds): ${certain} seeds alone make.`;
}

function predictionOf(stable: number, count: number, best: Contender, predicted: boolean, hasLearned: boolean): string {
  const said = stable === 0 ? `no start of ${count}` : `${stable} of ${count} starts`;
  const begin = `Before training, the lab called ${said} stable`;
  if (!hasLearned) return `${begin}${predicted ? ", and so predicted this" : ""}.`;
  if (predicted) return `${begin}, this one among them.`;
  return `${begin}, and this one ${best.verdict.kind}: it did not predict this.`;
}
