/** A thread of audit.pool.ts: tallies and hashes pieces of tensors and computes largest singular values of matrices. */
import { createHash } from "node:crypto";
import type { StoredComputed } from "../audit/computed.js";
import { hashOfExtent } from "../audit/hash.js";
import type { StoredMatrix } from "../audit/matrix.js";
import { type RegionTally, type Scanned, type StoredPiece, scan } from "../audit/scan.js";
import type { Digest } from "../checkpoint/hash.js";
import { type FileType, fileType } from "../checkpoint/safetensors.js";
import type { Extent, Reading } from "../checkpoint/stored.js";
import { readNow } from "../file/bytes.js";
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

async function answer(question: Question): Promise<Answer> {
  return readNow<Answer>(await readingOf(question), fileOf);
}

/** What an audit seldom needs is loaded when it does, so that the thread starts sooner. */
async function readingOf(question: Question): Promise<Reading<Answer>> {
  if ("scan" in question) return scan(typed(question.scan));
  if ("hash" in question) return hashOfExtent(question.hash, native());
  if ("matrix" in question) return (await import("../audit/matrix.js")).singularValue(typed(question.matrix));
  return (await import("../audit/computed.js")).faultOf(typedComputed(question.computed));
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

/** Answers are sent in the order of their questions, also where one has to load something. */
let answered: Promise<unknown> = Promise.resolve();

answerQuestions(
  (questions: readonly Question[]) => {
    const answers = answered.then(() => answersTo(questions));
    answered = answers;
    return answers;
  },
  (answers) => answers.flatMap(buffersOf),
);

async function answersTo(questions: readonly Question[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const question of questions) answers.push(await answer(question));
  return answers;
}
