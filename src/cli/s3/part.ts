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

/** What bytes are told by. */
export interface Hashed {
  readonly length: number;
  /** In hexadecimal. */
  readonly sha256: string;
  /** In hexadecimal, for stores that know no other hash. */
  md5(): string;
}

/** Bytes that can be sent as often as need be. */
export interface Sendable extends Hashed {
  /** For one request. @param withMd5 whether `md5` will be asked for. */
  body(withMd5: boolean): Uint8Array | Readable;
}

/** @param sha256 their hash, where it is known. */
export const sendableOf = (bytes: Uint8Array, sha256 = createHash("sha256").update(bytes).digest("hex")): Sendable => ({
  length: bytes.length,
  sha256,
  body: () => bytes,
  md5: () => createHash("md5").update(bytes).digest("hex"),
});

/** A hash as S3 takes it. */
export const sumOf = (sha256: string) => ({ ChecksumSHA256: Buffer.from(sha256, "hex").toString("base64") });

/** What a store has of some bytes: what it gives of their hashes. */
type StoredHashes = Pick<StoredPart, "etag" | "sha256">;

/** Whether a stored part has these bytes. A part without a hash has not. */
export const hasBytes = (part: StoredPart, hashed: Hashed): boolean =>
  part.bytes === hashed.length && isEqual(part, hashed) === true;

/** Whether what a store answers to bytes that were sent shows that it has others. */
export const contradicts = (answer: StoredHashes, hashed: Hashed): boolean => isEqual(answer, hashed) === false;

/** By the store's SHA-256, else by an ETag that is an MD5; undefined where there is neither, as of encrypted objects. */
function isEqual({ etag, sha256: stored }: StoredHashes, { sha256, md5 }: Hashed): boolean | undefined {
  if (stored !== undefined) return stored === sumOf(sha256).ChecksumSHA256;
  const storedMd5 = md5In(etag);
  return storedMd5 === undefined ? undefined : storedMd5 === md5();
}

/** The MD5 that an ETag is; undefined for one that is no MD5. */
export const md5In = (etag: string): string | undefined => /^"?([0-9a-f]{32})"?$/i.exec(etag)?.[1]?.toLowerCase();
