/** SHA-256: synchronous on every runtime, or by the runtime itself. */
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

/** As `hashOf`, by the runtime where it can: the header of GPT-2 takes JavaScript that has just started 5 ms. */
export async function hashOfBytes(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const { subtle }: Partial<Crypto> = globalThis.crypto ?? {}; // pages over plain HTTP have none
  if (subtle === undefined) return hashOf([bytes]);
  return bytesToHex(new Uint8Array(await subtle.digest("SHA-256", bytes)));
}
