/** Objects of a bucket: listed, read, written and removed. */
import type { Bucket } from "./bucket.js";
import { pagesOf } from "./pages.js";
import type { Sendable } from "./part.js";
import { sendBody } from "./send.js";
import { isStoreError } from "./words.js";

/** Bytes of an object, and what it is. */
export interface Portion {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Bytes of the whole object. */
  readonly size: number;
  readonly etag: string;
}

interface ListedObject {
  readonly key: string;
  readonly bytes: number;
}

const MOST_KEYS = 1_000_000; // that are listed; a checkpoint has at most 20,002

/** Objects whose keys begin with `prefix` and have no slash after it. */
export async function listObjects(bucket: Bucket, prefix: string): Promise<readonly ListedObject[]> {
  const found: ListedObject[] = [];
  const where = { Bucket: bucket.name, Prefix: prefix, Delimiter: "/" };
  const pages = pagesOf(
    bucket.urlOf(prefix),
    (token?: string) => {
      const from = token === undefined ? {} : { ContinuationToken: token };
      return bucket.ask("list", prefix, (s3) => s3.send(new bucket.sdk.ListObjectsV2Command({ ...where, ...from })));
    },
    (page) => (page.IsTruncated === true ? page.NextContinuationToken : undefined),
  );
  for await (const page of pages) {
    for (const { Key, Size = 0 } of page.Contents ?? []) if (Key !== undefined) found.push({ key: Key, bytes: Size });
    if (found.length > MOST_KEYS) throw new Error(`${bucket.urlOf(prefix)}: expected at most ${MOST_KEYS} objects`);
  }
  return found;
}

/** Bytes [begin, end) of an object, as far as it has them; undefined if there is no object. */
export async function readObject(
  bucket: Bucket,
  key: string,
  begin: number,
  end: number,
): Promise<Portion | undefined> {
  const where = { Bucket: bucket.name, Key: key, Range: `bytes=${begin}-${end - 1}` };
  try {
    return await bucket.ask("read", key, async (s3) => {
      const answer = await s3.send(new bucket.sdk.GetObjectCommand(where));
      const all = new Uint8Array((await answer.Body?.transformToByteArray()) ?? []);
      const [, total] = /\/(\d+)$/.exec(answer.ContentRange ?? "") ?? [];
      const bytes = total === undefined ? all.slice(begin, end) : all; // a store may send the whole object
      const size = total === undefined ? all.length : Number(total);
      if (bytes.length === Math.min(end, size) - begin) return { bytes, size, etag: answer.ETag ?? "" };
      throw Object.assign(new Error("fewer bytes than asked for"), { code: "ERR_STREAM_PREMATURE_CLOSE" });
    });
  } catch (error) {
    if (isStoreError(error, ["NoSuchKey", "NotFound"])) return undefined;
    if (isStoreError(error, ["InvalidRange"])) return { bytes: new Uint8Array(), size: begin, etag: "" }; // it ends before
    throw error;
  }
}

/** Writes a whole object and replaces what has its key. */
export async function putObject(bucket: Bucket, key: string, whole: Sendable): Promise<void> {
  const where = { Bucket: bucket.name, Key: key };
  await bucket.ask("write", key, (s3) =>
    sendBody(bucket.client, whole, (body, options) =>
      s3.send(new bucket.sdk.PutObjectCommand({ ...where, ...body }), options),
    ),
  );
}

/** Removes an object, if it is there. */
export async function removeObject(bucket: Bucket, key: string): Promise<void> {
  await bucket.ask("remove", key, (s3) =>
    s3.send(new bucket.sdk.DeleteObjectCommand({ Bucket: bucket.name, Key: key })),
  );
}
