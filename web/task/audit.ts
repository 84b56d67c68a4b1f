/** An audit in the worker: files are read by slices, and nothing of them is sent anywhere. */
import { type AuditReport, type AuditSource, audit } from "nn-init/audit";
import { expectationText } from "../../src/chart/words.js";
import { parsedJson } from "../model/json.js";
import type { Tell } from "../task.js";

export interface AuditInput {
  readonly files: readonly File[];
  /** The text of a config. */
  readonly config: string | undefined;
  readonly spectral: boolean;
  readonly reproduce: boolean;
}

export interface AuditOutput {
  readonly report: AuditReport;
  /** What each tensor should be, in words. */
  readonly expectations: readonly string[];
}

/** At least so many milliseconds between what the page is told. */
const TELL_EVERY = 50;

export async function run({ files, config, spectral, reproduce }: AuditInput, tell: Tell): Promise<AuditOutput> {
  let told = 0;
  const report = await audit(files as readonly AuditSource[], {
    ...{ spectral, reproduce, histogram: true },
    ...(config !== undefined && { config: parsedJson(config) as object }),
    onProgress(bytes, total) {
      const now = performance.now();
      if (now - told < TELL_EVERY) return;
      told = now;
      tell(bytes / total);
    },
  });
  return { report, expectations: report.tensors.map(expectationText) };
}
