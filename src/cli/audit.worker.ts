/** A thread of audit.pool.ts: tallies pieces of tensors and computes the largest singular values of matrices. */
import { closeSync, openSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import { type StoredMatrix, singularValue } from "../audit/matrix.js";
import { type Job, type RegionTally, scan } from "../audit/scan.js";
import { type FileType, fileType } from "../checkpoint/safetensors.js";

export type Question = { readonly scan: Job } | { readonly matrix: StoredMatrix } | "end";

let open: { readonly path: string; readonly file: number } | undefined;

/** Keeps the last file open: the next question is usually about the same one. */
function fileOf(path: string): number {
  if (open?.path !== path) {
    if (open !== undefined) closeSync(open.file);
    open = { path, file: openSync(path, "r") };
  }
  return open.file;
}

/** Replaces the type's name, which came in a message, by this thread's own string: see `fileType`. */
const typed = <T extends { readonly type: FileType }>(message: T): T => ({
  ...message,
  type: fileType(message.type) as FileType,
});

parentPort?.on("message", (question: Question) => {
  if (question === "end") {
    parentPort?.close();
    return;
  }
  if ("matrix" in question) {
    const matrix = typed(question.matrix);
    parentPort?.postMessage(singularValue(fileOf(matrix.path), matrix));
    return;
  }
  const job = typed(question.scan);
  const scanned = scan(fileOf(job.path), job);
  const buffers = scanned.regions.flatMap(({ filled, sample }: RegionTally) => [
    filled.ranks.buffer,
    filled.counts.buffer,
    sample.buffer,
  ]);
  parentPort?.postMessage(scanned, buffers);
});
