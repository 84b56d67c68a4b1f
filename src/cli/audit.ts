/** `nn-init audit`: reads a checkpoint once and says for each tensor whether it is as expected. */
import { availableParallelism } from "node:os";
import { type Audited, audit, strictnessOf, withFinding } from "../audit/audit.js";
import type { Finding } from "../audit/check.js";
import { FALSE_ALARMS } from "../audit/report.js";
import { strayShards } from "../audit/shards.js";
import { byConfig, byPlan, byPlanned, byRecord, isRecorded, type Subjects, unplanned } from "../audit/subject.js";
import type { StoredCheckpoint } from "../file/checkpoint.js";
import { inFile } from "../file/json.js";
import { type ModelSource, readArchitectures, readConfig, readPlans, readStored, withConfig } from "../file/read.js";
import type { Model } from "../model/model.js";
import { UsageError } from "./arguments.js";
import { AuditPool } from "./audit.pool.js";
import type { AuditReport } from "./audit.report.js";
import { auditText } from "./audit.table.js";
import { warnOfUnknownFields } from "./choose.js";
import type { Io } from "./io.js";
import { isOnnx } from "./onnx.path.js";
import { checkPage, isStdout } from "./place.js";
import { progress } from "./progress.js";
import { reproduce } from "./reproduce.js";
import { writeFile } from "./target.js";

export interface AuditFlags {
  readonly plan?: readonly string[];
  readonly config?: string;
  readonly architecture?: readonly string[];
  readonly spectral?: boolean;
  readonly reproduce?: boolean;
  readonly threads?: number;
  readonly json?: boolean;
  readonly wide?: boolean;
  readonly html?: string;
  readonly force?: boolean;
}

type Stored = ModelSource & { readonly checkpoint: StoredCheckpoint };

/** What is audited, and what is expected of it. */
interface Expected {
  readonly source: Pick<Stored, "path" | "checkpoint">;
  readonly from: string;
  readonly subjects: Subjects;
}

function expectedOf(path: string, flags: AuditFlags, io: Io): Expected {
  const source = readStored(path, readArchitectures(flags.architecture));
  return { source, ...expectations(source, flags, io) };
}

/** What the graph of an ONNX model says of its weights, and a plan. */
async function expectedOfOnnx(path: string, flags: AuditFlags): Promise<Expected> {
  if (flags.reproduce) {
    throw new UsageError("--reproduce: expected none with an ONNX model, which has no record of its seed");
  }
  const { checkpoint, planned } = await (await import("./onnx.js")).openStored(path, flags);
  const from = flags.plan?.join(", ") ?? "the graph of the model";
  return { source: { path, checkpoint }, from, subjects: inFile(path, () => byPlanned(checkpoint, planned)) };
}

/** @returns whether every tensor is as expected. */
export async function runAudit(path: string, flags: AuditFlags, io: Io): Promise<boolean> {
  const begun = performance.now();
  checkPage(flags);
  const { source, from, subjects } = isOnnx(path) ? await expectedOfOnnx(path, flags) : expectedOf(path, flags, io);
  const audited = await readAll(subjects, flags, io);
  const differing = flags.reproduce ? reproduce(source.checkpoint) : new Map<string, Finding>();
  const tensors = audited
    .map((report) => withFinding(report, differing.get(report.name)))
    .sort((a, b) => rankOf(a) - rankOf(b) || b.excess - a.excess);
  const stray = strayShards(source.checkpoint.shards);
  const passed = subjects.missing.length + stray.length === 0 && tensors.every(({ verdict }) => verdict !== "fail");
  const { checks } = strictnessOf(subjects.tensors, flags.spectral ?? false);
  const report: AuditReport = {
    path: source.path,
    expectedFrom: from,
    verdict: passed ? "ok" : "fail",
    falseAlarms: checks > 0 ? FALSE_ALARMS : null,
    checks,
    bytes: totalBytes(subjects),
    seconds: (performance.now() - begun) / 1000,
    missing: subjects.missing,
    strayShards: stray,
    tensors,
  };
  if (flags.html !== undefined) {
    const { auditPage } = await import("./audit.html.js");
    await writeFile(flags.html, auditPage(report), flags.force ?? false);
  }
  const text = flags.json ? `${JSON.stringify(report)}\n` : auditText(report, flags.wide ? undefined : io.columns);
  await (isStdout(flags.html) ? io.warn(text) : io.print(text));
  return passed;
}

const totalBytes = ({ tensors }: Subjects): number =>
  tensors.reduce((sum, { stored }) => sum + stored.end - stored.begin, 0);

const RANK = { fail: 0, unknown: 2, ok: 3 } as const;

const rankOf = ({ verdict, notes }: Audited): number => (verdict !== "fail" && notes.length > 0 ? 1 : RANK[verdict]);

async function readAll(
  subjects: Subjects,
  { threads, spectral = false, html }: AuditFlags,
  io: Io,
): Promise<Audited[]> {
  const readers = new AuditPool(threads ?? Math.min(8, availableParallelism()), io);
  const bar = progress(totalBytes(subjects), "bytes", io);
  try {
    const options = { spectral, histogram: html !== undefined, progress: (bytes: number) => bar?.increment(bytes) };
    return await audit(subjects.tensors, readers, options);
  } finally {
    readers.end();
    bar?.stop();
  }
}

/** From the plan or config that is named, else from the file's own record, else from the config beside it. */
function expectations(
  source: Stored,
  { plan, config, architecture }: AuditFlags,
  io: Io,
): { from: string; subjects: Subjects } {
  const { path, model, checkpoint, siblingConfig } = source;
  const named = config === undefined ? undefined : readConfig(config, readArchitectures(architecture));
  if (plan !== undefined) {
    const known = named === undefined ? model : withConfig(model, named, path);
    warnOfUnknownFields(known, io);
    const rules = readPlans(plan, known);
    const from = plan.join(", ");
    return { from, subjects: inFile(from, () => byPlan(checkpoint, known, rules)) };
  }
  if (named !== undefined && named.plan === undefined) {
    throw new Error(`${config}: "${named.name}" is not known, so --plan is required`);
  }
  const by = (from: string, make: () => Subjects) => ({ from, subjects: inFile(path, make) });
  const byModel = (from: string, expected: Model) => {
    warnOfUnknownFields(expected, io);
    return by(from, () => byConfig(checkpoint, expected));
  };
  if (named !== undefined) return byModel(config as string, named);
  if (isRecorded(checkpoint)) return by("the file's own record", () => byRecord(checkpoint));
  if (siblingConfig?.plan !== undefined) return byModel("the config beside it", siblingConfig);
  return by("nothing", () => unplanned(checkpoint));
}
