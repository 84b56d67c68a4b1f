/** The SHA-256 of a tensor's bytes, which shows whether two tensors are equal. */
import { type Digest, sha256 } from "../checkpoint/hash.js";
import type { Extent, Reading } from "../checkpoint/stored.js";

const PIECE_BYTES = 2 ** 20;

/**
 * @param hash what computes it. Default: our own, which runs anywhere.
 * @returns in hexadecimal digits.
 */
export function* hashOfExtent({ path, at, bytes }: Extent, hash: Digest = sha256()): Reading<string> {
  const buffer = new Uint8Array(Math.min(PIECE_BYTES, bytes));
  for (let done = 0; done < bytes; done += buffer.length) {
    const to = buffer.subarray(0, Math.min(buffer.length, bytes - done));
    yield { path, at: at + done, to };
    hash.update(to);
  }
  return hash.digest();
}
