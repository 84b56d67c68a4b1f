/** A file on its way into a bucket: parts are sent while later ones are drawn, and those that are there are kept. */
import type { CheckpointFile } from "../../checkpoint/file.js";
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
import { type Hashed, hasBytes, partBytes, type StoredPart, sha256Of, slotsOf } from "./part.js";
import { isStoreError } from "./words.js";

/** Draws the bytes of the file from an offset on. */
type DrawBytes = (begin: number, out: Uint8Array<ArrayBuffer>) => void;

/** Errors of an upload that another writer of the same file has completed or aborted, or one of whose parts it replaced. */
const OVERTAKEN = [...ENDED, "InvalidPart", "InvalidPartOrder"];

/**
 * Continues the upload of a file that a killed writer has left, if there is one, else begins one with the first part. Another
 * writer may be at the same upload: both send the same bytes.
 */
export async function openUpload(bucket: Bucket, key: string, file: CheckpointFile, draw: DrawBytes): Promise<Upload> {
  const begun = (await listUploads(bucket, key)).filter((upload) => upload.key === key);
  if (begun.length === 0) return new Upload(bucket, key, file, draw);
  const bytes = new Uint8Array(partBytes(file.byteLength));
  draw(0, bytes);
  const first = { bytes, sha256: await sha256Of(bytes) };
  for (const upload of begun) {
    const parts = await listParts(bucket, upload);
    if (isOwn(parts, first)) return new Upload(bucket, key, file, draw, upload, parts);
  }
  return new Upload(bucket, key, file, draw);
}

/**
 * Whether parts are of the file whose first part this is: it has the header, which names seed, schemes and types. It is sent
 * before all others, so that no upload of ours has parts without it.
 */
function isOwn([part]: readonly StoredPart[], first: Hashed): boolean {
  return part !== undefined && part.number === 1 && hasBytes(part, first);
}

export class Upload {
  readonly #free: Uint8Array<ArrayBuffer>[];
  readonly #busy = new Set<Promise<void>>();
  readonly #there: ReadonlyMap<number, StoredPart>;
  readonly #sent: SentPart[] = [];
  #first: Promise<void> = Promise.resolve();
  #turn: Promise<unknown> = Promise.resolve();
  #current: Uint8Array<ArrayBuffer> | undefined;
  #filled = 0;
  #number = 1; // of the part that is being filled
  #isOvertaken = false;

  constructor(
    private readonly bucket: Bucket,
    private readonly key: string,
    private readonly file: CheckpointFile,
    private readonly draw: DrawBytes,
    private upload?: OpenUpload,
    there: readonly StoredPart[] = [],
  ) {
    this.#there = new Map(there.map((part) => [part.number, part]));
    const size = partBytes(file.byteLength);
    this.#free = Array.from({ length: slotsOf(file.byteLength) }, () => new Uint8Array(size));
  }

  /** Appends bytes of the file, which must not change until the promise is settled. */
  write(bytes: Uint8Array): Promise<void> {
    const turn = this.#turn.then(() => this.#append(bytes));
    this.#turn = turn.catch(() => {}); // its own caller gets the error
    return turn;
  }

  /** @returns false if another writer has completed or aborted the upload: then look at the object. */
  async complete(): Promise<boolean> {
    await Promise.all(this.#busy);
    if (this.#isOvertaken || this.upload === undefined) return false;
    try {
      await completeUpload(this.bucket, this.upload, this.#sent);
      return true;
    } catch (error) {
      if (isStoreError(error, OVERTAKEN)) return false;
      throw error;
    }
  }

  /** Waits for what is on its way. The parts stay, so that a later run can continue the upload. */
  async close(): Promise<void> {
    await Promise.allSettled([this.#turn, ...this.#busy]);
  }

  async #append(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      this.#current ??= await this.#slot();
      const part = this.#current.subarray(0, this.#lengthOf(this.#number));
      const some = bytes.subarray(at, at + part.length - this.#filled);
      part.set(some, this.#filled);
      this.#filled += some.length;
      at += some.length;
      if (this.#filled < part.length) return;
      this.#launch(this.#number++, part, this.#current);
      this.#current = undefined;
      this.#filled = 0;
    }
  }

  #lengthOf(number: number): number {
    const size = partBytes(this.file.byteLength);
    return Math.min(size, this.file.byteLength - (number - 1) * size);
  }

  /** Memory for a part, as soon as there is some; throws if a part before could not be sent. */
  async #slot(): Promise<Uint8Array<ArrayBuffer>> {
    for (;;) {
      const free = this.#free.pop();
      if (free !== undefined) return free;
      await Promise.race(this.#busy);
    }
  }

  #launch(number: number, part: Uint8Array<ArrayBuffer>, slot: Uint8Array<ArrayBuffer>): void {
    const sending = number === 1 ? this.#send(number, part) : this.#first.then(() => this.#send(number, part));
    if (number === 1) this.#first = sending;
    const busy = sending.then(() => {
      this.#busy.delete(busy);
      this.#free.push(slot);
    });
    this.#busy.add(busy); // stays there if it fails, for whoever waits next
    busy.catch(() => {});
  }

  async #send(number: number, part: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.#isOvertaken) return;
    let hashed = { bytes: part, sha256: await sha256Of(part) };
    const there = this.#there.get(number);
    if (there !== undefined && hasBytes(there, hashed)) {
      this.#sent[number - 1] = { number, etag: there.etag, sha256: hashed.sha256 };
      return;
    }
    try {
      this.upload ??= await beginUpload(this.bucket, this.key);
      this.#sent[number - 1] = await sendPart(this.bucket, this.upload, number, async (failures) => {
        if (failures > 0) hashed = await this.#drawn(number, part);
        return hashed;
      });
    } catch (error) {
      if (!isStoreError(error, OVERTAKEN)) throw error;
      this.#isOvertaken = true;
    }
  }

  /** A part that has failed is drawn again: whatever was wrong with its bytes, these are right. */
  async #drawn(number: number, bytes: Uint8Array<ArrayBuffer>): Promise<Hashed> {
    this.draw((number - 1) * partBytes(this.file.byteLength), bytes);
    return { bytes, sha256: await sha256Of(bytes) };
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
    const hashed = { bytes: first.bytes, sha256: await sha256Of(first.bytes) };
    for (const upload of open) {
      if (isOwn(await listParts(bucket, upload, true), hashed)) await abortUpload(bucket, upload);
    }
  }
}
