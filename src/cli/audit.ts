/** `nn-init audit`: reads any checkpoint once, and says of each tensor whether it is what it should be. */
import { availableParallelism } from "node:os";
import { type Audited, audit, strictnessOf, withFinding } from "../audit/audit.js";
import type { Finding } from "../audit/check.js";
import { FALSE_ALARMS } from "../audit/report.js";
import { byConfig, byPlan, byRecord, isRecorded, type Subjects, unplanned } from "../audit/subject.js";
import type { Checkpoint } from "../file/checkpoint.js";
import { inFile } from "../file/json.js";
import { described, readConfig, readPlan, readStored, type Source } from "../file/read.js";
import { AuditPool } from "./audit.pool.js";
import type { AuditReport } from "./audit.report.js";
import { auditTable } from "./audit.table.js";
import { progress } from "./progress.js";
import { reproduce } from "./reproduce.js";
import { writeFile } from "./target.js";

export interface AuditFlags {
  readonly plan?: string;
  readonly config?: string;
  readonly spectral?: boolean;
  readonly reproduce?: boolean;
  readonly threads?: number;
  readonly json?: boolean;
  readonly html?: string;
  readonly force?: boolean;
}

type Stored = Source & { readonly checkpoint: Checkpoint };

export async function runAudit(given: string, flags: AuditFlags): Promise<void> {
  const begun = performance.now();
  const source = readStored(given);
  const { from, subjects } = expectations(source, flags);
  const audited = await readAll(subjects, flags);
  const again = flags.reproduce ? reproduce(source.checkpoint) : new Map<string, Finding>();
  const tensors = audited
    .map((report) => withFinding(report, again.get(report.name)))
    .sort((a, b) => RANK[a.verdict] - RANK[b.verdict] || b.excess - a.excess);
  const failed = subjects.missing.length > 0 || tensors.some(({ verdict }) => verdict === "fail");
  const report: AuditReport = {
    path: source.path,
    expectedFrom: from,
    verdict: failed ? "fail" : "ok",
    falseAlarms: FALSE_ALARMS,
    checks: strictnessOf(subjects.tensors, flags.spectral ?? false).checks,
    bytes: bytesOf(subjects),
    seconds: (performance.now() - begun) / 1000,
    missing: subjects.missing,
    tensors,
  };
  if (flags.html !== undefined) {
    const { auditPage } = await import("./audit.html.js");
    await writeFile(flags.html, await auditPage(report), flags.force ?? false);
  }
  process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : auditTable(report));
  if (failed) process.exitCode = 1;
}

const bytesOf = ({ tensors }: Subjects): number =>
  tensors.reduce((sum, { stored }) => sum + stored.end - stored.begin, 0);

const RANK = { fail: 0, unknown: 1, ok: 2 } as const;

async function readAll(subjects: Subjects, { threads, spectral = false, html }: AuditFlags): Promise<Audited[]> {
  const readers = new AuditPool(threads ?? Math.min(8, availableParallelism()));
  const bar = progress(bytesOf(subjects), "bytes");
  try {
    const told = { spectral, histogram: html !== undefined, progress: (bytes: number) => bar?.increment(bytes) };
    return await audit(subjects.tensors, readers, told);
  } finally {
    readers.end();
    bar?.stop();
  }
}

/** By the plan or config that is named, else by what the file records of itself, else by the config beside it. */
function expectations(source: Stored, { plan, config }: AuditFlags): { from: string; subjects: Subjects } {
  const { path, model, checkpoint, siblingConfig: beside } = source;
  const named = config === undefined ? undefined : readConfig(config);
  if (plan !== undefined) {
    const known = named === undefined ? model : described(model, named, path);
    return { from: plan, subjects: inFile(plan, () => byPlan(checkpoint, known, readPlan(plan))) };
  }
  if (named !== undefined && named.plan === undefined) {
    throw new Error(`${config}: "${named.name}" is not known, so --plan is required`);
  }
  const by = (from: string, make: () => Subjects) => ({ from, subjects: inFile(path, make) });
  if (named !== undefined) return by(config as string, () => byConfig(checkpoint, named));
  if (isRecorded(checkpoint)) return by("the file's own record", () => byRecord(checkpoint));
  if (beside?.plan !== undefined) return by("the config beside it", () => byConfig(checkpoint, beside));
  return by("nothing", () => unplanned(checkpoint));
}
