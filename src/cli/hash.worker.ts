/** The thread of hash.ts. */
import { workerData } from "node:worker_threads";
import { type HashQuestion, OwnHasher } from "./hash.js";
import { answerQuestions } from "./thread.js";

const hasher = new OwnHasher(workerData as boolean);

answerQuestions((question: HashQuestion) => {
  if (question === "digest") return hasher.digest();
  if (question === "part") return hasher.endPart();
  if (question === "start") return hasher.start();
  hasher.update(new Uint8Array(question.buffer, question.byteOffset, question.byteLength));
  return "";
});
