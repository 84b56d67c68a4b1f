/** What `nn-init audit --json` prints. */
import type { Audited } from "../audit/audit.js";

export interface AuditReport {
  readonly path: string;
  /** In words, where the expectations come from. */
  readonly expectedFrom: string;
  readonly verdict: "ok" | "fail";
  /** Upper bound on the probability that a correct file fails. */
  readonly falseAlarms: number;
  readonly checks: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Names of tensors that are expected and not in the file. */
  readonly missing: readonly string[];
  /** Worst first. */
  readonly tensors: readonly Audited[];
}
