/** What an audit found, put together. */
import { inFile } from "../checkpoint/place.js";
import type { StoredCheckpoint } from "../checkpoint/stored.js";
import type { AuditedTensor, AuditReport } from "./found.js";
import { FALSE_ALARMS } from "./report.js";
import { strayShards } from "./shards.js";
import { byRecord, isRecorded, type Subjects } from "./subject.js";
import type { AuditedTensors } from "./tensors.js";

/** What tensors are compared with, and in words where that comes from. */
export interface Expected {
  readonly from: string;
  readonly subjects: Subjects;
}

/** What the record of a file says of its tensors; undefined for a file without one. */
export const byOwnRecord = (path: string, checkpoint: StoredCheckpoint): Expected | undefined =>
  isRecorded(checkpoint)
    ? { from: "the file's own record", subjects: inFile(path, () => byRecord(checkpoint)) }
    : undefined;

/** Bytes of all tensors. */
export const bytesOfSubjects = ({ tensors }: Subjects): number =>
  tensors.reduce((sum, { stored }) => sum + stored.end - stored.begin, 0);

export function reportOn(
  { shards }: StoredCheckpoint,
  { from, subjects }: Expected,
  { audited, checks }: AuditedTensors,
): AuditReport {
  const tensors = [...audited].sort((a, b) => rankOf(a) - rankOf(b) || b.excess - a.excess);
  const stray = strayShards(shards);
  const passed = subjects.missing.length + stray.length === 0 && tensors.every(({ verdict }) => verdict !== "fail");
  return {
    expectedFrom: from,
    verdict: passed ? "ok" : "fail",
    falseAlarms: checks > 0 ? FALSE_ALARMS : null,
    checks,
    bytes: bytesOfSubjects(subjects),
    missing: subjects.missing,
    strayShards: stray,
    tensors,
  };
}

const RANK = { fail: 0, unknown: 2, ok: 3 } as const;

const rankOf = ({ verdict, notes }: AuditedTensor): number =>
  verdict !== "fail" && notes.length > 0 ? 1 : RANK[verdict];
