/** Sending bytes whose hash is known, and comparing what the store says that it has. */
import { Readable } from "node:stream";
import type { Client } from "./client.js";
import { contradicts, md5In, type Sendable, sumOf } from "./part.js";

/** What a request gets that has a body. */
interface BodyInput {
  readonly Body: Uint8Array | Readable;
  readonly ContentLength: number;
  readonly ChecksumSHA256?: string;
}

/** What the SDK says of bytes that a store has taken. */
interface StoreAnswer {
  readonly ETag?: string | undefined;
  readonly ChecksumSHA256?: string | undefined;
}

/**
 * @param request sends a command with this input.
 * @returns the store's ETag.
 * @throws Error BadDigest if the store has other bytes.
 */
export async function sendBody(
  client: Client,
  sendable: Sendable,
  request: (input: BodyInput, options: { readonly abortSignal: AbortSignal }) => Promise<StoreAnswer>,
): Promise<{ readonly etag: string }> {
  const { length, sha256 } = sendable;
  const body = sendable.body(client.comparesMd5);
  const stream = body instanceof Readable ? body : undefined;
  const failure = new AbortController(); // a request does not notice that the stream of its body has failed
  stream?.once("error", (error) => failure.abort(error));
  client.hashes.set(body, sha256);
  const input = { Body: body, ContentLength: length, ...(client.checksums && sumOf(sha256)) };
  try {
    const { ETag: etag = "", ChecksumSHA256 } = await request(input, { abortSignal: failure.signal });
    client.comparesMd5 = ChecksumSHA256 === undefined && md5In(etag) !== undefined;
    if (!contradicts({ etag, sha256: ChecksumSHA256 }, sendable)) return { etag };
    throw Object.assign(new Error("the store has other bytes than were sent"), { name: "BadDigest" });
  } catch (error) {
    throw stream?.errored ?? error;
  } finally {
    stream?.destroy();
  }
}
