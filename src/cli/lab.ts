/** `nn-init lab`: what an initialization does to signals and gradients, before any training. */
import { Worker } from "node:worker_threads";
import type { EngineName } from "../engine/choose.js";
import { lab } from "../lab/lab.js";
import type { Kind } from "../lab/network.js";
import type { Normalization } from "../lab/normalization.js";
import { checked, type LabOptions } from "../lab/options.js";
import { isSame, remedyFor } from "../lab/recommendation.js";
import type { LabReport, Remedy } from "../lab/report.js";
import type { Activation } from "../scheme/gain.js";
import type { Scheme } from "../scheme/scheme.js";
import { labText } from "./lab.text.js";
import { writeFile } from "./target.js";

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
  const remedy = wanted ? remedied(given) : null;
  remedy?.catch(() => {}); // told below, if nothing else is
  const own = lab(given); // beside the other
  const report = { ...own, remedy: await remedy };
  if (html !== undefined) {
    const { labPage } = await import("./lab.html.js");
    await writeFile(html, await labPage(report), force ?? false);
  }
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : labText(report));
}

/** What is advised, run beside the scheme that is asked about; nothing where none is, or it is the same. */
async function remedied(options: LabOptions): Promise<Remedy | null> {
  const plan = checked(options);
  if (plan.scheme === undefined) return null;
  const advice = remedyFor(plan);
  if (isSame(plan.scheme, advice.scheme)) return { ...advice, run: null };
  const { network: _, remedy: __, ...run } = await elsewhere({ ...options, scheme: advice.scheme });
  return { ...advice, run };
}

/** In a thread of its own, beside the one that is asked about. */
function elsewhere(options: LabOptions): Promise<LabReport> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./lab.worker.js", import.meta.url), { workerData: options });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}
