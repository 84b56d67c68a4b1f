/** `nn-init compare`: the same network trained from several starts. */
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { printable, wrongType } from "../check.js";
import { fileError } from "../checkpoint/place.js";
import { MOST_CONFIG } from "../checkpoint/python.js";
import type { EngineName } from "../engine/engine.js";
import { readJson } from "../file/json.js";
import type { NetworkKind, NormalizationPlace } from "../lab/network.js";
import type { Normalization } from "../recipes/recommend.js";
import type { Activation } from "../scheme/gain.js";
import type { SchemeName } from "../scheme/options.js";
import { compareWith } from "../train/compare.js";
import { type CompareOptions, checkedComparison, comparedParameters } from "../train/compare.options.js";
import type { Comparison } from "../train/comparison.js";
import type { TrainingData } from "../train/data.js";
import type { LayerOptions } from "../train/list.js";
import type { DataName, OptimizerName, StrategyName } from "../train/names.js";
import { UsageError } from "./arguments.js";
import { comparisonOptions, type SharedOptions } from "./compare.data.js";
import { startTrainers } from "./compare.pool.js";
import { type Saver, saverTo, withoutPlots } from "./compare.saver.js";
import { compareText, courseText } from "./compare.text.js";
import { longText, remainingText } from "./compare.time.js";
import { onFirstInterrupt } from "./interrupt.js";
import type { Io } from "./io.js";
import { checkApart, checkPage, placeOf } from "./place.js";
import { progress } from "./progress.js";
import { printReport } from "./report.js";
import { inFlags } from "./scheme.flags.js";
import { writeFile } from "./target.js";

export interface CompareFlags {
  /** The name of data, or the path of an `.npz` file. */
  readonly data: string;
  /** The kind of layers, or the path of a `.json` file with layers. */
  readonly network: string;
  readonly depth: number;
  readonly width: number;
  readonly activation: Activation;
  readonly slope?: number;
  readonly residual?: boolean;
  readonly normalization: Normalization;
  readonly normalizationAt: NormalizationPlace;
  readonly branchScale: number;
  readonly schemes?: readonly (StrategyName | SchemeName)[];
  readonly plan?: readonly string[];
  readonly optimizer: OptimizerName;
  readonly lr?: number | "sweep";
  readonly steps: number;
  readonly batch: number;
  readonly seeds: number;
  readonly seed?: bigint;
  readonly early: boolean;
  readonly threads?: number;
  readonly engine: EngineName | "auto";
  readonly json?: boolean;
  readonly wide?: boolean;
  readonly out?: string;
  readonly html?: string;
  readonly force?: boolean;
}

/**
 * Compares, and writes the results. An interrupt ends the training, and the results until then are written as usual.
 *
 * @returns the exit code if it was interrupted.
 */
export async function runCompare(flags: CompareFlags, io: Io): Promise<number | undefined> {
  const inputs = [flags.data, flags.network, ...(flags.plan ?? [])];
  checkPage(flags, inputs);
  checkOut(flags, inputs);
  const { json, wide, html, out, force } = flags;
  const stopping = new AbortController();
  const undo = onFirstInterrupt((exitCode) => stopping.abort(exitCode));
  try {
    const saver = out === undefined ? undefined : saverTo(out, force ?? false);
    const comparison = await compared(flags, io, stopping.signal, saver);
    try {
      await saver?.finish(comparison);
      if (html !== undefined) {
        const { comparePage } = await import("./compare.html.js");
        await writeFile(html, comparePage(comparison), force ?? false);
      }
    } finally {
      const text = (width: number | undefined) => compareText(comparison, width);
      await printReport(withoutPlots(comparison), text, { json, wide, file: html }, io);
    }
    return stopping.signal.reason;
  } finally {
    undo();
  }
}

/** `--out` needs a file: the results are written again at each seed, which a pipe cannot take back. */
function checkOut({ out, html, force }: CompareFlags, inputs: readonly string[]): void {
  if (out === undefined) return;
  checkApart("--out", out, inputs);
  if (placeOf(out, force ?? false).kind === "through") {
    throw new UsageError(`--out: expected a file, got ${printable(out)}; --json writes to standard output`);
  }
  if (html !== undefined && resolve(html) === resolve(out)) {
    throw new UsageError("--html: expected another file than in --out");
  }
}

