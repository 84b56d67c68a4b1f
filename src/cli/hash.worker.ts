/** The thread of hash.ts. */
import { createHash } from "node:crypto";
import { parentPort } from "node:worker_threads";
import type { HashQuestion } from "./hash.js";

let hash = createHash("sha256");

parentPort?.on("message", (question: HashQuestion | "end") => {
  if (question === "end") process.exit(); // of this thread; in Deno, closing the port does not end it
  if (question === "start") hash = createHash("sha256");
  else if (question === "digest") parentPort?.postMessage(hash.digest("hex"));
  else {
    hash.update(question);
    parentPort?.postMessage("");
  }
});
