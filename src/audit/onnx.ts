/** `auditOnnx`: whether the weights of an ONNX model are what its graph, or a plan, says. */
import type { OnnxModel } from "../adapter/onnx/model.js";
import { originOf } from "../adapter/onnx/origin.js";
import { planOnnx } from "../adapter/onnx/plan.js";
import { storedOnnx } from "../adapter/onnx/stored.js";
import { checkOptions } from "../check.js";
import { inFile } from "../checkpoint/place.js";
import { type AuditOptions, auditStored, checkMeasures } from "./audit.js";
import type { AuditReport } from "./found.js";
import { byPlanned } from "./planned.js";

/** The options of `auditOnnx`: those of `audit` that a graph leaves open. */
export type AuditOnnxOptions = Pick<AuditOptions, "plan" | "spectral" | "histogram" | "onProgress" | "signal">;

/**
 * Reads the weights of an ONNX model in pieces, and says for each whether it is as it should be. Tensors that stay as they are
 * count as not known. `nn-init audit model.onnx` does the same on disk, with threads.
 *
 * @param model from `readOnnx`, whose sources are read again.
 * @param options rules that go before the graph, and what else to measure.
 * @returns what was found, worst first. Statistics are the same whatever the pieces and the runtime.
 * @throws what `planOnnx` throws; TypeError naming an option; Error naming the file, for one that cannot be read; the signal's
 * reason, once it is aborted.
 */
export async function auditOnnx(model: OnnxModel, options: AuditOnnxOptions = {}): Promise<AuditReport> {
  checkOptions("options", options, ["plan", "spectral", "histogram", "onProgress", "signal"]);
  checkMeasures(options);
  const { sources } = originOf(model);
  const pathOf = (location: string) => (location === "" ? model.name : location);
  const planned = planOnnx(model, options.plan);
  const stored = storedOnnx(model, planned, pathOf);
  const from = options.plan === undefined ? "the graph of the model" : "the plan";
  const subjects = inFile(model.name, () => byPlanned(stored, planned));
  const named = new Map([...sources].map(([location, source]) => [pathOf(location), source]));
  return auditStored(stored, { from, subjects }, named, options);
}