/** Trains in threads, with a progress bar. */
async function compared(
  flags: CompareFlags,
  io: Io,
  signal: AbortSignal,
  saver: Saver | undefined,
): Promise<Comparison> {
  const shared = await plannedOptions(flags, { ...sharedOptions(flags), given: await givenData(flags.data) });
  let bar: ReturnType<typeof progress>;
  let course = "";
  let warned = false;
  const begun = performance.now();
  const plan = checked(flags, {
    ...(await comparisonOptions(shared)),
    signal,
    onRun: (run) => {
      course = `; ${courseText(run)}`;
    },
    onProgress: (done, total) => {
      const seconds = (performance.now() - begun) / 1000;
      const note = `, ${remainingText(seconds, done, total)} left${course}`;
      bar?.update(done, { note });
      const long = warned ? undefined : longText(seconds, done, total);
      if (long === undefined) return;
      warned = true;
      bar?.stop();
      io.warn(long);
      bar?.start(total, done, { note });
    },
    onSeed: (comparison) => saver?.save(comparison),
  });
  const most = flags.threads ?? Math.min(availableParallelism(), 8);
  const trainers = startTrainers(shared, Math.min(most, plan.strategies.length), io);
  signal.addEventListener("abort", () => trainers.close());
  const runs = plan.strategies.length * (plan.rates.length + plan.seeds - 1);
  bar = progress(runs * plan.training.steps, "steps", io, 20);
  try {
    return await compareWith(plan, trainers);
  } finally {
    bar?.stop();
    await trainers.close();
  }
}

/** Adds the starts of plans, which depend on the network's parameters. */
async function plannedOptions(flags: CompareFlags, shared: Omit<SharedOptions, "plans">) {
  const { plan: paths = [] } = flags;
  if (paths.length === 0) return { ...shared, plans: [] };
  const { startsOfPlans } = await import("./compare.plan.js");
  const plan = checked(flags, await comparisonOptions({ ...shared, plans: [] }));
  return { ...shared, plans: startsOfPlans(paths, comparedParameters(plan), plan.training.spec.network) };
}

/** The name of data, or the data of a file, which is read once for all threads. */
const givenData = async (data: string): Promise<DataName | TrainingData> =>
  data.endsWith(".npz") ? (await import("./compare.npz.js")).readOwnData(data) : (data as DataName);

/** Options whose flags have other names. */
const FLAGS = { "data.features": "data", strategies: "schemes", strategy: "schemes", learningRate: "lr" };

function checked({ network }: CompareFlags, options: CompareOptions): ReturnType<typeof checkedComparison> {
  try {
    return checkedComparison(options);
  } catch (error) {
    const { message } = error as Error;
    if (isFile(network) && message.startsWith("network")) throw fileError(network, message, error);
    throw inFlags(error, FLAGS);
  }
}

/** Reads a list of layers. It is checked with the other options. */
function readLayers(path: string): readonly LayerOptions[] {
  const layers = readJson(path, { most: MOST_CONFIG });
  if (!Array.isArray(layers)) throw fileError(path, wrongType("network", "an array of layers", layers).message);
  return layers;
}

const isFile = (network: string): boolean => network.endsWith(".json");

function sharedOptions(flags: CompareFlags): Omit<SharedOptions, "given" | "plans"> {
  const { network, depth, width, activation, slope, residual, normalization, normalizationAt, branchScale } = flags;
  const { schemes, optimizer, lr, steps, batch, seeds, seed, early, engine } = flags;
  return {
    network: isFile(network)
      ? readLayers(network)
      : {
          kind: network as NetworkKind,
          ...{ depth, width, activation, normalization, normalizationAt, branchScale },
          ...(slope !== undefined && { slope }),
          ...(residual !== undefined && { residual }),
        },
    ...{ optimizer, steps, batch, seeds, seed, early },
    ...(schemes !== undefined && { strategies: schemes }),
    ...(lr !== undefined && { learningRate: lr }),
    ...(engine !== "auto" && { engine }),
  };
}
