/** An audit: each tensor of a checkpoint is read once, tallied, and compared with its distribution and with the others. */
import { createHash } from "node:crypto";
import { partsOf, type Unsplit } from "../distribution.js";
import { piecesOf, type StoredTensor } from "../file/checkpoint.js";
import { sizeOf } from "../shape.js";
import type { Finding } from "./check.js";
import { type Histogram, histogramOf } from "./histogram.js";
import { hasSpectrum, type StoredMatrix } from "./matrix.js";
import {
  equalTo,
  failing,
  groupsBy,
  reportOf,
  sameSignsAs,
  strictness,
  type TensorReport,
  type Trace,
  traceOf,
} from "./report.js";
import type { Job, Scanned } from "./scan.js";
import { checkSpectrum, expectedSingularValue } from "./spectrum.js";
import type { Subject } from "./subject.js";
import { jobsOf, regionsFor, summarize } from "./summary.js";

/** What reads the files: other threads, or this one. */
export interface Readers {
  scan(job: Job): Promise<Scanned>;
  singularValue(matrix: StoredMatrix): Promise<number>;
}

export interface AuditOptions {
  /** Whether to compute the largest singular value of each matrix. */
  readonly spectral?: boolean;
  /** Whether to keep a histogram of each tensor. */
  readonly histogram?: boolean;
  /** Called with the number of bytes that were read since the last call. */
  readonly progress?: (bytes: number) => void;
}

export interface Audited extends TensorReport {
  /** Index of the plan's rule that says what is expected; null if none does. */
  readonly rule: number | null;
  /** The expected distributions, one for each part. */
  readonly distributions: readonly Unsplit[];
  /** The largest singular value of a matrix, if it was asked for. */
  readonly spectral?: { readonly measured: number; readonly expected: number | null };
  /** If it was asked for. */
  readonly histogram?: Histogram;
}

const matrixOf = ({ path, at, dtype, shape }: StoredTensor) => ({
  ...{ path, at, type: dtype },
  rows: shape[0] as number,
  columns: sizeOf(shape.slice(1)),
});

const isMatrix = ({ stored }: Subject): boolean =>
  stored.shape.length > 1 && sizeOf(stored.shape) > 0 && hasSpectrum(stored.dtype);

/** How many checks an audit makes, and how strict each of them can be. */
export function strictnessOf(tensors: readonly Subject[], spectral: boolean) {
  return strictness(tensors.flatMap(regionsFor), spectral ? tensors.filter(isMatrix).length : 0);
}

/** Reads each tensor once. Those that may be equal, and matrices for the spectrum, are read again. */
export async function audit(
  tensors: readonly Subject[],
  readers: Readers,
  options: AuditOptions = {},
): Promise<Audited[]> {
  const { spectral = false, histogram = false, progress = () => {} } = options;
  const { t } = strictnessOf(tensors, spectral);
  const read = await Promise.all(
    tensors.map(async (subject) => {
      const scanned = await Promise.all(jobsOf(subject).map((job) => readers.scan(job)));
      const summary = summarize(subject, scanned);
      progress(subject.stored.end - subject.stored.begin);
      const distributions = subject.distribution === undefined ? [] : partsOf(subject.distribution);
      const report: Audited = { ...reportOf(summary, t), rule: subject.rule ?? null, distributions };
      return {
        report: histogram ? { ...report, histogram: histogramOf(summary) } : report,
        trace: traceOf(summary, report.measured),
      };
    }),
  );
  const singularValues = spectral ? await singularValuesOf(tensors, readers) : new Map<string, number>();
  const duplicates = findDuplicates(
    tensors,
    read.map(({ trace }) => trace),
  );
  return read.map(({ report }, i) => {
    const compared = withFinding(report, duplicates.get(report.name));
    const measured = singularValues.get(report.name);
    return measured === undefined ? compared : withSpectrum(compared, tensors[i] as Subject, measured, t);
  });
}

export const withFinding = (report: Audited, finding: Finding | undefined): Audited =>
  finding === undefined ? report : { ...report, ...failing(report, finding) };

async function singularValuesOf(tensors: readonly Subject[], readers: Readers): Promise<ReadonlyMap<string, number>> {
  const matrices = tensors.filter(isMatrix).map(async ({ stored }) => {
    return [stored.name, await readers.singularValue(matrixOf(stored))] as const;
  });
  return new Map(await Promise.all(matrices));
}

function withSpectrum(report: Audited, { stored, distribution }: Subject, measured: number, t: number): Audited {
  const unsplit = distribution?.kind === "split" ? undefined : distribution;
  const { rows, columns } = matrixOf(stored);
  const [finding] = checkSpectrum(measured, unsplit, rows, columns, t);
  const spectral = { measured, expected: expectedSingularValue(unsplit, rows, columns) ?? null };
  return { ...(finding && finding.excess > 1 ? withFinding(report, finding) : report), spectral };
}

/** Findings for tensors that equal an earlier one, or that are the same draw as an earlier one, scaled. */
function findDuplicates(tensors: readonly Subject[], traces: readonly Trace[]): ReadonlyMap<string, Finding> {
  const stored = new Map(tensors.map(({ stored }) => [stored.name, stored]));
  const found = new Map<string, Finding>();
  for (const [first, ...others] of groupsBy(traces, "signs")) {
    for (const name of others) found.set(name, sameSignsAs(first as string));
  }
  for (const names of groupsBy(traces, "sums")) {
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
function hashOf(tensor: StoredTensor): string {
  const hash = createHash("sha256");
  for (const { bytes } of piecesOf(tensor)) hash.update(bytes);
  return hash.digest("hex");
}
