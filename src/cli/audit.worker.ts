/** A thread of audit.pool.ts: tallies and hashes pieces of tensors and computes largest singular values of matrices. */
import type { RegionTally } from "../audit/scan.js";
import { readNow } from "../file/bytes.js";
import { type Answer, type Question, readingOf } from "./audit.answer.js";
import { fileOf } from "./audit.open.js";
import { answerQuestions } from "./thread.js";

async function answer(question: Question): Promise<Answer> {
  return readNow<Answer>(await readingOf(question), fileOf);
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
