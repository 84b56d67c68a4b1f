/** An audit in the worker: files are read by slices, and nothing of them is sent anywhere. */
import { type AuditReport, type AuditSource, audit } from "nn-init/audit";
import { auditOnnx } from "nn-init/onnx";
import { expectationText } from "../../src/chart/words.js";
import { parsedJson } from "../model/json.js";
import { openModel } from "../model/onnx.open.js";
import type { Tell } from "../task.js";

export interface AuditInput {
  readonly kind: "checkpoint" | "onnx";
  /** Of a checkpoint, or an ONNX model and the files with its data. */
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

export async function run({ kind, files, config, spectral, reproduce }: AuditInput, tell: Tell): Promise<AuditOutput> {
  let told = 0;
  const onProgress = (bytes: number, total: number) => {
    const now = performance.now();
    if (now - told < TELL_EVERY) return;
    told = now;
    tell(bytes / total);
  };
  const measures = { spectral, histogram: true, onProgress };
  const report =
    kind === "onnx"
      ? await auditOnnx((await openModel(files)).model, measures)
      : await audit(files as readonly AuditSource[], {
          ...{ ...measures, reproduce },
          ...(config !== undefined && { config: parsedJson(config) as object }),
        });
  return { report, expectations: report.tensors.map(expectationText) };
}
