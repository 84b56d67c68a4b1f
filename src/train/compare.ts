/** The same network trained from several starts, with the same order of samples, and with several seeds. */
import { type CompareOptions, type ComparisonPlan, checkedComparison } from "./compare.options.js";
import { type Comparison, comparisonOf } from "./comparison.js";
import type { TrainingRun } from "./run.js";
import type { ResolvedStrategy } from "./strategy.js";
import { bestOfSweep } from "./sweep.js";
import { trainSteps } from "./train.js";

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
