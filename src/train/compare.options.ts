/** The options of `compare`, and their checks. */
import { checkCallback, checkOptions, checkPositive, isObject, wrongType, wrongValue } from "../check.js";
import type { SchemeName } from "../scheme/options.js";
import { checkSeed, type Seed } from "../stream.js";
import type { Compared, Comparison } from "./comparison.js";
import type { TrainingData } from "./data.js";
import type { LayerOptions } from "./list.js";
import { STRATEGY_NAMES, type StrategyName } from "./names.js";
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
import type { TrainingRun } from "./run.js";
import { type ResolvedStrategy, resolvedStrategy, type Strategy } from "./strategy.js";
import { checkedRates } from "./sweep.js";

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

const OPTIONS = withTrainingOptions([
  ...["data", "network", "strategies", "rates", "seeds", "onRun", "onProgress", "onSeed", "signal"],
]);

/** @internal A checked comparison. */
export interface ComparisonPlan extends Compared {
  readonly rates: readonly number[];
  readonly callbacks: Pick<CompareOptions, "onRun" | "onProgress" | "onSeed" | "signal">;
}

/** At most so many seeds: the results of a run take some 100 KB. */
const MOST_SEEDS = 1000;

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
  const tried = isSweep ? checkedRates(rates, training.learningRate) : [training.learningRate];
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

/** @internal The parameters of the network that is compared. */
export const comparedParameters = ({ training }: ComparisonPlan): readonly ParameterInfo[] =>
  parametersOfNetwork(training.spec, training.batch);
