import type { AuditReport } from "./audit.js";
export const auditPage = async (report: AuditReport): Promise<string> => JSON.stringify(report);
