/** SHA-256: synchronous on every runtime, or by the runtime itself. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/** The hash of these pieces one after the other, in hexadecimal. */
export function hashOf(pieces: Iterable<Uint8Array>): string {
  const hash = sha256.create();
  for (const piece of pieces) hash.update(piece);
  return bytesToHex(hash.digest());
}

/** As `hashOf`, by the runtime where it can: the header of GPT-2 takes JavaScript that has just started 5 ms. */
export async function hashOfBytes(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const { subtle }: Partial<Crypto> = globalThis.crypto ?? {}; // pages over plain HTTP have none
  if (subtle === undefined) return hashOf([bytes]);
  return bytesToHex(new Uint8Array(await subtle.digest("SHA-256", bytes)));
}
