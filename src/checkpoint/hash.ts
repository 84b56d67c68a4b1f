/** SHA-256, synchronous on every runtime. */
import { sha256 as noble } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/** A hash of bytes that come in pieces. */
export interface Digest {
  update(piece: Uint8Array): unknown;
  /** In hexadecimal digits. */
  digest(): string;
}

export function sha256(): Digest {
  const hash = noble.create();
  return { update: (piece) => hash.update(piece), digest: () => bytesToHex(hash.digest()) };
}

/** The hash of these pieces one after the other, in hexadecimal. */
export function hashOf(pieces: Iterable<Uint8Array>): string {
  const hash = sha256();
  for (const piece of pieces) hash.update(piece);
  return hash.digest();
}

export const hashOfBytes = (bytes: Uint8Array): string => hashOf([bytes]);
