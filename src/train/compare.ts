/** The same network from several starts: in the same order of samples, with several seeds. */
import { checkAboveZero, checkOptions, checkPositive, wrongType, wrongValue } from "../check.js";
import type { Verdict } from "../lab/report.js";
import type { NetworkShape } from "../lab/spec.js";
import type { Scheme, SchemeName } from "../scheme/options.js";
import { checkSeed, type Seed } from "../stream.js";
import { type BestStart, bestOf } from "./best.js";
import type { TrainingData } from "./data.js";
import { type OptimizerName, STRATEGY_NAMES, type StrategyName } from "./names.js";
import { trainableNetwork } from "./network.js";
import {
  checkedTraining,
  MOST_STEPS,
  type NetworkOptions,
  TRAINING_OPTIONS,
  type Training,
  type TrainingOptions,
} from "./options.js";
import { type LayerOptions, textsOf } from "./own.js";
import type { ParameterInfo } from "./parameter.js";
import type { EarlyEnd, TrainingRun } from "./run.js";
import { type ResolvedStrategy, resolvedStrategy, type Strategy } from "./strategy.js";
import { trainSteps } from "./train.js";

/** The options of `compare`. */
export interface CompareOptions extends Omit<TrainingOptions, "learningRate" | "seed"> {
  /** What the networks learn. */
  readonly data: TrainingData;
  /** What is trained: options, or an array of layers of your own. Default: 12 dense layers of 64 units. */
  readonly network?: NetworkOptions | readonly LayerOptions[] | undefined;
  /** Default: all eight that have a name. */
  readonly strategies?: readonly (Strategy | StrategyName | SchemeName)[] | undefined;
  /**
   * Of all strategies; or "sweep": each strategy is trained with several learning rates, with the first seed, and goes on with
   * the one that does best on the validation data. Default: that of `train`.
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
  /** Ends the comparison after the step that is being made, once it is aborted: the result has the runs that were made until then. */
  readonly signal?: { readonly aborted: boolean } | undefined;
}

/** A number over all seeds. */
export interface SeedStatistics {
  /** Their mean. */
  readonly mean: number;
  /** Their standard deviation (of the sample: divided by the seeds less one); 0 for one seed. */
  readonly std: number;
}

/** How one strategy did. */
export interface StrategyResult {
  /** Its name. */
  readonly name: string;
  /** The scheme of the hidden layers' weights; null if a function decided. */
  readonly scheme: Scheme | null;
  /** Of its runs. */
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
  /** Layers of your own, in words. `kind`, `activation` and `normalization` are then of one of them, `width` of the widest. */
  readonly layers?: readonly string[] | undefined;
}

