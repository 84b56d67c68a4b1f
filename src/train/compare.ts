/** The same network trained from several starts, with the same order of samples, and with several seeds. */
import {
  checkAboveZero,
  checkCallback,
  checkOptions,
  checkPositive,
  isObject,
  wrongType,
  wrongValue,
} from "../check.js";
import type { Verdict } from "../lab/report.js";
import type { NetworkShape } from "../lab/spec.js";
import type { Scheme, SchemeName } from "../scheme/options.js";
import { checkSeed, type Seed } from "../stream.js";
import { type BestStart, bestOf } from "./best.js";
import type { TrainingData } from "./data.js";
import { type LayerOptions, textsOf } from "./list.js";
import { type OptimizerName, STRATEGY_NAMES, type StrategyName } from "./names.js";
import { parametersOfNetwork } from "./network.js";
import {
  checkedTraining,
  MOST_STEPS,
  type NetworkOptions,
  type Training,
  type TrainingOptions,
  withTrainingOptions,
} from "./options.js";
import type { ParameterInfo } from "./parameter.js";
import type { EarlyEnd, TrainingRun } from "./run.js";
import { type ResolvedStrategy, resolvedStrategy, type Strategy } from "./strategy.js";
import { trainSteps } from "./train.js";

/** The options of `compare`. */
export interface CompareOptions extends Omit<TrainingOptions, "learningRate" | "seed"> {
  /** What the networks learn. */
  readonly data: TrainingData;
  /** What is trained: options, or a list of layers. Default: 12 dense layers of 64 units. */
  readonly network?: NetworkOptions | readonly LayerOptions[] | undefined;
  /** Default: all eight that have a name. */
  readonly strategies?: readonly (Strategy | StrategyName | SchemeName)[] | undefined;
  /**
   * The learning rate of all strategies; or "sweep": each strategy is trained with several learning rates with the first seed, and
   * its other seeds take the one that does best on the validation data. Default: that of `train`.
   */
  readonly learningRate?: number | "sweep" | undefined;
  /** The learning rates of a sweep. Default: five from 1/25 to 4 times that of `train`. */
  readonly rates?: readonly number[] | undefined;
  /** How many times weights and order are drawn anew, from 1 to 1000; at most 2^27 steps in all. Default 3. */
  readonly seeds?: number | undefined;
  /** The first seed, from 0 to 2^64 - 1; the others follow it. Default 0. */
  readonly seed?: Seed | undefined;
  /** Called after each run. What it throws ends the comparison. */
  readonly onRun?: ((run: TrainingRun, done: number, total: number) => void) | undefined;
  /**
   * Called now and then with the steps that were made, and those of all runs. A run that ended early counts with all of its steps.
   * What it throws ends the comparison.
   */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Called when all strategies have been trained with one more seed, with the comparison as it is then. */
  readonly onSeed?: ((comparison: Comparison) => void) | undefined;
  /** When it is aborted, the comparison ends after the current step. The result has the runs that were made until then. */
  readonly signal?: { readonly aborted: boolean } | undefined;
}

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

const OPTIONS = withTrainingOptions([
  ...["data", "network", "strategies", "rates", "seeds", "onRun", "onProgress", "onSeed", "signal"],
]);

/**
 * Trains the same network from several starts, and says which one is best.
 *
 * @param options the data, the network, the strategies, and how they are trained.
 * @returns for each strategy its accuracy and loss over the seeds; and the best one. The same on every engine and runtime. Other
 * code of the thread gets its turn between some steps.
 * @throws TypeError, RangeError naming the option, before anything is computed.
 * @example
 * ```js
 * import { compare, spiral } from "nn-init/train";
 *
 * const { best, strategies } = await compare({
 *   data: spiral(),
 *   network: { depth: 6, width: 32 },
 *   strategies: ["small", "he"],
 *   optimizer: "adam",
 *   steps: 200,
 *   seeds: 2,
 * });
 * console.log(best?.name, strategies.map(({ ended }) => ended === undefined).join()); // he false,true
 * ```
 */
export async function compare(options: CompareOptions): Promise<Comparison> {
  const plan = checkedComparison(options);
  return compareWith(plan, { run: (settings, onSteps) => runHere(plan, settings, onSteps), lanes: 1 });
}

/** @internal A checked comparison. */
export interface ComparisonPlan {
  readonly training: Training;
  readonly strategies: readonly ResolvedStrategy[];
  readonly rates: readonly number[];
  readonly seeds: number;
  readonly callbacks: Pick<CompareOptions, "onRun" | "onProgress" | "onSeed" | "signal">;
}

