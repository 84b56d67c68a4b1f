/** The upload of a file, which is continued where a killed writer has left one: parts that are there are kept. */
import type { Bucket } from "./bucket.js";
import {
  abortUpload,
  beginUpload,
  completeUpload,
  ENDED,
  listParts,
  listUploads,
  type OpenUpload,
  type SentPart,
  sendPart,
} from "./multipart.js";
import { readObject } from "./object.js";
import { type Hashed, hasBytes, partBytes, type Sendable, type StoredPart, sendableOf } from "./part.js";
import { isStoreError } from "./words.js";

/** Errors of an upload that another writer of the same file has completed or aborted, or one of whose parts it replaced. */
const OVERTAKEN = [...ENDED, "InvalidPart", "InvalidPartOrder"];

/**
 * Continues the upload of a file that a killed writer has left, if there is one, else begins one with the first part. Another
 * writer may be at the same upload: both send the same bytes.
 *
 * @param firstPart draws the first part and hashes it.
 */
export async function openUpload(bucket: Bucket, key: string, firstPart: () => Hashed): Promise<Upload> {
  const begun = (await listUploads(bucket, key)).filter((upload) => upload.key === key);
  if (begun.length === 0) return new Upload(bucket, key);
  const first = firstPart();
  for (const upload of begun) {
    const parts = await listParts(bucket, upload);
    if (isOwn(parts, first)) return new Upload(bucket, key, upload, parts);
  }
  return new Upload(bucket, key);
}

/**
 * Whether parts are of the file whose first part this is: it has the header, which names seed, schemes and types. It is sent
 * before all others, so that no upload of ours has parts without it.
 */
function isOwn([part]: readonly StoredPart[], first: Hashed): boolean {
  return part !== undefined && part.number === 1 && hasBytes(part, first);
}

export class Upload {
  readonly #there: ReadonlyMap<number, StoredPart>;
  readonly #sent: SentPart[] = [];
  #first: Promise<void> | undefined;
  #isOvertaken = false;

  constructor(
    private readonly bucket: Bucket,
    private readonly key: string,
    private upload?: OpenUpload,
    there: readonly StoredPart[] = [],
  ) {
    this.#there = new Map(there.map((part) => [part.number, part]));
  }

  /** Sends a part, unless it is there. Nothing is sent before the first part. */
  async send(number: number, part: Sendable): Promise<void> {
    if (number === 1) this.#first = this.#send(1, part);
    await this.#first;
    if (number > 1) await this.#send(number, part);
  }

  /** After all parts. @returns false if another writer has completed or aborted the upload: then look at the object. */
  async complete(): Promise<boolean> {
    if (this.#isOvertaken || this.upload === undefined) return false;
    try {
      await completeUpload(this.bucket, this.upload, this.#sent);
      return true;
    } catch (error) {
      if (isStoreError(error, OVERTAKEN)) return false;
      throw error;
    }
  }

  async #send(number: number, part: Sendable): Promise<void> {
    if (this.#isOvertaken) return;
    const there = this.#there.get(number);
    if (there !== undefined && hasBytes(there, part)) {
      this.#sent[number - 1] = { number, etag: there.etag, sha256: part.sha256 };
      return;
    }
    try {
      this.upload ??= await beginUpload(this.bucket, this.key);
      this.#sent[number - 1] = await sendPart(this.bucket, this.upload, number, part);
    } catch (error) {
      if (!isStoreError(error, OVERTAKEN)) throw error;
      this.#isOvertaken = true;
    }
  }
}

/** An object that is whole. */
interface WholeObject {
  readonly key: string;
  readonly bytes: number;
}

/**
 * Aborts uploads of objects that are whole: those whose first part is the beginning of the object. A writer that is still at
 * one finds the object whole. All other uploads are left alone.
 */
export async function abortUploads(bucket: Bucket, prefix: string, objects: readonly WholeObject[]): Promise<void> {
  const uploads = await listUploads(bucket, prefix);
  for (const { key, bytes } of objects) {
    const open = uploads.filter((upload) => upload.key === key);
    const first = open.length === 0 ? undefined : await readObject(bucket, key, 0, partBytes(bytes));
    if (first === undefined) continue;
    const hashed = sendableOf(first.bytes);
    for (const upload of open) {
      if (isOwn(await listParts(bucket, upload, true), hashed)) await abortUpload(bucket, upload);
    }
  }
}
