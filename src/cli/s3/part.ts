/** The parts that a file is uploaded in, and telling whether a part that is there is ours. */
import { createHash } from "node:crypto";
import type { Cut } from "../lane.js";

const LEAST_BYTES = 2 ** 23; // S3 asks for 5 MiB; larger parts need fewer requests
const MOST_PARTS = 9000; // S3 allows 10,000
const STEP_BYTES = 2 ** 20;
const BUFFERS = 3; // one is drawn while two are sent

/** Bytes of each part but the last: a function of the file's size alone, so that every writer cuts a file alike. */
export const partBytes = (fileBytes: number): number =>
  Math.max(LEAST_BYTES, Math.ceil(fileBytes / MOST_PARTS / STEP_BYTES) * STEP_BYTES);

/** Each piece is a part, which is sent from the memory that it is drawn in. */
export const cutOf = (fileBytes: number): Cut => ({
  pieceBytes: partBytes(fileBytes),
  buffers: BUFFERS,
  hashed: true,
});

/** A part that a store has. */
export interface StoredPart {
  readonly number: number;
  readonly bytes: number;
  readonly etag: string;
  /** Base64; undefined if the store keeps none. */
  readonly sha256: string | undefined;
}

/** Bytes of a part with their SHA-256 in hexadecimal. */
export interface Hashed {
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

export const hashedOf = (bytes: Uint8Array): Hashed => ({
  bytes,
  sha256: createHash("sha256").update(bytes).digest("hex"),
});

/** A hash as S3 takes it. */
export const sumOf = (sha256: string) => ({ ChecksumSHA256: Buffer.from(sha256, "hex").toString("base64") });

/** Whether a stored part has these bytes: by the store's SHA-256, else by its MD5. A part without either has not. */
export function hasBytes(part: StoredPart, { bytes, sha256 }: Hashed): boolean {
  if (part.bytes !== bytes.length) return false;
  if (part.sha256 !== undefined) return part.sha256 === sumOf(sha256).ChecksumSHA256;
  return md5In(part.etag) === md5Of(bytes);
}

/** Whether what a store answers to bytes that were sent shows that it has others: by its checksum, else by an MD5 ETag. */
export function contradicts(answer: Pick<StoredPart, "etag" | "sha256">, { bytes, sha256 }: Hashed): boolean {
  if (answer.sha256 !== undefined) return answer.sha256 !== sumOf(sha256).ChecksumSHA256;
  const md5 = md5In(answer.etag); // of encrypted objects it is none
  return md5 !== undefined && md5 !== md5Of(bytes);
}

/** The MD5 that an ETag is; undefined for one that is no MD5. */
const md5In = (etag: string): string | undefined => /^"?([0-9a-f]{32})"?$/i.exec(etag)?.[1]?.toLowerCase();

const md5Of = (bytes: Uint8Array): string => createHash("md5").update(bytes).digest("hex");
