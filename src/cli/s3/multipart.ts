/** Uploads in parts: begun, listed, continued, completed and aborted. */
import type { Bucket } from "./bucket.js";
import { pagesOf } from "./pages.js";
import { type Sendable, type StoredPart, sumOf } from "./part.js";
import { sendBody } from "./send.js";
import { isStoreError } from "./words.js";

/** An upload that has been begun, and neither completed nor aborted. */
export interface OpenUpload {
  readonly key: string;
  readonly id: string;
}

/** A part that the store has, with the hash of its bytes, which completing asks for even where listing does not give it. */
export interface SentPart {
  readonly number: number;
  readonly etag: string;
  readonly sha256: string;
}

/** What a store says of an upload that has been completed or aborted. Ceph says the second if that happens meanwhile. */
export const ENDED = ["NoSuchUpload", "NoSuchKey"];

/** What a store says that does not allow a question, or does not know it. */
const NO_ANSWER = ["AccessDenied", "NotImplemented", "MethodNotAllowed"];

const nameOf = (bucket: Bucket, { key, id }: OpenUpload) => ({ Bucket: bucket.name, Key: key, UploadId: id });

export async function beginUpload(bucket: Bucket, key: string): Promise<OpenUpload> {
  const algorithm = bucket.client.checksums ? ({ ChecksumAlgorithm: "SHA256" } as const) : {};
  const input = { Bucket: bucket.name, Key: key, ...algorithm };
  const { UploadId } = await bucket.ask("write", key, (s3) =>
    s3.send(new bucket.sdk.CreateMultipartUploadCommand(input)),
  );
  if (UploadId === undefined) throw new Error(`cannot write ${bucket.urlOf(key)}: the store began no upload`);
  return { key, id: UploadId };
}

/**
 * Uploads of objects whose keys begin with `prefix`, by the same checksum as ours. None where the credentials or the store do
 * not allow the question: then uploads cannot be continued, and are begun anew.
 */
export async function listUploads(bucket: Bucket, prefix: string): Promise<readonly OpenUpload[]> {
  const found: OpenUpload[] = [];
  const where = { Bucket: bucket.name, Prefix: prefix };
  const isAlike = (algorithm: string | undefined) =>
    !bucket.client.checksums || algorithm === undefined || algorithm === "SHA256";
  const pages = pagesOf(
    bucket.urlOf(prefix),
    (from?: object) =>
      bucket.ask("list", prefix, (s3) => s3.send(new bucket.sdk.ListMultipartUploadsCommand({ ...where, ...from }))),
    ({ IsTruncated, NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker }) =>
      IsTruncated === true && KeyMarker !== undefined ? { KeyMarker, UploadIdMarker } : undefined,
  );
  try {
    for await (const page of pages) {
      for (const { Key: key, UploadId: id, ChecksumAlgorithm: algorithm } of page.Uploads ?? []) {
        if (key !== undefined && id !== undefined && isAlike(algorithm)) found.push({ key, id });
      }
    }
  } catch (error) {
    if (!isStoreError(error, NO_ANSWER)) throw error;
  }
  return found;
}

/**
 * The parts of an upload, in the order of their numbers; none if it has ended, or the question is not allowed.
 *
 * @param firstPage whether the first ones suffice.
 */
export async function listParts(bucket: Bucket, upload: OpenUpload, firstPage = false): Promise<readonly StoredPart[]> {
  const found: StoredPart[] = [];
  const where = nameOf(bucket, upload);
  const pages = pagesOf(
    bucket.urlOf(upload.key),
    (marker?: string) => {
      const from = marker === undefined ? {} : { PartNumberMarker: marker };
      return bucket.ask("list", upload.key, (s3) => s3.send(new bucket.sdk.ListPartsCommand({ ...where, ...from })));
    },
    (page) => (!firstPage && page.IsTruncated === true ? page.NextPartNumberMarker : undefined),
  );
  try {
    for await (const page of pages) {
      for (const { PartNumber: number, Size = 0, ETag = "", ChecksumSHA256: sha256 } of page.Parts ?? []) {
        if (number !== undefined) found.push({ number, bytes: Size, etag: ETag, sha256 });
      }
    }
  } catch (error) {
    if (!isStoreError(error, [...ENDED, ...NO_ANSWER])) throw error;
    return [];
  }
  return found;
}

/** Sends a part, and compares what the store says that it has. */
export async function sendPart(bucket: Bucket, upload: OpenUpload, number: number, part: Sendable): Promise<SentPart> {
  const where = { ...nameOf(bucket, upload), PartNumber: number };
  return bucket.ask("write", upload.key, async (s3, failures) => {
    if (failures > 0) await checkOpen(bucket, upload);
    const { etag } = await sendBody(bucket.client, part, (body, options) =>
      s3.send(new bucket.sdk.UploadPartCommand({ ...where, ...body }), options),
    );
    return { number, etag, sha256: part.sha256 };
  });
}

/**
 * A store that refuses a part may cut the connection before its answer is read.
 *
 * @throws Error one of ENDED, if the upload has ended.
 */
async function checkOpen(bucket: Bucket, upload: OpenUpload): Promise<void> {
  try {
    await bucket.client.s3.send(new bucket.sdk.ListPartsCommand({ ...nameOf(bucket, upload), MaxParts: 1 }));
  } catch (error) {
    if (ENDED.includes((error as Error).name)) throw error;
  }
}

/** Makes the object of its parts. */
export async function completeUpload(bucket: Bucket, upload: OpenUpload, parts: readonly SentPart[]): Promise<void> {
  const Parts = parts.map(({ number, etag, sha256 }) => {
    return { PartNumber: number, ETag: etag, ...(bucket.client.checksums && sumOf(sha256)) };
  });
  const input = { ...nameOf(bucket, upload), MultipartUpload: { Parts } };
  await bucket.ask("write", upload.key, (s3) => s3.send(new bucket.sdk.CompleteMultipartUploadCommand(input)));
}

/** Aborts an upload, if it has not ended. */
export async function abortUpload(bucket: Bucket, upload: OpenUpload): Promise<void> {
  const input = nameOf(bucket, upload);
  try {
    await bucket.ask("remove", upload.key, (s3) => s3.send(new bucket.sdk.AbortMultipartUploadCommand(input)));
  } catch (error) {
    if (!isStoreError(error, ENDED)) throw error;
  }
}