/** @internal What one run of a comparison differs in. */
export interface RunSettings {
  /** The index of its strategy. */
  readonly strategy: number;
  readonly seed: bigint;
  readonly learningRate: number;
}

/** @internal What makes the runs, and how many at once. */
export interface Runner {
  /**
   * @param onSteps called now and then with the steps that were made.
   * @returns the run; undefined if it was aborted.
   */
  run(settings: RunSettings, onSteps: (made: number) => void): Promise<TrainingRun | undefined>;
  readonly lanes: number;
}

/** At most so many seeds: the results of a run take some 100 KB. */
const MOST_SEEDS = 1000;

const SWEEP = [0.04, 0.12, 0.36, 1.2, 4]; // times the learning rate of `train`

/** @internal */
export function checkedComparison(options: CompareOptions): ComparisonPlan {
  if (options === undefined) throw wrongType("options", "an object with data", options);
  checkOptions("options", options, OPTIONS);
  const { onRun, onProgress, onSeed, signal, ...given } = options;
  if (signal !== undefined && !isObject(signal)) throw wrongType("signal", "an AbortSignal", signal);
  for (const [name, call] of Object.entries({ onRun, onProgress, onSeed })) checkCallback(name, call);
  const { data, network = {}, strategies = STRATEGY_NAMES, learningRate, rates, seeds: asked = 3, ...rest } = given;
  if (data === undefined) throw wrongType("data", "data such as spiral()", data);
  const isSweep = learningRate === "sweep";
  const training = checkedTraining(network, data, isSweep ? rest : { ...rest, learningRate });
  const seeds = checkPositive("seeds", asked);
  if (seeds > MOST_SEEDS) throw wrongValue("seeds", `at most ${MOST_SEEDS}`, seeds);
  checkSeed(training.seed + BigInt(seeds - 1));
  const resolved = checkedStrategies(strategies, training);
  if (rates !== undefined && !isSweep) throw wrongType("rates", 'a learningRate of "sweep" beside it', rates);
  const tried = isSweep ? checkedRates(rates, training) : [training.learningRate];
  if (resolved.length * seeds * training.steps > MOST_STEPS) {
    const expected = `at most ${MOST_STEPS} steps in all, whose losses are kept`;
    throw wrongValue("seeds, steps", expected, [seeds, training.steps]);
  }
  return { training, strategies: resolved, rates: tried, seeds, callbacks: { onRun, onProgress, onSeed, signal } };
}

function checkedStrategies(
  strategies: CompareOptions["strategies"],
  { context }: Training,
): readonly ResolvedStrategy[] {
  if (!Array.isArray(strategies) || strategies.length === 0) {
    throw wrongType("strategies", "an array of one strategy or more", strategies);
  }
  const resolved = strategies.map((one) => resolvedStrategy(one, context));
  const twice = resolved.find(({ name }, i) => resolved.findIndex((other) => other.name === name) !== i);
  if (twice !== undefined) throw wrongValue("strategies", "strategies with different names", twice.name);
  return resolved;
}

/** The learning rates of a sweep. */
function checkedRates(rates: CompareOptions["rates"], { learningRate }: Training): readonly number[] {
  const tried = rates ?? SWEEP.map((factor) => factor * learningRate);
  if (!Array.isArray(tried) || tried.length === 0) throw wrongType("rates", "an array of learning rates", rates);
  for (const [i, rate] of tried.entries()) checkAboveZero(`rates[${i}]`, rate);
  return tried;
}

/** @internal The parameters of the network that is compared. */
export const comparedParameters = ({ training }: ComparisonPlan): readonly ParameterInfo[] =>
  parametersOfNetwork(training.spec, training.batch);

/** Makes a run on this thread, and now and then lets other code of the thread have its turn. */
async function runHere(
  plan: ComparisonPlan,
  settings: RunSettings,
  onSteps: (made: number) => void,
): Promise<TrainingRun | undefined> {
  const steps = stepsOf(plan, settings);
  for (let made = 1; ; ++made) {
    const { done, value } = steps.next();
    if (done) return value;
    if (made % 50 !== 0) continue;
    onSteps(made);
    await turn();
    if (plan.callbacks.signal?.aborted) return undefined;
  }
}

/** @internal The steps of a run. */
export const stepsOf = ({ training, strategies }: ComparisonPlan, { strategy, seed, learningRate }: RunSettings) =>
  trainSteps({ ...training, seed, learningRate }, strategies[strategy] as ResolvedStrategy);

