/** What `compare` found: the runs by strategy, and which strategy is the best. */
import type { Verdict } from "../lab/report.js";
import type { NetworkShape } from "../lab/spec.js";
import type { Scheme } from "../scheme/options.js";
import { type BestStart, bestOf } from "./best.js";
import { textsOf } from "./list.js";
import type { OptimizerName } from "./names.js";
import type { Training } from "./options.js";
import type { EarlyEnd, TrainingRun } from "./run.js";
import type { ResolvedStrategy } from "./strategy.js";

/** A number over all seeds. */
export interface SeedStatistics {
  /** Mean over the seeds. */
  readonly mean: number;
  /** Sample standard deviation over the seeds (divided by their number less one); 0 for one seed. */
  readonly std: number;
}

/** How one strategy did. */
export interface StrategyResult {
  /** Its name. */
  readonly name: string;
  /** The scheme of the hidden layers' weights; null if a function decided. */
  readonly scheme: Scheme | null;
  /** The learning rate of its runs. */
  readonly learningRate: number;
  /** The lab's verdict about its start with the first seed, written down before the first step. */
  readonly verdict: Verdict;
  /** On the test data: shares of right answers; for a regression, shares of variance explained. */
  readonly accuracy: SeedStatistics;
  /** On the test data. */
  readonly loss: SeedStatistics;
  /** Why its first run that ended early did so. */
  readonly ended?: EarlyEnd | undefined;
  /** A run for each seed; of a comparison that was ended, some strategies may have more runs than `seeds` says. */
  readonly runs: readonly TrainingRun[];
}

/** The network that was compared. */
export interface ComparedNetwork extends NetworkShape {
  /** The name of the activation function; "a function" for one without a name. */
  readonly activation: string;
  /** Numbers of each sample. */
  readonly features: number;
  /** Classes, or numbers to predict. */
  readonly outputs: number;
  /** A list of layers, in words. `kind`, `activation` and `normalization` are then those of one of them, `width` that of the widest. */
  readonly layers?: readonly string[] | undefined;
}

/** What `compare` found. It is plain data, ready for JSON. */
export interface Comparison {
  /** The name of the data. */
  readonly data: string;
  /** What was trained. */
  readonly network: ComparedNetwork;
  /** The optimizer of all runs. */
  readonly optimizer: OptimizerName;
  /** The steps of each run that did not end early. */
  readonly steps: number;
  /** Samples of a step. */
  readonly batch: number;
  /** Seeds with which all strategies were trained. */
  readonly seeds: number;
  /** In the order in which they were given. */
  readonly strategies: readonly StrategyResult[];
  /** Which is the best; null before the first seed is done. */
  readonly best: BestStart | null;
  /** False if it was ended before the last seed. */
  readonly complete: boolean;
}

/** @internal What is compared. */
export interface Compared {
  readonly training: Training;
  readonly strategies: readonly ResolvedStrategy[];
  readonly seeds: number;
}

/**
 * @internal What was found so far.
 *
 * @param all runs by strategy. @param seeds of which all strategies have runs.
 */
export function comparisonOf(
  { training, strategies, seeds: asked }: Compared,
  all: readonly (readonly TrainingRun[])[],
  seeds: number,
): Comparison {
  const { activation, ...shape } = training.spec.network;
  const { features, outputs, list } = training.spec;
  const resultsOf = (runsOf: (runs: readonly TrainingRun[]) => readonly TrainingRun[]) =>
    strategies.flatMap((strategy, i) => resultOf(strategy, runsOf(all[i] ?? [])));
  return {
    data: training.data.name,
    network: {
      ...{ ...shape, activation: activation.name, features, outputs },
      ...(list && { layers: textsOf(list.layers) }),
    },
    ...{ optimizer: training.optimizer, steps: training.steps, batch: training.batch, seeds },
    strategies: resultsOf((runs) => runs),
    best:
      seeds === 0
        ? null
        : bestOf(
            resultsOf((runs) => runs.slice(0, seeds)),
            training.data,
          ),
    complete: seeds === asked,
  };
}

/** The results of a strategy; none if it has no runs. */
function resultOf({ name, scheme }: ResolvedStrategy, runs: readonly TrainingRun[]): readonly StrategyResult[] {
  const [first] = runs;
  if (first === undefined) return [];
  const ended = runs.find((run) => run.ended !== undefined)?.ended;
  return [
    {
      ...{ name, scheme: scheme ?? null, learningRate: first.learningRate, verdict: first.verdict },
      accuracy: seedStatistics(runs.map(({ test }) => test.accuracy)),
      loss: seedStatistics(runs.map(({ test }) => test.loss)),
      ...(ended !== undefined && { ended }),
      runs,
    },
  ];
}

function seedStatistics(values: readonly number[]): SeedStatistics {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const squares = values.reduce((sum, x) => sum + (x - mean) * (x - mean), 0);
  return { mean, std: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 };
}
