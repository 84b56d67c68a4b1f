/** `nn-init audit`: reads any checkpoint once, and says of each tensor whether it is what it should be. */
import { createHash } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { availableParallelism } from "node:os";
import { SingleBar } from "cli-progress";
import type { Finding } from "../audit/check.js";
import { type Histogram, histogramOf } from "../audit/histogram.js";
import { hasSpectrum } from "../audit/matrix.js";
import { jobsOf, observe, regionsFor } from "../audit/observe.js";
import {
  alike,
  drawnAs,
  equalTo,
  FALSE_ALARMS,
  failing,
  reportOf,
  strictness,
  type TensorReport,
  type Trace,
  traceOf,
} from "../audit/report.js";
import { readAt } from "../audit/scan.js";
import { checkSpectrum, expectedSingularValue } from "../audit/spectrum.js";
import { byConfig, byPlan, byRecord, isRecorded, type Subject, type Subjects, unplanned } from "../audit/subject.js";
import { lawsOf } from "../fill.js";
import type { Checkpoint, StoredTensor } from "../model/checkpoint.js";
import { configBeside, described, readConfig, readPlan, readStored, type Source } from "../model/read.js";
import { inFile } from "../model/text.js";
import { sizeOf } from "../shape.js";
import { auditTable } from "./audit.table.js";
import { Auditors } from "./auditors.js";
import { reproduce } from "./reproduce.js";
import { openTarget } from "./target.js";
import { lawName } from "./text.js";

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

export interface Audited extends TensorReport {
  /** The index of the plan's rule that says what is expected. */
  readonly rule: number | null;
  /** Laws, one for each part. */
  readonly laws: readonly string[];
  /** With `--spectral`, of matrices: the largest singular value. */
  readonly spectral?: { readonly measured: number; readonly expected: number | null };
  /** With `--html`. */
  readonly histogram?: Histogram;
}

export interface AuditReport {
  readonly path: string;
  readonly expectedFrom: string;
  readonly verdict: "ok" | "fail";
  /** How often at most a correct file fails. */
  readonly falseAlarms: number;
  readonly checks: number;
  readonly bytes: number;
  readonly seconds: number;
  /** That should be there and are not. */
  readonly missing: readonly string[];
  /** Worst first. */
  readonly tensors: readonly Audited[];
}

type Stored = Source & { readonly checkpoint: Checkpoint };

export async function runAudit(given: string, flags: AuditFlags): Promise<void> {
  const begun = performance.now();
  const source = readStored(given);
  const { from, subjects } = expectations(source, flags);
  const audited = await audit(subjects, flags);
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
    checks: strictnessOf(subjects, flags).checks,
    bytes: subjects.tensors.reduce((sum, { stored }) => sum + stored.end - stored.begin, 0),
    seconds: (performance.now() - begun) / 1000,
    missing: subjects.missing,
    tensors,
  };
  if (flags.html !== undefined) await writeHtml(flags.html, report, flags.force ?? false);
  process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : auditTable(report));
  if (failed) process.exitCode = 1;
}

const RANK = { fail: 0, unknown: 1, ok: 2 } as const;

const withFinding = (report: Audited, finding: Finding | undefined): Audited =>
  finding === undefined ? report : { ...report, ...failing(report, finding) };

/** By the plan or config that is named, else by what the file records of itself, else by the config beside it. */
function expectations(source: Stored, { plan, config }: AuditFlags): { from: string; subjects: Subjects } {
  const { path, model, checkpoint } = source;
  const named = config === undefined ? undefined : readConfig(config);
  if (plan !== undefined) {
    const known = named === undefined ? model : described(model, named, path);
    return { from: plan, subjects: inFile(plan, () => byPlan(checkpoint, known, readPlan(plan))) };
  }
  const by = (from: string, make: () => Subjects) => ({ from, subjects: inFile(path, make) });
  if (named !== undefined) return by(config as string, () => byConfig(checkpoint, named));
  if (isRecorded(checkpoint)) return by("the file's own record", () => byRecord(checkpoint));
  const beside = configBeside(path);
  if (beside !== undefined) return by("the config beside it", () => byConfig(checkpoint, beside));
  return by("nothing", () => unplanned(checkpoint));
}

const matrixOf = ({ path, at, dtype, shape }: StoredTensor) => ({
  ...{ path, at, type: dtype },
  rows: shape[0] as number,
  columns: sizeOf(shape.slice(1)),
});

const isMatrix = ({ stored }: Subject): boolean =>
  stored.shape.length > 1 && sizeOf(stored.shape) > 0 && hasSpectrum(stored.dtype);

