/** `nn-init audit`: reads a checkpoint once and says for each tensor whether it is as expected. */
import { type Equal, recordsOf, reproduced } from "../audit/reproduce.js";
import { bytesOfSubjects, type Expected, reportOn } from "../audit/result.js";
import { byConfig, byPlan, byPlanned, byRecord, isRecorded, type Subjects, unplanned } from "../audit/subject.js";
import { type AuditedTensors, auditTensors, withFinding } from "../audit/tensors.js";
import { withConfig } from "../checkpoint/model.js";
import { inFile } from "../checkpoint/place.js";
import type { StoredCheckpoint } from "../checkpoint/stored.js";
import { readNow } from "../file/bytes.js";
import { type ModelSource, readArchitectures, readConfig, readPlans, readStored } from "../file/read.js";
import type { Model } from "../model/model.js";
import { UsageError } from "./arguments.js";
import { closeFile, fileOf } from "./audit.open.js";
import { AuditPool } from "./audit.pool.js";
import type { PrintedAudit } from "./audit.printed.js";
import { auditText } from "./audit.table.js";
import { type StartedThread, startAuditThreads } from "./audit.threads.js";
import { warnOfUnknownFields } from "./choose.js";
import type { Io } from "./io.js";
import { isOnnx } from "./onnx.path.js";
import { checkPage, isStdout } from "./place.js";
import { moving, progress } from "./progress.js";
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
interface Audited {
  readonly source: Pick<Stored, "path" | "checkpoint">;
  readonly expected: Expected;
}

function auditedOf(path: string, flags: AuditFlags, io: Io): Audited {
  const source = readStored(path, readArchitectures(flags.architecture));
  return { source, expected: expectations(source, flags, io) };
}

/** What the graph of an ONNX model says of its weights, and a plan. */
async function auditedOnnx(path: string, flags: AuditFlags): Promise<Audited> {
  if (flags.reproduce) {
    throw new UsageError("--reproduce: expected none with an ONNX model, which has no record of its seed");
  }
  const { checkpoint, planned } = await (await import("./onnx.js")).openStored(path, flags);
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
  checkPage(flags);
  const { source, expected } = isOnnx(path) ? await auditedOnnx(path, flags) : auditedOf(path, flags, io);
  const records = flags.reproduce ? recordsOf(source.checkpoint) : []; // before anything is read
  const { audited, checks } = await readAll(expected.subjects, flags, io, started);
  const found = new Map(
    records.map(([tensor, record]) => [tensor.name, readNow(reproduced(tensor, record, isEqual), fileOf)]),
  );
  closeFile();
  const tensors = audited.map((tensor) => withFinding(tensor, found.get(tensor.name)));
  const report: PrintedAudit = {
    path: source.path,
    ...reportOn(source.checkpoint, expected, { audited: tensors, checks }),
    seconds: (performance.now() - begun) / 1000,
  };
  if (flags.html !== undefined) {
    const { auditPage } = await import("./audit.html.js");
    await writeFile(flags.html, auditPage(report), flags.force ?? false);
  }
  const text = flags.json ? `${JSON.stringify(report)}\n` : auditText(report, flags.wide ? undefined : io.columns);
  await (isStdout(flags.html) ? io.warn(text) : io.print(text));
  return report.verdict === "ok";
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

/** From the plan or config that is named, else from the file's own record, else from the config beside it. */
function expectations(source: Stored, { plan, config, architecture }: AuditFlags, io: Io): Expected {
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
