/** The tensors of a checkpoint: each is read once, tallied, and compared with its distribution and with the others. */

import type { Extent, StoredTensor } from "../checkpoint/stored.js";
import { type Computed, isDerived, isOfDraw } from "../computed/computed.js";
import { partsOf } from "../distribution.js";
import { extended } from "../model/extended.js";
import { isRandom } from "../moments.js";
import { sizeOf } from "../shape.js";
import { CHECKS, certain } from "./check.js";
import { checkCopy, compareTensors, extentOf, type Trace, traceOf } from "./compare.js";
import type { StoredComputed } from "./computed.js";
import type { AuditedTensor, Finding, Note } from "./found.js";
import { histogramOf } from "./histogram.js";
import type { StoredMatrix } from "./matrix.js";
import { failing, reportOf, strictness } from "./report.js";
import type { Scanned, StoredPiece } from "./scan.js";
import { checkSpectrum, expectedSingularValue } from "./singular.js";
import type { Subject } from "./subject.js";
import { linesFor, regionsFor, storedPieces, summarize } from "./summary.js";
import { hasSpectrum } from "./tally.js";

/** What reads the files: other threads, or this one. */
export interface Readers {
  scan(piece: StoredPiece): Scanned | Promise<Scanned>;
  hash(extent: Extent): Promise<string>;
  singularValue(matrix: StoredMatrix): Promise<number>;
  /** What is wrong with values that are computed, in words; "" for nothing. */
  computedFault(stored: StoredComputed): Promise<string>;
}

export interface ReadOptions {
  /** Whether to compute the largest singular value of each matrix. */
  readonly spectral?: boolean;
  /** Whether to keep a histogram of each tensor. */
  readonly histogram?: boolean;
  /** Called with the number of bytes that were read since the last call. */
  readonly progress?: (bytes: number) => void;
}

const matrixOf = ({ path, at, dtype, shape }: StoredTensor) => ({
  ...{ path, at, type: dtype },
  rows: shape[0] as number,
  columns: sizeOf(shape.slice(1)),
});

const isMatrix = ({ stored }: Subject): boolean =>
  stored.shape.length > 1 && sizeOf(stored.shape) > 0 && hasSpectrum(stored.dtype);

/** How many checks an audit makes whose result is a matter of chance, and how strict each of them can be. */
function strictnessOf(tensors: readonly Subject[], spectral: boolean) {
  let checks = 0;
  for (const subject of tensors) {
    for (const { distribution } of regionsFor(subject)) if (isRandom(distribution)) checks += CHECKS.length;
    checks += linesFor(subject).length;
    if (subject.computed !== undefined) checks += computedChecks(subject.computed);
    if (spectral && isMatrix(subject) && subject.distribution !== undefined) checks += 1;
  }
  return strictness(checks);
}

/** Checks of values that are functions of draws, or repeat draws. */
const computedChecks = (computed: Computed): number =>
  isOfDraw(computed) ? 1 : Number(computed.kind === "repeated") * CHECKS.length;

/** What was found of each tensor, and how many of the checks were a matter of chance. */
export interface AuditedTensors {
  readonly audited: readonly AuditedTensor[];
  readonly checks: number;
}

