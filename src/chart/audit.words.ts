/** What an audit found, in sentences, as pages show them. */
import type { AuditReport } from "../audit/found.js";

/** Whether nothing says what any tensor should be. */
export const isAllUnknown = ({ tensors, verdict }: AuditReport): boolean =>
  verdict === "ok" && tensors.length > 0 && tensors.every((tensor) => tensor.verdict === "unknown");

export function auditHeadline(report: AuditReport): string {
  const { tensors, missing, strayShards, verdict } = report;
  if (isAllUnknown(report)) return "No tensor fails, but nothing says what they should be.";
  if (verdict === "ok") return "Every tensor is as expected.";
  const failed = tensors.filter((tensor) => tensor.verdict === "fail").length + missing.length;
  const mixed = strayShards.length === 0 ? "" : " The files come from different runs.";
  return `${failed} of ${tensors.length + missing.length} tensors fail.${mixed}`;
}

/** How often a correct file fails; "" where chance decides nothing. */
export const auditPromise = ({ checks, falseAlarms }: AuditReport): string =>
  falseAlarms === null
    ? ""
    : `At most ${Math.round(falseAlarms * 10_000)} in 10,000 correct files fails one of the ${checks} checks.`;
