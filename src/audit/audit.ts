/** An audit: each tensor of a checkpoint is read once, tallied, and held against its law and against the others. */
import { createHash } from "node:crypto";
import { partsOf, type Unsplit } from "../distribution.js";
import { piecesOf, type StoredTensor } from "../file/checkpoint.js";
import { sizeOf } from "../shape.js";
import type { Finding } from "./check.js";
import { type Histogram, histogramOf } from "./histogram.js";
import { hasSpectrum, type StoredMatrix } from "./matrix.js";
import { jobsOf, observe, regionsFor } from "./observe.js";
import {
  alike,
  drawnAs,
  equalTo,
  failing,
  reportOf,
  strictness,
  type TensorReport,
  type Trace,
  traceOf,
} from "./report.js";
import type { Job, Scanned } from "./scan.js";
import { checkSpectrum, expectedSingularValue } from "./spectrum.js";
import type { Subject } from "./subject.js";

/** Who reads: threads, or the caller's own. */
export interface Readers {
  scan(job: Job): Promise<Scanned>;
  singularValue(matrix: StoredMatrix): Promise<number>;
}

export interface AuditOptions {
  /** Whether to find the largest singular value of each matrix. */
  readonly spectral?: boolean;
  /** Whether to keep what is needed to draw the distributions. */
  readonly histogram?: boolean;
  /** Told how many more bytes were read. */
  readonly progress?: (bytes: number) => void;
}

export interface Audited extends TensorReport {
  /** The index of the plan's rule that says what is expected. */
  readonly rule: number | null;
  /** Laws, one for each part. */
  readonly distributions: readonly Unsplit[];
  /** Of matrices, where it was asked for: the largest singular value. */
  readonly spectral?: { readonly measured: number; readonly expected: number | null };
  /** Where it was asked for. */
  readonly histogram?: Histogram;
}

const matrixOf = ({ path, at, dtype, shape }: StoredTensor) => ({
  ...{ path, at, type: dtype },
  rows: shape[0] as number,
  columns: sizeOf(shape.slice(1)),
});

const isMatrix = ({ stored }: Subject): boolean =>
  stored.shape.length > 1 && sizeOf(stored.shape) > 0 && hasSpectrum(stored.dtype);

/** How many checks there are, and how strict each can be. */
export function strictnessOf(tensors: readonly Subject[], spectral: boolean) {
  return strictness(tensors.flatMap(regionsFor), spectral ? tensors.filter(isMatrix).length : 0);
}

/** Reads each tensor once, and again what calls for it. */
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
      const observed = observe(subject, scanned);
      progress(subject.stored.end - subject.stored.begin);
      const distributions = subject.distribution === undefined ? [] : partsOf(subject.distribution);
      const report: Audited = { ...reportOf(observed, t), rule: subject.rule ?? null, distributions: distributions };
      const whole = histogram ? { ...report, histogram: histogramOf(observed) } : report;
      return { report: whole, trace: traceOf(observed, report.measured) };
    }),
  );
  const largest = spectral ? await spectra(tensors, readers) : new Map<string, number>();
  const twins = likenesses(
    tensors,
    read.map(({ trace }) => trace),
  );
  return read.map(({ report }, i) => {
    const compared = withFinding(report, twins.get(report.name));
    const measured = largest.get(report.name);
    return measured === undefined ? compared : withSpectrum(compared, tensors[i] as Subject, measured, t);
  });
}

export const withFinding = (report: Audited, finding: Finding | undefined): Audited =>
  finding === undefined ? report : { ...report, ...failing(report, finding) };

async function spectra(tensors: readonly Subject[], readers: Readers): Promise<ReadonlyMap<string, number>> {
  const matrices = tensors.filter(isMatrix).map(async ({ stored }) => {
    return [stored.name, await readers.singularValue(matrixOf(stored))] as const;
  });
  return new Map(await Promise.all(matrices));
}

function withSpectrum(report: Audited, { stored, distribution: fill }: Subject, measured: number, t: number): Audited {
  const distribution = fill?.kind === "split" ? undefined : fill;
  const { rows, columns } = matrixOf(stored);
  const [finding] = checkSpectrum(measured, distribution, rows, columns, t);
  const spectral = { measured, expected: expectedSingularValue(distribution, rows, columns) ?? null };
  return { ...(finding && finding.excess > 1 ? withFinding(report, finding) : report), spectral };
}

/** Tensors that are equal, or one draw scaled: what the later of two is told. */
function likenesses(tensors: readonly Subject[], traces: readonly Trace[]): ReadonlyMap<string, Finding> {
  const stored = new Map(tensors.map(({ stored }) => [stored.name, stored]));
  const found = new Map<string, Finding>();
  for (const [first, ...others] of alike(traces, "signs")) {
    for (const name of others) found.set(name, drawnAs(first as string));
  }
  for (const names of alike(traces, "sums")) {
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
