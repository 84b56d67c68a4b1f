/** `nn-init lab`: what an initialization does to signals and gradients, before any training. */
import { type ParsedActivation, parseActivation } from "../lab/formula.js";
import { labBeside } from "../lab/lab.js";
import type { LabOptions } from "../lab/options.js";
import type { LabReport, LabRun } from "../lab/report.js";
import { UsageError } from "./arguments.js";
import type { Io } from "./io.js";
import type { LabFlags } from "./lab.flags.js";
import { labText } from "./lab.text.js";
import { checkPage, isStdout } from "./place.js";
import { progress } from "./progress.js";
import { inFlags } from "./scheme.flags.js";
import { writeFile } from "./target.js";
import { startThread } from "./thread.js";

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
 * Runs the experiment with a progress bar. The run in the other thread counts as one part: its messages would only arrive after the
 * run in this thread, which takes as long.
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
    const own = formula === undefined ? {} : parsedFormula(formula);
    return await labBeside({ ...options, ...own, onProgress }, elsewhere);
  } catch (error) {
    throw inFlags(error);
  } finally {
    bar?.stop();
  }
}

/** @throws UsageError in terms of the flag. */
function parsedFormula(formula: string): ParsedActivation {
  try {
    return parseActivation(formula);
  } catch (error) {
    throw new UsageError(`--${(error as Error).message}`, { cause: error });
  }
}

/** Runs one scheme in a thread of its own. A function cannot be sent there, so the thread parses the formula again. */
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
