/** Answers to GET and HEAD of one resource, whole or in ranges: RFC 9110. */
import { allowsRange, conditionOf } from "./condition.js";
import { COMMON } from "./headers.js";
import { rangesOf, type ServedRange } from "./range.js";
import type { Body, Resource } from "./resource.js";
import { streamOf } from "./stream.js";

/** Of answers that are about the request, which no cache may keep under the path of the file. */
const NO_BYTES = { "Content-Length": "0", "Cache-Control": "no-cache" };

/** @param done called once, when the body has been sent or nobody wants it any more. */
export function answer({ method, headers: asked }: Request, resource: Resource, done: () => void): Response {
  const { byteLength, etag, type } = resource;
  const headers = { ...resource.headers, ...COMMON, ETag: `"${etag}"`, "Accept-Ranges": "bytes" };
  const empty = (status: number, more: Readonly<Record<string, string>> = {}): Response => {
    done();
    return new Response(null, { status, headers: { ...headers, ...more } });
  };
  const condition = conditionOf(asked, etag);
  if (condition === 304) return empty(condition);
  if (condition !== undefined) return empty(condition, NO_BYTES);
  if (method === "HEAD") return empty(200, { "Content-Type": type, "Content-Length": String(byteLength) });
  const ranges = allowsRange(asked, etag) ? rangesOf(asked.get("range"), byteLength) : undefined;
  if (ranges === undefined) {
    const body = { parts: [{ begin: 0, end: byteLength }], length: byteLength };
    return respond(200, { ...headers, "Content-Type": type }, resource, body, done);
  }
  const [only, second] = ranges;
  if (only === undefined) return empty(416, { ...NO_BYTES, "Content-Range": `bytes */${byteLength}` });
  if (second === undefined) {
    const more = { "Content-Type": type, "Content-Range": contentRange(only, byteLength) };
    return respond(206, { ...headers, ...more }, resource, { parts: [only], length: only.end - only.begin }, done);
  }
  const boundary = `nn-init-${etag.slice(0, 32)}`;
  const more = { "Content-Type": `multipart/byteranges; boundary=${boundary}` };
  return respond(206, { ...headers, ...more }, resource, multipart(ranges, boundary, resource), done);
}

const contentRange = ({ begin, end }: ServedRange, length: number): string => `bytes ${begin}-${end - 1}/${length}`;

function multipart(ranges: readonly ServedRange[], boundary: string, { byteLength, type }: Resource): Body {
  const encoder = new TextEncoder();
  const parts = ranges.flatMap((range, i) => {
    const head = `Content-Type: ${type}\r\nContent-Range: ${contentRange(range, byteLength)}`;
    return [encoder.encode(`${i === 0 ? "" : "\r\n"}--${boundary}\r\n${head}\r\n\r\n`), range];
  });
  parts.push(encoder.encode(`\r\n--${boundary}--\r\n`));
  const length = parts.reduce((sum, part) => sum + ("end" in part ? part.end - part.begin : part.length), 0);
  return { parts, length };
}

function respond(
  status: number,
  headers: Readonly<Record<string, string>>,
  resource: Resource,
  body: Body,
  done: () => void,
): Response {
  const stream = streamOf(resource, body, done);
  return new Response(stream, { status, headers: { ...headers, "Content-Length": String(body.length) } });
}
