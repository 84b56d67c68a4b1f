/** The parts that a file is uploaded in, and telling whether a part that is there is ours. */
import { createHash } from "node:crypto";
import type { Readable } from "node:stream";

const LEAST_BYTES = 2 ** 23; // S3 asks for 5 MiB; larger parts need fewer requests
const MOST_PARTS = 9000; // S3 allows 10,000
const STEP_BYTES = 2 ** 20;

/** Bytes of each part but the last: a function of the file's size alone, so that every writer cuts a file alike. */
export const partBytes = (fileBytes: number): number =>
  Math.max(LEAST_BYTES, Math.ceil(fileBytes / MOST_PARTS / STEP_BYTES) * STEP_BYTES);

/** A part that a store has. */
export interface StoredPart {
  readonly number: number;
  readonly bytes: number;
  readonly etag: string;
  /** Base64; undefined if the store keeps none. */
  readonly sha256: string | undefined;
}

/** Bytes that can be sent as often as need be. */
export interface Sendable {
  readonly length: number;
  /** In hexadecimal. */
  readonly sha256: string;
  /** For one request. @param withMd5 whether `md5` will be asked for. */
  body(withMd5: boolean): Uint8Array | Readable;
  /** In hexadecimal, for stores that know no other hash. */
  md5(): string;
}

export const sendableOf = (bytes: Uint8Array): Sendable => ({
  length: bytes.length,
  sha256: createHash("sha256").update(bytes).digest("hex"),
  body: () => bytes,
  md5: () => createHash("md5").update(bytes).digest("hex"),
});

/** A hash as S3 takes it. */
export const sumOf = (sha256: string) => ({ ChecksumSHA256: Buffer.from(sha256, "hex").toString("base64") });

/** Whether a stored part has these bytes: by the store's SHA-256, else by its MD5. A part without either has not. */
export function hasBytes(part: StoredPart, { length, sha256, md5 }: Omit<Sendable, "body">): boolean {
  if (part.bytes !== length) return false;
  if (part.sha256 !== undefined) return part.sha256 === sumOf(sha256).ChecksumSHA256;
  const stored = md5In(part.etag);
  return stored !== undefined && stored === md5();
}

/** Whether what a store answers to bytes that were sent shows that it has others: by its checksum, else by an MD5 ETag. */
export function contradicts(answer: Pick<StoredPart, "etag" | "sha256">, { sha256, md5 }: Sendable): boolean {
  if (answer.sha256 !== undefined) return answer.sha256 !== sumOf(sha256).ChecksumSHA256;
  const stored = md5In(answer.etag); // of encrypted objects it is none
  return stored !== undefined && stored !== md5();
}

/** The MD5 that an ETag is; undefined for one that is no MD5. */
export const md5In = (etag: string): string | undefined => /^"?([0-9a-f]{32})"?$/i.exec(etag)?.[1]?.toLowerCase();
