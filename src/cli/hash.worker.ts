/** The thread of hash.ts. */
import { createHash } from "node:crypto";
import type { HashQuestion } from "./hash.js";
import { answerQuestions } from "./thread.js";

let hash = createHash("sha256");

answerQuestions((question: HashQuestion) => {
  if (question === "digest") return hash.digest("hex");
  if (question === "start") {
    hash = createHash("sha256");
    return;
  }
  hash.update(question);
  return "";
});