function strictnessOf({ tensors }: Subjects, { spectral }: AuditFlags) {
  return strictness(tensors.flatMap(regionsFor), spectral ? tensors.filter(isMatrix).length : 0);
}

/** Reads each tensor once, and again what calls for it. */
async function audit(subjects: Subjects, flags: AuditFlags): Promise<Audited[]> {
  const { t } = strictnessOf(subjects, flags);
  const threads = new Auditors(flags.threads ?? Math.min(8, availableParallelism()));
  const bar = progress(subjects);
  const traces: Trace[] = [];
  try {
    const reports = await Promise.all(
      subjects.tensors.map(async (subject) => {
        const scanned = await Promise.all(jobsOf(subject).map((job) => threads.scan(job)));
        const observed = observe(subject, scanned);
        traces.push(traceOf(observed));
        bar?.increment(subject.stored.end - subject.stored.begin);
        const laws = subject.fill === undefined ? [] : lawsOf(subject.fill).map(lawName);
        const report: Audited = { ...reportOf(observed, t), rule: subject.rule ?? null, laws };
        return flags.html === undefined ? report : { ...report, histogram: histogramOf(observed) };
      }),
    );
    const spectral = flags.spectral ? await spectra(subjects, threads) : new Map<string, number>();
    const twins = likenesses(subjects, traces);
    return reports.map((report, i) => {
      const compared = withFinding(report, twins.get(report.name));
      const measured = spectral.get(report.name);
      return measured === undefined ? compared : withSpectrum(compared, subjects.tensors[i] as Subject, measured, t);
    });
  } finally {
    threads.end();
    bar?.stop();
  }
}

async function spectra({ tensors }: Subjects, threads: Auditors): Promise<ReadonlyMap<string, number>> {
  const matrices = tensors.filter(isMatrix).map(async ({ stored }) => {
    return [stored.name, await threads.singularValue(matrixOf(stored))] as const;
  });
  return new Map(await Promise.all(matrices));
}

function withSpectrum(report: Audited, { stored, fill }: Subject, measured: number, t: number): Audited {
  const law = fill?.law === "split" ? undefined : fill;
  const { rows, columns } = matrixOf(stored);
  const [finding] = checkSpectrum(measured, law, rows, columns, t);
  const spectral = { measured, expected: expectedSingularValue(law, rows, columns) ?? null };
  return { ...(finding && finding.excess > 1 ? withFinding(report, finding) : report), spectral };
}

/** Tensors that are equal, or one draw scaled: what the later of two is told. */
function likenesses({ tensors }: Subjects, traces: readonly Trace[]): ReadonlyMap<string, Finding> {
  const stored = new Map(tensors.map(({ stored }) => [stored.name, stored]));
  const order = new Map(tensors.map(({ stored }, i) => [stored.name, i]));
  const sorted = [...traces].sort((a, b) => (order.get(a.name) as number) - (order.get(b.name) as number));
  const found = new Map<string, Finding>();
  for (const [first, ...others] of alike(sorted, "signs")) {
    for (const name of others) found.set(name, drawnAs(first as string));
  }
  for (const names of alike(sorted, "sums")) {
    const seen = new Map<string, string>();
    for (const name of names) {
      const hash = hashOf(stored.get(name) as StoredTensor);
      const other = seen.get(hash);
      if (other === undefined) seen.set(hash, name);
      else found.set(name, equalTo(other));
    }
  }
  return found;
}

/** SHA-256 of a tensor's bytes. */
function hashOf({ path, at, begin, end }: StoredTensor): string {
  const hash = createHash("sha256");
  const file = openSync(path, "r");
  try {
    for (let done = 0; done < end - begin; done += PIECE) {
      const bytes = new Uint8Array(Math.min(PIECE, end - begin - done));
      readAt(file, bytes, at + done);
      hash.update(bytes);
    }
    return hash.digest("hex");
  } finally {
    closeSync(file);
  }
}

const PIECE = 2 ** 22; // bytes

/** A bar on a terminal; nothing where the output is piped. */
function progress({ tensors }: Subjects): SingleBar | undefined {
  if (!process.stderr.isTTY) return undefined;
  const bar = new SingleBar({ format: "{bar} {percentage}% of {total} bytes", clearOnComplete: true });
  bar.start(
    tensors.reduce((sum, { stored }) => sum + stored.end - stored.begin, 0),
    0,
  );
  return bar;
}

async function writeHtml(path: string, report: AuditReport, force: boolean): Promise<void> {
  const { auditPage } = await import("./audit.html.js");
  const page = await auditPage(report);
  const target = await openTarget(path, force);
  try {
    await target.write(Buffer.from(page));
    await target.commit();
  } catch (error) {
    target.abandon();
    throw error;
  }
}
