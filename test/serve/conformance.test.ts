/** HTTP: requests, and the answer that RFC 9110 (sections 9, 13, 14, 15) asks for. */
import { describe, expect, test } from "vitest";
import { checkpoint } from "../../src/checkpoint.js";
import { modelOfShapes } from "../../src/model.js";
import { respond } from "../../src/serve.js";

const model = modelOfShapes("tiny", [
  { name: "a", shape: [300, 301], scheme: "heNormal" },
  { name: "b", shape: [77], scheme: "ones" },
]);
const source = checkpoint(model, { seed: 42 });
const [file] = source.files;
if (file === undefined) throw new Error("no file");
const { byteLength: length, etag } = file;
const whole = source.read(file, 0, length);
const TAG = `"${etag}"`;
const URL_OF_FILE = "http://localhost/anything/model.safetensors";

type Headers_ = Readonly<Record<string, string>>;

const send = (method: string, headers: Headers_ = {}, url = URL_OF_FILE) =>
  respond(new Request(url, { method, headers }), source);

const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer());

const slice = (begin: number, end: number) => whole.subarray(begin, end);

/** Requests of the file: what is asked, the status, and the bytes [begin, end) that come. */
const TABLE: readonly [string, string, Headers_, number, (readonly [number, number])?][] = [
  ["the whole", "GET", {}, 200, [0, length]],
  // Ranges: section 14.1.2.
  ["the first byte", "GET", { Range: "bytes=0-0" }, 206, [0, 1]],
  ["the first 500 bytes", "GET", { Range: "bytes=0-499" }, 206, [0, 500]],
  ["the next 500 bytes", "GET", { Range: "bytes=500-999" }, 206, [500, 1000]],
  ["the last 500 bytes", "GET", { Range: "bytes=-500" }, 206, [length - 500, length]],
  ["from a byte on", "GET", { Range: `bytes=${length - 500}-` }, 206, [length - 500, length]],
  ["the last byte", "GET", { Range: "bytes=-1" }, 206, [length - 1, length]],
  ["everything as a range", "GET", { Range: "bytes=0-" }, 206, [0, length]],
  ["an end beyond the file", "GET", { Range: "bytes=0-99999999999" }, 206, [0, length]],
  ["an end of 400 digits", "GET", { Range: `bytes=5-${"9".repeat(400)}` }, 206, [5, length]],
  ["a suffix longer than the file", "GET", { Range: "bytes=-99999999999" }, 206, [0, length]],
  ["a unit in capitals", "GET", { Range: "BYTES=0-9" }, 206, [0, 10]],
  ["spaces around the elements", "GET", { Range: "bytes= 0-9 " }, 206, [0, 10]],
  ["empty elements", "GET", { Range: "bytes=,,0-9,," }, 206, [0, 10]],
  ["two that touch are one", "GET", { Range: "bytes=0-9,10-19" }, 206, [0, 20]],
  ["two that overlap are one", "GET", { Range: "bytes=5-15,0-9" }, 206, [0, 16]],
  ["one that can be satisfied, one that cannot", "GET", { Range: "bytes=0-9,99999999-" }, 206, [0, 10]],
  ["leading zeros", "GET", { Range: "bytes=000-0009" }, 206, [0, 10]],
  // Rejected: section 14.2, 15.5.17.
  ["from the end on", "GET", { Range: `bytes=${length}-` }, 416],
  ["beyond the end", "GET", { Range: "bytes=99999999999-" }, 416],
  ["an empty suffix", "GET", { Range: "bytes=-0" }, 416],
  ["reversed", "GET", { Range: "bytes=10-5" }, 416],
  ["no numbers", "GET", { Range: "bytes=a-b" }, 416],
  ["no range", "GET", { Range: "bytes=" }, 416],
  ["a dash", "GET", { Range: "bytes=-" }, 416],
  ["a negative first byte", "GET", { Range: "bytes=-5-10" }, 416],
  ["a fraction", "GET", { Range: "bytes=0.5-10" }, 416],
  ["a sign", "GET", { Range: "bytes=+1-10" }, 416],
  ["a hexadecimal number", "GET", { Range: "bytes=0x1-0x10" }, 416],
  ["one right, one wrong", "GET", { Range: "bytes=0-9,x" }, 416],
  ["a space within", "GET", { Range: "bytes=0 - 9" }, 416],
  ["65 ranges", "GET", { Range: `bytes=${Array.from({ length: 65 }, (_, i) => `${i * 2}-${i * 2}`).join()}` }, 416],
  // Ignored: section 14.2.
  ["another unit", "GET", { Range: "items=0-9" }, 200, [0, length]],
  ["no unit", "GET", { Range: "0-9" }, 200, [0, length]],
  ["no equals sign", "GET", { Range: "bytes 0-9" }, 200, [0, length]],
  ["an empty header", "GET", { Range: "" }, 200, [0, length]],
  // HEAD ignores Range: section 14.2.
  ["the head", "HEAD", {}, 200],
  ["the head, with a range", "HEAD", { Range: "bytes=0-9" }, 200],
  ["the head, with a range that cannot be satisfied", "HEAD", { Range: "bytes=99999999999-" }, 200],
  // If-Match: section 13.1.1.
  ["if it is what it is", "GET", { "If-Match": TAG }, 200, [0, length]],
  ["if it is anything", "GET", { "If-Match": "*" }, 200, [0, length]],
  ["if it is in a list", "GET", { "If-Match": `"x", ${TAG}` }, 200, [0, length]],
  ["if it is another", "GET", { "If-Match": '"x"' }, 412],
  ["if it is a weak one: strong comparison", "GET", { "If-Match": `W/${TAG}` }, 412],
  ["if it is without quotes", "GET", { "If-Match": etag }, 412],
  ["if it is what it is, in empty elements", "GET", { "If-Match": `, ${TAG},` }, 200, [0, length]],
  ["if it is an asterisk in a list", "GET", { "If-Match": '"x", *' }, 412],
  ["if it is nothing", "GET", { "If-Match": "" }, 412],
  ["if it is another, the head", "HEAD", { "If-Match": '"x"' }, 412],
  ["if it is another, a range", "GET", { "If-Match": '"x"', Range: "bytes=0-9" }, 412],
  ["if it is what it is, a range", "GET", { "If-Match": TAG, Range: "bytes=0-9" }, 206, [0, 10]],
  // If-None-Match: section 13.1.2.
  ["unless it is what it is", "GET", { "If-None-Match": TAG }, 304],
  ["unless it is anything", "GET", { "If-None-Match": "*" }, 304],
  ["unless it is in a list", "GET", { "If-None-Match": `"x",${TAG} , "y"` }, 304],
  ["unless it is a weak one: weak comparison", "GET", { "If-None-Match": `W/${TAG}` }, 304],
  ["unless it is another", "GET", { "If-None-Match": '"x"' }, 200, [0, length]],
  ["unless it is a tag with a comma", "GET", { "If-None-Match": `"a,b", ${TAG}` }, 304],
  ["unless it is without quotes", "GET", { "If-None-Match": etag }, 200, [0, length]],
  ["unless it is what it is, the head", "HEAD", { "If-None-Match": TAG }, 304],
  ["unless it is what it is, a range", "GET", { "If-None-Match": TAG, Range: "bytes=0-9" }, 304],
  ["unless it is what it is, a wrong range", "GET", { "If-None-Match": TAG, Range: "bytes=99999999999-" }, 304],
  // The order of section 13.2.2.
  ["If-Match before If-None-Match", "GET", { "If-Match": '"x"', "If-None-Match": TAG }, 412],
  ["both true and false", "GET", { "If-Match": TAG, "If-None-Match": TAG }, 304],
  ["dates are ignored: since", "GET", { "If-Modified-Since": "Fri, 27 Nov 2099 00:00:00 GMT" }, 200, [0, length]],
  [
    "dates are ignored: unmodified",
    "GET",
    { "If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT" },
    200,
    [0, length],
  ],
  // If-Range: section 13.1.5.
  ["a range of what it is", "GET", { "If-Range": TAG, Range: "bytes=0-9" }, 206, [0, 10]],
  ["a range of another", "GET", { "If-Range": '"x"', Range: "bytes=0-9" }, 200, [0, length]],
  ["a range of a weak one", "GET", { "If-Range": `W/${TAG}`, Range: "bytes=0-9" }, 200, [0, length]],
  ["a range of a date", "GET", { "If-Range": "Fri, 27 Nov 2026 00:00:00 GMT", Range: "bytes=0-9" }, 200, [0, length]],
  ["a wrong range of another", "GET", { "If-Range": '"x"', Range: "bytes=99999999999-" }, 200, [0, length]],
  ["a wrong range of what it is", "GET", { "If-Range": TAG, Range: "bytes=99999999999-" }, 416],
  ["If-Range without a range", "GET", { "If-Range": '"x"' }, 200, [0, length]],
  // Methods: sections 9.3 and 15.5.6.
  ["POST", "POST", {}, 405],
  ["PUT", "PUT", {}, 405],
  ["DELETE", "DELETE", {}, 405],
  ["PATCH", "PATCH", {}, 405],
  ["another method", "PROPFIND", {}, 405],
  ["a wrong method with a condition", "PUT", { "If-Match": '"x"' }, 405],
  ["options", "OPTIONS", {}, 204],
  ["a preflight", "OPTIONS", { Origin: "https://x.org", "Access-Control-Request-Method": "GET" }, 204],
  // Too long: RFC 6585, section 5.
  ["a header of 9,000 characters", "GET", { "If-None-Match": `"${"x".repeat(9000)}"` }, 431],
];

