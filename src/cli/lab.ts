/** `nn-init lab`: what an initialization does to signals and gradients, before any training. */
import type { EngineName } from "../engine/engine.js";
import { labBeside } from "../lab/lab.js";
import type { NetworkKind } from "../lab/network.js";
import type { LabNormalization } from "../lab/normalization.js";
import type { LabOptions } from "../lab/options.js";
import type { LabRun } from "../lab/report.js";
import type { Activation } from "../scheme/gain.js";
import type { Scheme } from "../scheme/options.js";
import type { Io } from "./io.js";
import { labText } from "./lab.text.js";
import { checkPage, isStdout } from "./place.js";
import { writeFile } from "./target.js";
import { startThread } from "./thread.js";

export interface LabFlags {
  readonly network: NetworkKind;
  readonly depth: number;
  readonly width: number;
  readonly samples?: number;
  readonly activation: Activation;
  readonly slope?: number;
  readonly scheme?: Scheme;
  readonly residual?: boolean;
  readonly normalization: LabNormalization;
  readonly branchScale: number;
  readonly seeds: number;
  readonly seed: number;
  readonly recommendation: boolean;
  readonly engine: EngineName | "auto";
  readonly json?: boolean;
  readonly wide?: boolean;
  readonly html?: string;
  readonly force?: boolean;
}

export async function runLab(flags: LabFlags, io: Io): Promise<void> {
  const { json, wide, html, force, engine, ...options } = flags;
  checkPage(flags);
  const elsewhere = (options: LabOptions) => inThread(options, io);
  const report = await labBeside({ ...options, ...(engine !== "auto" && { engine }) }, elsewhere);
  if (html !== undefined) {
    const { labPage } = await import("./lab.html.js");
    await writeFile(html, await labPage(report), force ?? false);
  }
  const text = json ? `${JSON.stringify(report)}\n` : labText(report, wide ? undefined : io.columns);
  await (isStdout(html) ? io.warn(text) : io.print(text));
}

/** Runs one scheme in a thread of its own. */
function inThread(options: LabOptions, io: Io): Promise<LabRun> {
  return new Promise((resolve, reject) => {
    const worker = startThread("lab", io, { workerData: options });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}
