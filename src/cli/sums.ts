/** Hashes beside files, as `sha256sum` writes and checks them. */

/** A file's hash lies beside it, under the file's name and this, until all hashes are collected. */
export const HASH_SUFFIX = ".sha256";
export const SUMS_NAME = "SHA256SUMS";

export const hashLine = (sha256: string, name: string): string => `${sha256}  ${name}\n`;

/** The hash that a line gives for a file; undefined for any other text. */
export function hashIn(text: string, name: string): string | undefined {
  const sha256 = text.slice(0, 64);
  return /^[0-9a-f]{64}$/.test(sha256) && text === hashLine(sha256, name) ? sha256 : undefined;
}