/** Reads each tensor once. Those that may be equal, and matrices for the spectrum, are read again. */
export async function auditTensors(
  tensors: readonly Subject[],
  readers: Readers,
  options: ReadOptions = {},
): Promise<AuditedTensors> {
  const { spectral = false, histogram = false, progress = () => {} } = options;
  const { t, checks } = strictnessOf(tensors, spectral);
  const traces: Trace[] = [];
  const reports = await mapAhead(tensors, (subject, i) =>
    thenOf(
      storedPieces(subject).map((piece) => readers.scan(piece)),
      (scanned) => reported(subject, i, scanned),
    ),
  );
  function reported(subject: Subject, i: number, scanned: readonly Scanned[]): AuditedTensor {
    const summary = summarize(subject, scanned);
    progress(subject.stored.end - subject.stored.begin);
    const report = reportOf(summary, t);
    traces[i] = traceOf(summary, report.measured);
    return extended(report, {
      rule: subject.rule ?? null,
      distributions: subject.distribution === undefined ? [] : partsOf(subject.distribution),
      ...(subject.copyOf !== undefined && { copyOf: subject.copyOf }),
      ...(subject.computed !== undefined && { computed: subject.computed }),
      ...(histogram && { histogram: histogramOf(summary) }),
    });
  }
  const stored = new Map(tensors.map(({ stored }) => [stored.name, stored]));
  const hash = (name: string) => readers.hash(extentOf(stored.get(name) as StoredTensor));
  const { failures, notes } = await compareTensors(traces, hash, t);
  const again = async (subject: Subject, report: AuditedTensor): Promise<AuditedTensor> => {
    const { stored: tensor, copyOf } = subject;
    const copied = copyOf === undefined ? undefined : await checkCopy(tensor, copyOf, stored.get(copyOf), hash);
    const checked = withFinding(withFinding(report, copied), await checkComputed(subject, stored, readers));
    if (!spectral || !isMatrix(subject)) return checked;
    return withSpectrum(checked, subject, await readers.singularValue(matrixOf(tensor)), t);
  };
  const audited = await mapAhead(tensors, (subject, i) => {
    const { name } = subject.stored;
    const report = withFinding(withNote(reports[i] as AuditedTensor, notes.get(name)), failures.get(name));
    return spectral || subject.copyOf !== undefined || subject.computed !== undefined ? again(subject, report) : report;
  });
  return { audited, checks };
}

/** Reads values that are computed again, and compares them one by one. */
async function checkComputed(
  { stored: tensor, computed }: Subject,
  stored: ReadonlyMap<string, StoredTensor>,
  readers: Readers,
): Promise<Finding | undefined> {
  if (computed === undefined || isOfDraw(computed)) return undefined;
  const typed = (one: StoredTensor) => ({ ...extentOf(one), type: one.dtype });
  const source = isDerived(computed) ? stored.get(computed.source) : undefined;
  const fault = await readers.computedFault({ ...typed(tensor), computed, ...(source && { source: typed(source) }) });
  return fault === "" ? undefined : certain("values", fault);
}

const MOST_AHEAD = 512; // tensors in work, so that a file of very many takes no memory for all at once

/** The results of `f`, in the order of the items, of which only some are in work at once. */
async function mapAhead<T, R>(items: readonly T[], f: (item: T, i: number) => R | Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const i = next++;
      const result = f(items[i] as T, i);
      results[i] = result instanceof Promise ? await result : result;
    }
  };
  await Promise.all(Array.from({ length: Math.min(MOST_AHEAD, items.length) }, lane));
  return results;
}

/** Of values of which some may still have to come. Those that are there are used at once, so that little is kept. */
function thenOf<T, R>(values: readonly (T | Promise<T>)[], f: (values: readonly T[]) => R): R | Promise<R> {
  return values.some((value) => value instanceof Promise) ? Promise.all(values).then(f) : f(values as readonly T[]);
}

export const withFinding = (report: AuditedTensor, finding: Finding | undefined): AuditedTensor =>
  finding === undefined ? report : { ...report, ...failing(report, finding) };

const withNote = (report: AuditedTensor, note: Note | undefined): AuditedTensor =>
  note === undefined ? report : { ...report, notes: [...report.notes, note] };

function withSpectrum(
  report: AuditedTensor,
  { stored, distribution }: Subject,
  measured: number,
  t: number,
): AuditedTensor {
  const unsplit = distribution?.kind === "split" ? undefined : distribution;
  const { rows, columns } = matrixOf(stored);
  const [finding] = checkSpectrum(measured, unsplit, rows, columns, t);
  const spectral = { measured, expected: expectedSingularValue(unsplit, rows, columns) ?? null };
  return { ...(finding && finding.excess > 1 ? withFinding(report, finding) : report), spectral };
}