/** What `compare` found. It is plain data, ready for JSON. */
export interface Comparison {
  /** The name of the data. */
  readonly data: string;
  /** What was trained. */
  readonly network: ComparedNetwork;
  /** How. */
  readonly optimizer: OptimizerName;
  /** Of each run that did not end early. */
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

const OPTIONS = [
  ...TRAINING_OPTIONS,
  ...["data", "network", "strategies", "rates", "seeds", "onRun", "onProgress", "onSeed", "signal"],
];

/**
 * Trains the same network from several starts, and says which is best.
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
  return compareWith(plan, { run: (task, onSteps) => runHere(plan, task, onSteps), lanes: 1 });
}

/** @internal A checked comparison. */
export interface ComparisonPlan {
  readonly training: Training;
  readonly strategies: readonly ResolvedStrategy[];
  readonly rates: readonly number[];
  readonly seeds: number;
  readonly options: CompareOptions;
}

/** @internal A run that is to be made. */
export interface TrainingTask {
  /** The place of its strategy. */
  readonly strategy: number;
  readonly seed: bigint;
  readonly learningRate: number;
}

/** @internal Who makes the runs, and how many at once. */
export interface Runner {
  /**
   * @param onSteps called now and then with the steps that were made.
   * @returns undefined if the run was given up.
   */
  run(task: TrainingTask, onSteps: (made: number) => void): Promise<TrainingRun | undefined>;
  readonly lanes: number;
}

/** At most so many seeds: what is kept of each run takes some 100 KB. */
const MOST_SEEDS = 1000;

const SWEEP = [0.04, 0.12, 0.36, 1.2, 4]; // times the learning rate of `train`

/** @internal */
export function checkedComparison(options: CompareOptions): ComparisonPlan {
  if (options === undefined) throw wrongType("options", "an object with data", options);
  checkOptions("options", options, OPTIONS);
  const { data, network = {}, strategies = STRATEGY_NAMES, learningRate, rates, seeds: _, ...rest } = options;
  const { onRun: __, onProgress: ___, onSeed: ____, signal: _____, ...own } = rest;
  const isSweep = learningRate === "sweep";
  if (data === undefined) throw wrongType("data", "data such as spiral()", data);
  const training = checkedTraining(network, data, isSweep ? own : { ...own, learningRate });
  const seeds = checkPositive("seeds", options.seeds ?? 3);
  if (seeds > MOST_SEEDS) throw wrongValue("seeds", `at most ${MOST_SEEDS}`, seeds);
  checkSeed(training.seed + BigInt(seeds - 1));
  if (!Array.isArray(strategies) || strategies.length === 0) {
    throw wrongType("strategies", "an array of one strategy or more", strategies);
  }
  const resolved = strategies.map((one) => resolvedStrategy(one, training.context));
  const twice = resolved.find(({ name }, i) => resolved.findIndex((other) => other.name === name) !== i);
  if (twice !== undefined) throw wrongValue("strategies", "strategies with different names", twice.name);
  if (rates !== undefined && !isSweep) throw wrongType("rates", 'a learningRate of "sweep" beside it', rates);
  const tried = rates ?? SWEEP.map((factor) => factor * training.learningRate);
  if (!Array.isArray(tried) || tried.length === 0) throw wrongType("rates", "an array of learning rates", rates);
  if (isSweep) for (const [i, rate] of tried.entries()) checkAboveZero(`rates[${i}]`, rate);
  const kept = resolved.length * seeds * training.steps;
  if (kept > MOST_STEPS) {
    throw wrongValue("seeds, steps", `at most ${MOST_STEPS} steps in all, whose losses are kept`, [
      seeds,
      training.steps,
    ]);
  }
  return { training, strategies: resolved, rates: isSweep ? tried : [training.learningRate], seeds, options };
}

/** @internal What is trained: each of the network's parameters. */
export const comparedParameters = ({ training }: ComparisonPlan): readonly ParameterInfo[] =>
  trainableNetwork(training.spec, training.batch, training).parameters.map(({ name, shape, role, layer }) => ({
    ...{ name, shape, role, layer },
  }));

/** Makes a run on this thread, which others get in between. */
async function runHere(
  plan: ComparisonPlan,
  task: TrainingTask,
  onSteps: (made: number) => void,
): Promise<TrainingRun | undefined> {
  const steps = stepsOf(plan, task);
  for (let made = 1; ; ++made) {
    const { done, value } = steps.next();
    if (done) return value;
    if (made % 50 !== 0) continue;
    onSteps(made);
    await turn();
    if (plan.options.signal?.aborted) return undefined;
  }
}

/** @internal The steps of a task. */
export const stepsOf = ({ training, strategies }: ComparisonPlan, task: TrainingTask) =>
  trainSteps(
    { ...training, seed: task.seed, learningRate: task.learningRate },
    strategies[task.strategy] as ResolvedStrategy,
  );

/** Lets the thread do what waits, where there is something to wait with. */
function turn(): Promise<void> {
  const { setTimeout } = globalThis as { setTimeout?: (call: () => void, milliseconds: number) => unknown };
  return typeof setTimeout === "function" ? new Promise((resolve) => setTimeout(resolve, 0)) : Promise.resolve();
}

/** @internal Runs everything: in a sweep first the learning rates, then seed by seed. */
export async function compareWith(plan: ComparisonPlan, runner: Runner): Promise<Comparison> {
  const { training, strategies, rates, seeds, options } = plan;
  const total = strategies.length * (rates.length + seeds - 1);
  const isAborted = () => options.signal?.aborted ?? false;
  let done = 0;
  const underway = new Map<TrainingTask, number>(); // the steps that were made
  const tell = () => {
    const made = [...underway.values()].reduce((sum, steps) => sum + steps, done * training.steps);
    options.onProgress?.(made, total * training.steps);
  };
  const make = async (task: TrainingTask): Promise<TrainingRun | undefined> => {
    if (isAborted()) return undefined;
    const run = await runner.run(task, (made) => {
      underway.set(task, made);
      tell();
    });
    underway.delete(task);
    if (run === undefined) return undefined;
    done += 1;
    options.onRun?.(run, done, total);
    tell();
    return run;
  };
  const first = strategies.flatMap((_, strategy) =>
    rates.map((learningRate) => ({ strategy, seed: training.seed, learningRate })),
  );
  const tried = await inLanes(first, make, runner.lanes);
  const runs: TrainingRun[][] = strategies.map((_, strategy) => {
    const own = tried.filter((run, i) => run !== undefined && first[i]?.strategy === strategy) as TrainingRun[];
    return own.length === rates.length ? [own.reduce((best, run) => (isBetter(run, best) ? run : best))] : [];
  });
  let whole = runs.every(({ length }) => length === 1) ? 1 : 0;
  if (whole > 0) options.onSeed?.(comparisonOf(plan, runs, whole));
  const others = Array.from({ length: seeds - 1 }, (_, i) =>
    strategies.map((_, strategy) => ({
      ...{ strategy, seed: training.seed + BigInt(i + 1) },
      learningRate: runs[strategy]?.[0]?.learningRate ?? training.learningRate,
    })),
  ).flat();
  const later: (TrainingRun | undefined)[][] = strategies.map(() => []);
  if (whole > 0) {
    const made = new Int32Array(seeds);
    await inLanes(
      others,
      async (task) => {
        const run = await make(task);
        if (run === undefined) return;
        const place = Number(task.seed - training.seed);
        (later[task.strategy] as (TrainingRun | undefined)[])[place - 1] = run;
        made[place] = (made[place] as number) + 1;
        while (made[whole] === strategies.length) {
          for (const [i, own] of later.entries()) runs[i]?.push(own[whole - 1] as TrainingRun);
          whole += 1;
          options.onSeed?.(comparisonOf(plan, runs, whole));
        }
      },
      runner.lanes,
    );
  }
  // Of a seed that is not done by all strategies, the runs that were made.
  const rest = later.map((own) => own.slice(Math.max(0, whole - 1)).filter((run) => run !== undefined));
  const all = runs.map((own, i) => [...own, ...(rest[i] as TrainingRun[])]);
  return comparisonOf(plan, all, whole);
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
  const { features, outputs, own } = training.spec;
  const resultsOf = (runsOf: (runs: readonly TrainingRun[]) => readonly TrainingRun[]) =>
    strategies.flatMap((strategy, i) => resultOf(strategy, runsOf(all[i] ?? [])));
  return {
    data: training.data.name,
    network: {
      ...{ ...shape, activation: activation.name, features, outputs },
      ...(own && { layers: textsOf(own.layers) }),
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

/** Of these runs; nothing if there is none. */
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

/** @internal */
export function seedStatistics(values: readonly number[]): SeedStatistics {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const squares = values.reduce((sum, x) => sum + (x - mean) * (x - mean), 0);
  return { mean, std: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 };
}
