/**
 * The thread of hash.ts: hashes bytes; "digest" asks for the hash of all of them, "end"
 * ends the thread, which in Deno closing the port does not.
 */
import { createHash } from "node:crypto";
import { parentPort } from "node:worker_threads";

const hash = createHash("sha256");

parentPort?.on("message", (question: Uint8Array | string) => {
  if (question === "end") process.exit();
  else if (typeof question === "string") parentPort?.postMessage(hash.digest("hex"));
  else {
    hash.update(question);
    parentPort?.postMessage("");
  }
});
