/** `nn-init compare`: the same network trained from several starts. */
import { writeSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { EngineName } from "../engine/engine.js";
import type { NetworkKind, NormalizationPlace } from "../lab/network.js";
import type { Normalization } from "../recipes/recommend.js";
import type { Activation } from "../scheme/gain.js";
import type { SchemeName } from "../scheme/options.js";
import { type CompareOptions, type Comparison, checkedComparison, compareWith } from "../train/compare.js";
import type { DataName, OptimizerName, StrategyName } from "../train/names.js";
import { dataOf, type SharedOptions } from "./compare.data.js";
import { startTrainers } from "./compare.pool.js";
import { compareText } from "./compare.text.js";
import { onInterrupt } from "./interrupt.js";
import type { Io } from "./io.js";
import { checkPage, isStdout } from "./place.js";
import { progress } from "./progress.js";
import { inFlags } from "./scheme.flags.js";
import { writeFile } from "./target.js";

export interface CompareFlags {
  readonly data: DataName;
  readonly network: NetworkKind;
  readonly depth: number;
  readonly width: number;
  readonly activation: Activation;
  readonly slope?: number;
  readonly residual?: boolean;
  readonly normalization: Normalization;
  readonly normalizationAt: NormalizationPlace;
  readonly branchScale: number;
  readonly schemes?: readonly (StrategyName | SchemeName)[];
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
  readonly html?: string;
  readonly force?: boolean;
}

export async function runCompare(flags: CompareFlags, io: Io): Promise<void> {
  checkPage(flags);
  const { json, wide, html, force } = flags;
  const comparison = await compared(flags, io);
  if (html !== undefined) {
    const { comparePage } = await import("./compare.html.js");
    await writeFile(html, comparePage(comparison), force ?? false);
  }
  const text = json ? jsonOf(comparison) : compareText(comparison, wide ? undefined : io.columns);
  await (isStdout(html) ? io.warn(text) : io.print(text));
}

/** Trains in threads, with a progress bar. An interrupt prints what was measured until then. */
async function compared(flags: CompareFlags, io: Io): Promise<Comparison> {
  const { dataName, ...shared } = sharedOptions(flags);
  let latest: Comparison | undefined;
  let bar: ReturnType<typeof progress>;
  const plan = checked({
    ...{ ...shared, data: await dataOf(dataName) },
    onRun: (_, done, total) => {
      bar ??= progress(total, "runs", io);
      bar?.update(done);
    },
    onSeed: (comparison) => {
      latest = comparison;
    },
  });
  const most = flags.threads ?? Math.min(availableParallelism(), 8);
  const trainers = startTrainers({ dataName, ...shared }, Math.min(most, plan.strategies.length), io);
  const undo = onInterrupt(() => {
    bar?.stop();
    if (latest === undefined) return;
    writeSync(1, flags.json ? jsonOf(latest) : compareText(latest, io.columns));
  });
  try {
    return await compareWith(plan, trainers);
  } finally {
    undo();
    bar?.stop();
    await trainers.close();
  }
}

/** Options whose flags have other names. */
const FLAGS = { "data.features": "data", strategies: "schemes", strategy: "schemes", learningRate: "lr" };

function checked(options: CompareOptions): ReturnType<typeof checkedComparison> {
  try {
    return checkedComparison(options);
  } catch (error) {
    throw inFlags(error, FLAGS);
  }
}

function sharedOptions(flags: CompareFlags): SharedOptions {
  const { data, network, depth, width, activation, slope, residual, normalization, normalizationAt, branchScale } =
    flags;
  const { schemes, optimizer, lr, steps, batch, seeds, seed, early, engine } = flags;
  return {
    dataName: data,
    network: {
      ...{ kind: network, depth, width, activation, normalization, normalizationAt, branchScale },
      ...(slope !== undefined && { slope }),
      ...(residual !== undefined && { residual }),
    },
    ...{ optimizer, steps, batch, seeds, seed, early },
    ...(schemes !== undefined && { strategies: schemes }),
    ...(lr !== undefined && { learningRate: lr }),
    ...(engine !== "auto" && { engine }),
  };
}

/** Without what only a picture shows: the losses of each step, the layers on the way, the histograms. */
const jsonOf = ({ strategies, ...rest }: Comparison): string => {
  const short = strategies.map(({ runs, ...strategy }) => ({
    ...strategy,
    runs: runs.map(({ losses, monitored: _, histograms: __, ...run }) => ({ ...run, steps: losses.length })),
  }));
  return `${JSON.stringify({ ...rest, strategies: short })}\n`;
};
