/** The SHA-256 of a tensor's bytes, which shows whether two tensors are equal. */
import { createHash } from "node:crypto";
import type { Extent } from "../audit/compare.js";
import { readAt } from "../file/checkpoint.js";

const READ_BYTES = 2 ** 20;
const buffer = new Uint8Array(READ_BYTES);

/** @returns in hexadecimal digits. */
export function hashOf(file: number, { at, bytes }: Extent): string {
  const hash = createHash("sha256");
  for (let done = 0; done < bytes; done += READ_BYTES) {
    hash.update(readAt(file, buffer.subarray(0, Math.min(READ_BYTES, bytes - done)), at + done));
  }
  return hash.digest("hex");
}
