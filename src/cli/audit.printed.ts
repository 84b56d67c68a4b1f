/** What `nn-init audit --json` prints. */
import type { AuditReport } from "../audit/found.js";

export interface PrintedAudit extends AuditReport {
  readonly path: string;
  readonly seconds: number;
}
