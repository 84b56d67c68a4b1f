/** What `nn-init audit --json` prints. */
import type { Audited } from "../audit/audit.js";
import type { StrayShard } from "../audit/shards.js";

export interface AuditReport {
  readonly path: string;
  /** In words, where the expectations come from. */
  readonly expectedFrom: string;
  readonly verdict: "ok" | "fail";
  /** Upper bound on the probability that a correct file fails one of the checks; null if there are none. */
  readonly falseAlarms: number | null;
  /** How many checks were made whose result is a matter of chance. */
  readonly checks: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Names of tensors that are expected and not in the file. */
  readonly missing: readonly string[];
  /** Files that record another seed, or another version of the stream, than the rest. */
  readonly strayShards: readonly StrayShard[];
  /** Worst first. */
  readonly tensors: readonly Audited[];
}
