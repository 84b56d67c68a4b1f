/** `nn-init lab`: what an initialization does to signals and gradients, before any training. */
import { availableParallelism } from "node:os";
import { type ParsedActivation, parseActivation } from "../lab/formula.js";
import { lab, labBeside } from "../lab/lab.js";
import type { LabOptions } from "../lab/options.js";
import type { Claims, MeasuredParts } from "../lab/parts.js";
import type { LabReport } from "../lab/report.js";
import { UsageError } from "./arguments.js";
import type { Io } from "./io.js";
import type { LabFlags } from "./lab.flags.js";
import { labText } from "./lab.text.js";
import { checkPage } from "./place.js";
import { progress } from "./progress.js";
import { printReport } from "./report.js";
import { inFlags } from "./scheme.flags.js";
import { writeFile } from "./target.js";
import { mayStartThread, startThread } from "./thread.js";

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
  await printReport(report, (width) => labText(report, width), { json, wide, file: html }, io);
}

/** Runs the experiment with a progress bar. */
async function measured(options: LabOptions, formula: string | undefined, io: Io): Promise<LabReport> {
  let bar: ReturnType<typeof progress>;
  const onProgress = (done: number, total: number) => {
    bar ??= progress(total, "parts", io);
    bar?.update(done);
  };
  try {
    const own = formula === undefined ? {} : parsedFormula(formula);
    const whole = { ...options, ...own, onProgress };
    if (availableParallelism() === 1 || !mayStartThread()) return lab(whole);
    return await labBeside(whole, (claims) => inThread(options, formula, claims, io));
  } catch (error) {
    throw inFlags(error, formula === undefined ? {} : { activation: "formula" });
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

/** Shares the work with a thread. A function cannot be sent there, so the thread parses the formula again. */
function inThread(
  { activation, ...options }: LabOptions,
  formula: string | undefined,
  claims: Claims,
  io: Io,
): Promise<MeasuredParts> {
  return new Promise((resolve, reject) => {
    const network = formula === undefined ? { ...options, activation } : options;
    const worker = startThread("lab", io, { workerData: { options: network, formula, claims } });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}
