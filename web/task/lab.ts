/** The lab in the worker: a network, and the scheme beside it. */
import { type EngineName, engines, type Scheme } from "nn-init";
import { type LabReport, lab } from "nn-init/lab";
import { labOptions, type SentOptions } from "../network.js";
import type { Tell } from "../task.js";

export interface LabInput {
  readonly options: SentOptions;
  /** Another scheme for the same network. */
  readonly beside?: Scheme | undefined;
}

export interface LabOutput {
  readonly report: LabReport;
  readonly beside: LabReport | null;
  /** The engine. Every engine gives the same bits. */
  readonly engine: EngineName;
}

export function run({ options, beside }: LabInput, tell: Tell): LabOutput {
  const runs = beside === undefined ? 1 : 2;
  const one = (given: SentOptions, before: number): LabReport =>
    lab({ ...labOptions(given), onProgress: (done, total) => tell((before + done / total) / runs) });
  return {
    report: one(options, 0),
    engine: engines().find((each) => each.default)?.name ?? "scalar",
    beside: beside === undefined ? null : one({ ...options, scheme: beside, recommendation: false }, 1),
  };
}
