/** A prefix in a bucket as the place of a checkpoint's files. */
import { printable } from "../../check.js";
import type { CheckpointFile } from "../../checkpoint/file.js";
import type { MadeFile } from "../lane.js";
import type { Store } from "../store.js";
import type { Writing } from "../write.js";
import type { Address } from "./address.js";
import { type Bucket, openBucket } from "./bucket.js";
import { listObjects, putObject, readObject, removeObject } from "./object.js";
import { partBytes, sendableOf } from "./part.js";
import { hashedDrawn, SENT_CUT, sendInParts } from "./sending.js";
import { abortUploads, openUpload } from "./upload.js";

const ROUNDS = 3; // at most, if another program aborts the upload of a file

export async function bucketStore({ bucket: name, prefix }: Address): Promise<Store> {
  return storeIn(await openBucket(name), prefix);
}

function storeIn(bucket: Bucket, prefix: string): Store {
  const under = `${prefix}/`;
  const keyOf = (name: string) => under + name;
  const pathOf = (name: string) => `s3://${bucket.name}/${keyOf(name)}`;
  return {
    name: printable(`s3://${bucket.name}/${prefix}`),
    pathOf,
    async list() {
      const objects = await listObjects(bucket, under);
      return objects.map(({ key, bytes }) => ({ name: key.slice(under.length), bytes }));
    },
    async read(name, begin, end) {
      if (begin >= end) return new Uint8Array();
      const portion = await readObject(bucket, keyOf(name), begin, end);
      if (portion === undefined) throw new Error(`cannot read ${printable(pathOf(name))}: it has been removed`);
      return portion.bytes;
    },
    prepare: async () => {}, // a bucket has no folders, and does not say how much room it has
    cut: SENT_CUT,
    write: (file, writing) => write(bucket, keyOf(file.name), file, writing),
    put: (name, text) => putObject(bucket, keyOf(name), sendableOf(new TextEncoder().encode(text))),
    remove: (name) => removeObject(bucket, keyOf(name)),
    sweep: (files) =>
      abortUploads(
        bucket,
        under,
        files.map(({ name, bytes }) => ({ key: keyOf(name), bytes })),
      ),
  };
}

async function write(bucket: Bucket, key: string, file: CheckpointFile, writing: Writing): Promise<MadeFile> {
  const length = partBytes(file.byteLength);
  if (file.byteLength <= length) return sendInParts(file, (_, part) => putObject(bucket, key, part), writing);
  const firstPart = () => hashedDrawn({ begin: 0, end: length }, { checkpoint: writing.checkpoint, file });
  const before = await readObject(bucket, key, 0, 1);
  let { progressed } = writing;
  for (let round = 0; round < ROUNDS; ++round) {
    const upload = await openUpload(bucket, key, firstPart);
    const made = await sendInParts(file, (number, part) => upload.send(number, part), { ...writing, progressed });
    const isDone = await upload.complete();
    const etag = await etagOfWhole(bucket, key, file);
    if (etag !== undefined && (isDone || etag !== before?.etag)) return made;
    progressed = undefined; // counted already
  }
  throw new Error(
    `cannot write s3://${bucket.name}/${printable(key)}: another program replaces it or aborts its upload`,
  );
}

/** The ETag of an object with the size and the header of a file; undefined if there is none. */
async function etagOfWhole(bucket: Bucket, key: string, { header, byteLength }: CheckpointFile) {
  const begin = await readObject(bucket, key, 0, header.length);
  const isWhole = begin?.size === byteLength && Buffer.compare(begin.bytes, header) === 0;
  return isWhole ? begin.etag : undefined;
}
