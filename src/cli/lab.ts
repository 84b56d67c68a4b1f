/** `nn-init lab`: what an initialization does to signals and gradients, before any training. */
import type { EngineName } from "../engine/engine.js";
import { parseActivation } from "../lab/formula.js";
import { labBeside } from "../lab/lab.js";
import type { NetworkKind, NormalizationPlace } from "../lab/network.js";
import type { LabOptions } from "../lab/options.js";
import type { LabReport, LabRun } from "../lab/report.js";
import type { Normalization } from "../recipes/recommend.js";
import type { Activation } from "../scheme/gain.js";
import type { Scheme } from "../scheme/options.js";
import { UsageError } from "./arguments.js";
import type { Io } from "./io.js";
import { labText } from "./lab.text.js";
import { checkPage, isStdout } from "./place.js";
import { progress } from "./progress.js";
import { inFlags } from "./scheme.flags.js";
import { writeFile } from "./target.js";
import { startThread } from "./thread.js";

export interface LabFlags {
  readonly network: NetworkKind;
  readonly depth: number;
  readonly width: number;
  readonly samples?: number;
  readonly activation: Activation;
  readonly formula?: string;
  readonly slope?: number;
  readonly scheme?: Scheme;
  readonly residual?: boolean;
  readonly normalization: Normalization;
  readonly normalizationAt: NormalizationPlace;
  readonly biasVariance: number;
  readonly branchScale: number;
  readonly seeds: number;
  readonly seed: number;
  readonly recommendation: boolean;
  readonly engine: EngineName | "auto";
  readonly json?: boolean;
  readonly wide?: boolean;
  readonly html?: string;
  readonly force?: boolean;
  readonly open?: boolean;
  readonly port?: number;
}

export async function runLab(flags: LabFlags, io: Io): Promise<void> {
  const { json, wide, html, force, open, port, engine, formula, ...rest } = flags;
  if (open) return (await import("./lab.open.js")).openLab(flags, io);
  if (port !== undefined) throw new UsageError("--port: give --open too");
  checkPage(flags);
  const report = await measured({ ...rest, ...(engine !== "auto" && { engine }) }, formula, io);
  if (html !== undefined) {
    const { labPage } = await import("./lab.html.js");
    await writeFile(html, labPage(report), force ?? false);
  }
  const text = json ? `${JSON.stringify(report)}\n` : labText(report, wide ? undefined : io.columns);
  await (isStdout(html) ? io.warn(text) : io.print(text));
}

/**
 * Runs the experiment with a progress bar. All of the run in the thread counts as one part: what it told of its parts would be
 * heard only after the run in this thread, which takes as long.
 */
async function measured(options: LabOptions, formula: string | undefined, io: Io): Promise<LabReport> {
  let inThreads = 0;
  let bar: ReturnType<typeof progress>;
  const elsewhere = (other: LabOptions) => {
    inThreads = 1;
    return inThread(other, formula, io);
  };
  const onProgress = (_: number, total: number) => {
    bar ??= progress(total + inThreads, "parts", io);
    bar?.increment();
  };
  try {
    const own = formula === undefined ? {} : parseActivation(formula);
    return await labBeside({ ...options, ...own, onProgress }, elsewhere);
  } catch (error) {
    throw inFlags(error);
  } finally {
    bar?.stop();
  }
}

/** Runs one scheme in a thread of its own. Functions cannot go there, so it parses the formula again. */
function inThread(
  { activation, derivative: _, ...options }: LabOptions,
  formula: string | undefined,
  io: Io,
): Promise<LabRun> {
  return new Promise((resolve, reject) => {
    const network = formula === undefined ? { ...options, activation } : options;
    const worker = startThread("lab", io, { workerData: { options: network, formula } });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}