/** Lets other code of the thread have its turn; on runtimes without timers, only what is waiting for promises. */
function turn(): Promise<void> {
  const { setTimeout } = globalThis as { setTimeout?: (call: () => void, milliseconds: number) => unknown };
  return typeof setTimeout === "function" ? new Promise((resolve) => setTimeout(resolve, 0)) : Promise.resolve();
}

/** @internal Makes all runs: first the learning rates of a sweep, with the first seed; then seed by seed. */
export async function compareWith(plan: ComparisonPlan, runner: Runner): Promise<Comparison> {
  const { training, strategies, rates, seeds, callbacks } = plan;
  const make = reportingRunner(plan, runner);
  const runs: (TrainingRun | undefined)[][] = strategies.map(() => []); // by strategy and seed
  let whole = 0; // seeds with which all strategies were trained
  const keep = (strategy: number, place: number, run: TrainingRun | undefined): void => {
    if (run === undefined) return;
    (runs[strategy] as (TrainingRun | undefined)[])[place] = run;
    while (whole < seeds && runs.every((ofStrategy) => ofStrategy[whole] !== undefined)) {
      whole += 1;
      callbacks.onSeed?.(comparisonOf(plan, runsUntil(runs, whole), whole));
    }
  };
  const first = strategies.flatMap((_, strategy) =>
    rates.map((learningRate) => ({ strategy, seed: training.seed, learningRate })),
  );
  const tried = await inLanes(first, make, runner.lanes);
  for (const strategy of strategies.keys()) {
    keep(strategy, 0, bestOfSweep(tried.slice(strategy * rates.length, (strategy + 1) * rates.length)));
  }
  if (whole > 0) {
    const others = Array.from({ length: seeds - 1 }, (_, i) =>
      runs.map(([chosen], strategy) => {
        const { learningRate } = chosen as TrainingRun;
        return { strategy, seed: training.seed + BigInt(i + 1), learningRate };
      }),
    ).flat();
    await inLanes(
      others,
      async (settings) => keep(settings.strategy, Number(settings.seed - training.seed), await make(settings)),
      runner.lanes,
    );
  }
  return comparisonOf(plan, runsUntil(runs, seeds), whole);
}

/** The runs that were made with the first `seeds` seeds. */
const runsUntil = (runs: readonly (readonly (TrainingRun | undefined)[])[], seeds: number) =>
  runs.map((ofStrategy) => ofStrategy.slice(0, seeds).filter((run) => run !== undefined));

/** Makes runs by a runner, as long as nothing aborts them, and reports the runs and their steps to the caller. */
function reportingRunner({ training, strategies, rates, seeds, callbacks }: ComparisonPlan, runner: Runner) {
  const total = strategies.length * (rates.length + seeds - 1);
  const underway = new Map<RunSettings, number>(); // the steps that were made
  let done = 0;
  const reportSteps = () => {
    const made = [...underway.values()].reduce((sum, steps) => sum + steps, done * training.steps);
    callbacks.onProgress?.(made, total * training.steps);
  };
  return async (settings: RunSettings): Promise<TrainingRun | undefined> => {
    if (callbacks.signal?.aborted) return undefined;
    const run = await runner.run(settings, (made) => {
      underway.set(settings, made);
      reportSteps();
    });
    underway.delete(settings);
    if (run === undefined) return undefined;
    done += 1;
    callbacks.onRun?.(run, done, total);
    reportSteps();
    return run;
  };
}

/** The best run of a strategy by its learning rates; undefined if one of them was not made. */
function bestOfSweep(tried: readonly (TrainingRun | undefined)[]): TrainingRun | undefined {
  const made = tried.filter((run) => run !== undefined);
  if (made.length < tried.length) return undefined;
  return made.reduce((best, run) => (isBetter(run, best) ? run : best));
}

/** Of two runs of a sweep: the one that does better on the validation data. */
function isBetter({ validation: a }: TrainingRun, { validation: b }: TrainingRun): boolean {
  if (a.accuracy !== b.accuracy) return a.accuracy > b.accuracy;
  return a.loss < b.loss || (Number.isNaN(b.loss) && !Number.isNaN(a.loss));
}

/** Calls `make` for each task in order, `lanes` at a time. */
async function inLanes<T, R>(tasks: readonly T[], make: (task: T) => Promise<R>, lanes: number): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < tasks.length) {
      const place = next++;
      results[place] = await make(tasks[place] as T);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

function comparisonOf(plan: ComparisonPlan, all: readonly (readonly TrainingRun[])[], seeds: number): Comparison {
  const { training, strategies } = plan;
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
    complete: seeds === plan.seeds,
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
