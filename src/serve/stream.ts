/** A body that is drawn when it is asked for. */
import type { Body, Resource } from "./resource.js";

const CHUNK_BYTES = 0x40000;
const SMALL_BYTES = 0x10000; // that are drawn at once, without a stream

/** Cloudflare's streams of a known length: without one, its answers have no Content-Length. */
declare const FixedLengthStream: undefined | (new (length: number) => TransformStream<Uint8Array, Uint8Array>);

/** The bytes, or a stream that draws a chunk at each pull and nothing ahead, so a slow reader costs one chunk of memory. */
export function streamOf(resource: Resource, body: Body, done: () => void): Uint8Array<ArrayBuffer> | ReadableStream {
  if (body.length <= SMALL_BYTES) return whole(resource, body, done);
  const chunks = chunksOf(resource, body);
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const next = chunks.next();
        if (next.done) {
          done();
          controller.close();
        } else controller.enqueue(next.value);
      },
      cancel: done,
    },
    { highWaterMark: 0 },
  );
  if (typeof FixedLengthStream === "undefined") return stream;
  const fixed = new FixedLengthStream(body.length);
  stream.pipeTo(fixed.writable).catch(() => {}); // the reader has gone
  return fixed.readable;
}

function whole(resource: Resource, body: Body, done: () => void): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(body.length);
  let at = 0;
  for (const chunk of chunksOf(resource, body)) {
    out.set(chunk, at);
    at += chunk.length;
  }
  done();
  return out;
}

function* chunksOf(resource: Resource, { parts }: Body): Generator<Uint8Array<ArrayBuffer>, void> {
  const read = resource.reader();
  for (const part of parts) {
    if (!("end" in part)) {
      yield part;
      continue;
    }
    for (let at = part.begin; at < part.end; ) {
      const next = Math.min(part.end, at + CHUNK_BYTES - (at % CHUNK_BYTES));
      yield read(at, new Uint8Array(next - at));
      at = next;
    }
  }
}
