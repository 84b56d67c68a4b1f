/** `nn-init lab`: what an initialization does to signals and gradients, before any training. */
import { Worker } from "node:worker_threads";
import type { EngineName } from "../engine.js";
import type { Activation } from "../gain.js";
import { unitOf } from "../lab/activation.js";
import { lab } from "../lab/lab.js";
import type { Kind } from "../lab/network.js";
import type { Normalization } from "../lab/normalization.js";
import type { LabOptions } from "../lab/options.js";
import { remedyFor } from "../lab/remedy.js";
import type { LabReport, Remedy, Run } from "../lab/report.js";
import type { Scheme } from "../scheme.js";
import { labText } from "./lab.text.js";
import { openTarget } from "./target.js";

export interface LabFlags {
  readonly network: Kind;
  readonly depth: number;
  readonly width: number;
  readonly samples?: number;
  readonly activation: Activation;
  readonly slope?: number;
  readonly scheme?: Scheme | Scheme["scheme"];
  readonly residual?: boolean;
  readonly norm: Normalization;
  readonly branchScale: number;
  readonly seeds: number;
  readonly seed: number;
  readonly remedy: boolean;
  readonly engine: EngineName | "auto";
  readonly json?: boolean;
  readonly html?: string;
  readonly force?: boolean;
}

export async function runLab(flags: LabFlags): Promise<void> {
  const { json, html, force, engine, remedy: wanted, ...options } = flags;
  const given: LabOptions = { ...options, remedy: false, ...(engine !== "auto" && { engine }) };
  const advised = wanted ? advisedRun(given) : undefined;
  const report = await settle(given, advised);
  if (html !== undefined) await writeHtml(html, report, force ?? false);
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : labText(report));
}

/** What is advised; undefined where nothing is to be run besides. */
function advisedRun(
  options: LabOptions,
): { readonly advice: Omit<Remedy, "run">; readonly run: Promise<LabReport> } | undefined {
  const {
    scheme,
    network = "dense",
    depth = 50,
    width = 256,
    norm = "none",
    residual = false,
    branchScale = 1,
  } = options;
  if (scheme === undefined) return undefined;
  const unit = unitOf(options.activation ?? "relu", options.slope);
  const spec = { kind: network, depth, width, norm, residual: residual || network === "attention", branchScale, unit };
  const advice = remedyFor(spec, options.activation ?? "relu", options.slope);
  return { advice, run: elsewhere({ ...options, scheme: advice.scheme }) };
}

/** In a thread of its own, beside the one that is asked about. */
function elsewhere(options: LabOptions): Promise<LabReport> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./lab.worker.js", import.meta.url), { workerData: options });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

async function settle(given: LabOptions, advised: ReturnType<typeof advisedRun>): Promise<LabReport> {
  advised?.run.catch(() => {}); // told below
  const report = lab(given);
  if (advised === undefined) return report;
  const { advice, run } = advised;
  const same = JSON.stringify(advice.scheme) === JSON.stringify(report.scheme);
  const { network: _, remedy: __, ...own } = await run;
  return { ...report, remedy: { ...advice, run: same ? null : (own as Run) } };
}

async function writeHtml(path: string, report: LabReport, force: boolean): Promise<void> {
  const { labPage } = await import("./lab.html.js");
  const page = await labPage(report);
  const target = await openTarget(path, force);
  try {
    await target.write(Buffer.from(page));
    await target.commit();
  } catch (error) {
    target.abandon();
    throw error;
  }
}
