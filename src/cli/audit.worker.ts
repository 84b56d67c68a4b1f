/** The other end of auditors.ts: tallies runs of tensors, and searches matrices for their largest singular value. */
import { closeSync, openSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import { type Matrix, singularValue } from "../audit/matrix.js";
import { type Job, type RegionTally, scan } from "../audit/scan.js";

export type Question = { readonly scan: Job } | { readonly matrix: Matrix };

let open: { readonly path: string; readonly file: number } | undefined;

/** The file that was asked about last stays open: the next question is mostly about it. */
function fileOf(path: string): number {
  if (open?.path !== path) {
    if (open !== undefined) closeSync(open.file);
    open = { path, file: openSync(path, "r") };
  }
  return open.file;
}

parentPort?.on("message", (question: Question) => {
  if ("matrix" in question) {
    parentPort?.postMessage(singularValue(fileOf(question.matrix.path), question.matrix));
    return;
  }
  const scanned = scan(fileOf(question.scan.path), question.scan);
  const buffers = scanned.regions.flatMap(({ filled, sample }: RegionTally) => [
    filled.ranks.buffer,
    filled.counts.buffer,
    sample.buffer,
  ]);
  parentPort?.postMessage(scanned, buffers);
});
