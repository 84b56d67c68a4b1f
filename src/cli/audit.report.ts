/** What `nn-init audit --json` prints. */
import type { Audited } from "../audit/audit.js";

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
