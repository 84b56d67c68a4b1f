/** The other end of hash.ts: bytes are hashed, anything else asks for the digest. */
import { createHash } from "node:crypto";
import { parentPort } from "node:worker_threads";

const hash = createHash("sha256");

parentPort?.on("message", (bytes: Uint8Array | undefined) => {
  if (bytes !== undefined) hash.update(bytes);
  parentPort?.postMessage(bytes === undefined ? hash.digest("hex") : "");
});
