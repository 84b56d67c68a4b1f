/** What a server has: files of checkpoints, and texts. */
import { digestOf } from "../checkpoint/digest.js";
import type { DrawnFiles } from "../checkpoint/drawn.js";
import type { CheckpointFile } from "../checkpoint/file.js";
import { chunkEnd } from "../checkpoint/range.js";
import type { Resource } from "./resource.js";
import { isFixed } from "./revision.js";

type Headers = Readonly<Record<string, string>>;

/** No proxy may compress or convert the bytes, since ranges count them. */
const FOREVER = { "Cache-Control": "public, max-age=31536000, immutable, no-transform" } as const;
export const CHANGING = { "Cache-Control": "no-cache, no-transform" } as const;

/** Headers of what a repository has at a revision. */
export const headersAt = ({ sha }: { readonly sha: string }, revision: string): Headers => ({
  ...(isFixed(revision) ? FOREVER : CHANGING),
  "X-Repo-Commit": sha,
});

export const etagOf = async (file: CheckpointFile): Promise<string> => (await file.identify?.()) ?? file.etag;

export async function fileResource(checkpoint: DrawnFiles, file: CheckpointFile, headers: Headers): Promise<Resource> {
  const { byteLength } = file;
  const etag = await etagOf(file);
  return {
    ...{ byteLength, etag, type: "application/octet-stream" },
    headers: { ...headers, "X-Linked-Size": String(byteLength), "X-Linked-Etag": `"${etag}"` },
    reader: () => checkpoint.reader(file),
    chunkEnd: (begin, most) => chunkEnd(file, begin, most),
  };
}

export async function textResource(text: string, headers: Headers, type = "application/json"): Promise<Resource> {
  const bytes = new TextEncoder().encode(text);
  return {
    ...{ byteLength: bytes.length, etag: await digestOf(bytes), type, headers },
    reader: () => (begin, out) => {
      out.set(bytes.subarray(begin, begin + out.length));
      return out;
    },
  };
}
