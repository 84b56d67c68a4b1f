/** `nn-init audit`: reads a checkpoint once and says for each tensor whether it is as expected. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Equal } from "../audit/reproduce.js";
import { byOwnRecord, bytesOfSubjects, reportOn } from "../audit/result.js";
import type { Subjects } from "../audit/subject.js";
import { type AuditedTensors, auditTensors, withFinding } from "../audit/tensors.js";
import { inFile } from "../checkpoint/place.js";
import type { StoredCheckpoint } from "../checkpoint/stored.js";
import { readNow } from "../file/bytes.js";
import { readCheckpoint } from "../file/checkpoint.js";
import { isFolder } from "../file/json.js";
import { UsageError } from "./arguments.js";
import type { Audited, AuditFlags } from "./audit.flags.js";
import { closeFile, fileOf } from "./audit.open.js";
import { AuditPool } from "./audit.pool.js";
import type { PrintedAudit } from "./audit.printed.js";
import { auditText } from "./audit.table.js";
import { type StartedThread, startAuditThreads } from "./audit.threads.js";
import type { Io } from "./io.js";
import { isOnnx } from "./onnx.path.js";
import { checkApart, checkPage } from "./place.js";
import { moving, progress } from "./progress.js";
import { printReport } from "./report.js";

/** Most files of checkpoints that the command wrote say themselves what to expect, so that nothing about plans is loaded. */
async function auditedOf(path: string, flags: AuditFlags, io: Io): Promise<Audited> {
  const { plan, config, architecture } = flags;
  const isAlone = !existsSync(join(dirname(path), "config.json")); // which is read, too, where it is
  if ((plan ?? config ?? architecture) === undefined && isAlone && path.endsWith(".safetensors") && !isFolder(path)) {
    const checkpoint = readCheckpoint(path);
    const expected = byOwnRecord(path, checkpoint);
    if (expected !== undefined) return { source: { path, checkpoint }, expected };
  }
  return (await import("./audit.expected.js")).auditedByPlan(path, flags, io);
}

/** What the graph of an ONNX model says of its weights, and a plan. */
async function auditedOnnx(path: string, flags: AuditFlags): Promise<Audited> {
  if (flags.reproduce) {
    throw new UsageError("--reproduce: expected none with an ONNX model, which has no record of its seed");
  }
  const [{ openStored }, { byPlanned }] = await Promise.all([import("./onnx.js"), import("../audit/planned.js")]);
  const { checkpoint, planned } = await openStored(path, flags);
  const from = flags.plan?.join(", ") ?? "the graph of the model";
  const subjects = inFile(path, () => byPlanned(checkpoint, planned));
  return { source: { path, checkpoint }, expected: { from, subjects } };
}

/**
 * @param started threads that read, if some have started already.
 * @returns whether every tensor is as expected.
 */
export async function runAudit(
  path: string,
  flags: AuditFlags,
  io: Io,
  started: readonly StartedThread[] = [],
): Promise<boolean> {
  const begun = performance.now();
  checkPage(flags, [path, flags.config, ...(flags.plan ?? []), ...(flags.architecture ?? [])]);
  const { source, expected } = isOnnx(path) ? await auditedOnnx(path, flags) : await auditedOf(path, flags, io);
  if (flags.html !== undefined) checkApart("--html", flags.html, readBy(path, source));
  const reproduce = await reproducing(flags, source.checkpoint); // before anything is read
  const { audited, checks } = await readAll(expected.subjects, flags, io, started);
  const found = new Map(reproduce());
  closeFile();
  const tensors = audited.map((tensor) => withFinding(tensor, found.get(tensor.name)));
  const report: PrintedAudit = {
    path: source.path,
    ...reportOn(source.checkpoint, expected, { audited: tensors, checks }),
    seconds: (performance.now() - begun) / 1000,
  };
  if (flags.html !== undefined) {
    const [{ auditPage }, { writeFile }] = await Promise.all([import("./audit.html.js"), import("./target.js")]);
    await writeFile(flags.html, auditPage(report), flags.force ?? false);
  }
  await printReport(report, (width) => auditText(report, width), { ...flags, file: flags.html }, io);
  return report.verdict === "ok";
}

/** The files of a folder, an index or a checkpoint, and the config beside them. */
const readBy = (path: string, source: Audited["source"]): readonly string[] => [
  ...[source.path, join(isFolder(path) ? path : dirname(path), "config.json")],
  ...source.checkpoint.shards.map((shard) => shard.path),
];

/** Draws each tensor again and compares it, once it is called, if that is asked for. */
async function reproducing({ reproduce }: AuditFlags, checkpoint: StoredCheckpoint) {
  if (!reproduce) return () => [];
  const { recordsOf, reproduced } = await import("../audit/reproduce.js");
  const records = recordsOf(checkpoint);
  return () =>
    records.map(([tensor, record]) => [tensor.name, readNow(reproduced(tensor, record, isEqual), fileOf)] as const);
}

const isEqual: Equal = (a, b) => Buffer.compare(a, b) === 0;

async function readAll(
  subjects: Subjects,
  { threads, spectral = false, html }: AuditFlags,
  io: Io,
  started: readonly StartedThread[],
): Promise<AuditedTensors> {
  const readers = new AuditPool(started.length > 0 ? started : startAuditThreads(threads, io));
  const bar = progress(bytesOfSubjects(subjects), "bytes", io);
  try {
    const options = { spectral, histogram: html !== undefined, progress: moving(bar) };
    return await auditTensors(subjects.tensors, readers, options);
  } finally {
    readers.end();
    bar?.stop();
  }
}
