/** A thread of audit.pool.ts: tallies and hashes pieces of tensors and computes largest singular values of matrices. */
import { createHash } from "node:crypto";
import { faultOf, type StoredComputed } from "../audit/computed.js";
import { hashOfExtent } from "../audit/hash.js";
import { type StoredMatrix, singularValue } from "../audit/matrix.js";
import { type RegionTally, type Scanned, type StoredPiece, scan } from "../audit/scan.js";
import type { Digest } from "../checkpoint/hash.js";
import { type FileType, fileType } from "../checkpoint/safetensors.js";
import type { Extent, Reading } from "../checkpoint/stored.js";
import { readNow } from "../file/checkpoint.js";
import { fileOf } from "./audit.open.js";
import { answerQuestions } from "./thread.js";

export type Question =
  | { readonly scan: StoredPiece }
  | { readonly hash: Extent }
  | { readonly matrix: StoredMatrix }
  | { readonly computed: StoredComputed };
export type Answer = Scanned | string | number;

/** Replaces the type's name, which came in a message, by this thread's own string: see `fileType`. */
const typed = <T extends { readonly type: FileType }>(message: T): T => ({
  ...message,
  type: fileType(message.type) as FileType,
});

const typedComputed = (stored: StoredComputed): StoredComputed => {
  const { source } = stored;
  return { ...typed(stored), ...(source && { source: typed(source) }) };
};

const answer = (question: Question): Answer => readNow<Answer>(readingOf(question), fileOf);

function readingOf(question: Question): Reading<Answer> {
  if ("hash" in question) return hashOfExtent(question.hash, native());
  if ("matrix" in question) return singularValue(typed(question.matrix));
  if ("computed" in question) return faultOf(typedComputed(question.computed));
  return scan(typed(question.scan));
}

/** Node's own SHA-256, which is faster than ours. */
function native(): Digest {
  const hash = createHash("sha256");
  return { update: (piece) => hash.update(piece), digest: () => hash.digest("hex") };
}

const WORTH_MOVING = 4096; // bytes: moving a buffer to another thread takes longer than copying a small one

/** The buffers of an answer that are moved instead of copied. */
const buffersOf = (answer: Answer): ArrayBuffer[] =>
  typeof answer !== "object"
    ? []
    : answer.regions
        .flatMap(({ filled, sample }: RegionTally) => [filled.ranks.buffer, filled.counts.buffer, sample.buffer])
        .filter(({ byteLength }) => byteLength >= WORTH_MOVING);

answerQuestions(
  (questions: readonly Question[]) => questions.map(answer),
  (answers) => answers.flatMap(buffersOf),
);