test("there are at least 80 requests, each of its own", () => {
  expect(new Set(TABLE.map(([name]) => name)).size).toBe(TABLE.length);
  expect(TABLE.length).toBeGreaterThanOrEqual(80);
});

describe("a file", () => {
  test.each(TABLE)("%s: %s %j -> %i", async (_, method, headers, status, range) => {
    const response = await send(method, headers);
    expect(response.status).toBe(status);
    const got = Object.fromEntries(response.headers);
    expect(got["access-control-allow-origin"]).toBe("*");
    if (status === 405 || status === 204) expect(got.allow).toBe("GET, HEAD, OPTIONS");
    if ([200, 206, 304, 412, 416].includes(status)) {
      expect(got.etag).toBe(TAG);
      expect(got["accept-ranges"]).toBe("bytes");
      expect(got["cache-control"]).toBe("public, max-age=31536000, immutable, no-transform");
    }
    if (status === 416) expect(got["content-range"]).toBe(`bytes */${length}`);
    const bytes = await bytesOf(response);
    if (range === undefined) {
      if (status !== 431) expect(bytes.length).toBe(0);
      if (method === "HEAD" && status === 200) expect(got["content-length"]).toBe(String(length));
      return;
    }
    const [begin, end] = range;
    expect(got["content-type"]).toBe("application/octet-stream");
    expect(got["content-length"]).toBe(String(end - begin));
    expect(got["content-range"]).toBe(status === 206 ? `bytes ${begin}-${end - 1}/${length}` : undefined);
    expect(Buffer.compare(bytes, slice(begin, end))).toBe(0);
  });

  test("several ranges come as multipart/byteranges: section 14.6", async () => {
    const response = await send("GET", { Range: `bytes=0-9, 100000-100099, -20` });
    expect(response.status).toBe(206);
    const boundary = /^multipart\/byteranges; boundary=(\S+)$/.exec(response.headers.get("content-type") ?? "")?.[1];
    expect(response.headers.get("content-range")).toBeNull();
    const bytes = await bytesOf(response);
    expect(response.headers.get("content-length")).toBe(String(bytes.length));
    const part = (begin: number, end: number) => [
      Buffer.from(
        `--${boundary}\r\nContent-Type: application/octet-stream\r\n` +
          `Content-Range: bytes ${begin}-${end - 1}/${length}\r\n\r\n`,
      ),
      slice(begin, end),
      Buffer.from("\r\n"),
    ];
    const expected = [...part(0, 10), ...part(100_000, 100_100), ...part(length - 20, length)];
    expect(Buffer.compare(bytes, Buffer.concat([...expected, Buffer.from(`--${boundary}--\r\n`)]))).toBe(0);
  });

  test("a file that is not there", async () => {
    const response = await send("GET", {}, "http://localhost/other.safetensors");
    expect(response.status).toBe(404);
    expect(response.headers.get("x-error-code")).toBe("EntryNotFound");
    expect((await response.json()).error).toMatch(/no such file/);
    expect((await send("PUT", {}, "http://localhost/other.safetensors")).status).toBe(405);
  });

  test.each([
    ["a path that is not UTF-8", "http://localhost/%ff/model.safetensors", 400],
    ["a path of 2,000 characters", `http://localhost/${"x".repeat(2000)}`, 414],
  ])("%s", async (_, url, status) => {
    expect((await send("GET", {}, url)).status).toBe(status);
  });

  test("a source that is none", async () => {
    await expect(respond(new Request(URL_OF_FILE), {} as never)).rejects.toThrow(
      /source: expected a checkpoint, or a router/,
    );
  });
});
