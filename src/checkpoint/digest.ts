/** SHA-256 by the runtime itself, without the code of one in JavaScript. */

/** The hash of bytes at once, in hexadecimal. */
export type Hashing = (bytes: Uint8Array) => string;

/** Hexadecimal digits of bytes. */
export const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * SHA-256 in hexadecimal: the header of GPT-2 takes JavaScript that has just started 5 ms.
 *
 * @param hashing what to do where the runtime cannot: pages over plain HTTP have no `crypto.subtle`.
 */
export async function digestOf(bytes: Uint8Array<ArrayBuffer>, hashing: Hashing = noHashing): Promise<string> {
  const { subtle }: Partial<Crypto> = globalThis.crypto ?? {};
  if (subtle === undefined) return hashing(bytes);
  return hexOf(new Uint8Array(await subtle.digest("SHA-256", bytes)));
}

/** @throws Error, always: for code that has hashes from the runtime. */
export function noHashing(): never {
  throw new Error("expected crypto.subtle, which pages have over HTTPS and from localhost");
}
