/** `audit`: a checkpoint from any source of bytes, compared with what it should be. */

import type { ModelOptions } from "../architecture/config.js";
import { describedModel } from "../architecture/described.js";
import { checkBoolean, checkCallback, checkOptions, wrongType } from "../check.js";
import type { ByteSource } from "../checkpoint/bytes.js";
import { storedModel } from "../checkpoint/model.js";
import type { StoredCheckpoint } from "../checkpoint/stored.js";
import type { Plan } from "../model/model.js";
import type { AuditReport, Finding } from "./found.js";
import { byConfig, byPlan } from "./planned.js";
import { readFrom, SourceReaders } from "./readers.js";
import { recordsOf, reproduced } from "./reproduce.js";
import { byOwnRecord, bytesOfSubjects, type Expected, reportOn } from "./result.js";
import { type AuditSource, checkedSources, checkpointIn } from "./source.js";
import { unplanned } from "./subject.js";
import { auditTensors, withFinding } from "./tensors.js";

/** The options of `audit`. */
export interface AuditOptions extends Pick<ModelOptions, "architecture"> {
  /** Rules that decide what each tensor should be drawn from. Default: those of the config, or the record. */
  readonly plan?: Plan | undefined;
  /**
   * The model's `config.json`, as parsed JSON: it says which tensors there should be, and what from. Without it, and without
   * a plan, the file's own record says so; in a file that has none, an audit finds only what no initialization produces.
   */
  readonly config?: object | undefined;
  /** Whether to compute the largest singular value of each matrix. Default false. */
  readonly spectral?: boolean | undefined;
  /** Whether to keep a histogram of each tensor. Default false. */
  readonly histogram?: boolean | undefined;
  /** Whether to draw each tensor again from the file's record, and to compare bits. Default false. */
  readonly reproduce?: boolean | undefined;
  /** Called while tensors are read for the first time. What it throws ends the audit. */
  readonly onProgress?: ((bytes: number, total: number) => void) | undefined;
  /** When it is aborted, the audit ends before its next read. For example an `AbortSignal`. */
  readonly signal?: { readonly aborted: boolean; readonly reason?: unknown | undefined } | undefined;
}

const KEYS = ["plan", "config", "architecture", "spectral", "histogram", "reproduce", "onProgress", "signal"];

/**
 * Reads a checkpoint in pieces, and says for each tensor whether it is as it should be. `nn-init audit` does the same on disk,
 * with threads. It takes some 20 MB of memory besides what is found of each tensor, whatever the size of the file.
 *
 * @param source a safetensors file: bytes, a `Blob`, or an object with `byteLength` and `read`; or all files of a checkpoint.
 * @param options what the tensors should be, and what else to measure.
 * @returns what was found, worst first. Statistics are the same whatever the pieces and the runtime.
 * @throws TypeError, RangeError naming an option; Error naming the file, for one that is no safetensors file, is cut off, cannot
 * be read, or does not fit its config or plan; the signal's reason, once it is aborted.
 * @example
 * ```js
 * import { audit } from "nn-init/audit";
 *
 * // An empty file: the length of its header, and "{}". A page has a File, which is a Blob.
 * const { verdict, tensors } = await audit(new Blob([Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0), "{}"]));
 * console.log(verdict, tensors.length); // ok 0
 * ```
 */
export async function audit(
  source: AuditSource | readonly AuditSource[],
  options: AuditOptions = {},
): Promise<AuditReport> {
  checkOptions("options", options, KEYS);
  checkMeasures(options);
  const sources = checkedSources(source);
  const stored = await checkpointIn(sources, (path, begin, end) => {
    checkSignal(options);
    return readFrom(sources.get(path) as ByteSource, path, begin, end);
  });
  return auditStored(stored, expectations([...sources.keys()][0] as string, stored, options), sources, options);
}

type Measures = Pick<AuditOptions, "spectral" | "histogram" | "reproduce" | "onProgress" | "signal">;

/** @internal @throws TypeError naming the option. */
export function checkMeasures(options: Measures): void {
  const { spectral = false, histogram = false, reproduce = false, onProgress, signal } = options;
  for (const [name, value] of Object.entries({ spectral, histogram, reproduce })) checkBoolean(name, value);
  checkCallback("onProgress", onProgress);
  if (signal !== undefined && typeof signal?.aborted !== "boolean") throw wrongType("signal", "an AbortSignal", signal);
}

function checkSignal({ signal }: Measures): void {
  if (signal?.aborted) throw signal.reason ?? new Error("the audit was aborted");
}

/** @internal Reads tensors whose places are known, and compares them with what is expected. */
export async function auditStored(
  stored: StoredCheckpoint,
  expected: Expected,
  sources: ReadonlyMap<string, ByteSource>,
  options: Measures,
): Promise<AuditReport> {
  const { spectral = false, histogram = false, reproduce = false, onProgress } = options;
  const total = bytesOfSubjects(expected.subjects);
  let done = 0;
  const progress = (bytes: number) => {
    done += bytes;
    onProgress?.(done, total);
  };
  const readers = new SourceReaders(sources, { check: () => checkSignal(options), progress });
  const differing = reproduce ? recordsOf(stored) : []; // before anything is read
  const { audited, checks } = await auditTensors(expected.subjects.tensors, readers, { spectral, histogram });
  const found = new Map<string, Finding | undefined>();
  for (const [tensor, record] of differing) found.set(tensor.name, await readers.run(reproduced(tensor, record)));
  const tensors = audited.map((report) => withFinding(report, found.get(report.name)));
  return reportOn(stored, expected, { audited: tensors, checks });
}

/** From the plan or the config, else from the file's own record. */
function expectations(path: string, stored: StoredCheckpoint, { plan, config, architecture }: AuditOptions): Expected {
  const described = config === undefined ? undefined : describedModel(config, { architecture });
  if (plan !== undefined) {
    const model = storedModel(path, path, stored, described);
    return { from: "the plan", subjects: byPlan(stored, model, plan) };
  }
  if (described !== undefined) {
    if (described.plan === undefined) throw wrongType("plan", `a plan, since "${described.name}" is not known`, plan);
    return { from: "the config", subjects: byConfig(stored, described) };
  }
  return byOwnRecord(path, stored) ?? { from: "nothing", subjects: unplanned(stored) };
}
