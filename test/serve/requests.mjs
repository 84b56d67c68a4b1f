// Requests of a file over HTTP, and the answer that RFC 9110 (sections 9, 13, 14, 15) asks for. Node's own test and those of the
// other runtimes read this one table.

/**
 * @param file its length in bytes, and its entity tag without quotes
 * @returns for each request: what it is, method, headers, the status, and the bytes [begin, end) that come
 */
export function requestsOf({ length, etag }) {
  const tag = `"${etag}"`;
  return [
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
    ["if it is what it is", "GET", { "If-Match": tag }, 200, [0, length]],
    ["if it is anything", "GET", { "If-Match": "*" }, 200, [0, length]],
    ["if it is in a list", "GET", { "If-Match": `"x", ${tag}` }, 200, [0, length]],
    ["if it is another", "GET", { "If-Match": '"x"' }, 412],
    ["if it is a weak one: strong comparison", "GET", { "If-Match": `W/${tag}` }, 412],
    ["if it is without quotes", "GET", { "If-Match": etag }, 412],
    ["if it is what it is, in empty elements", "GET", { "If-Match": `, ${tag},` }, 200, [0, length]],
    ["if it is an asterisk in a list", "GET", { "If-Match": '"x", *' }, 412],
    ["if it is nothing", "GET", { "If-Match": "" }, 412],
    ["if it is another, the head", "HEAD", { "If-Match": '"x"' }, 412],
    ["if it is another, a range", "GET", { "If-Match": '"x"', Range: "bytes=0-9" }, 412],
    ["if it is what it is, a range", "GET", { "If-Match": tag, Range: "bytes=0-9" }, 206, [0, 10]],
    // If-None-Match: section 13.1.2.
    ["unless it is what it is", "GET", { "If-None-Match": tag }, 304],
    ["unless it is anything", "GET", { "If-None-Match": "*" }, 304],
    ["unless it is in a list", "GET", { "If-None-Match": `"x",${tag} , "y"` }, 304],
    ["unless it is a weak one: weak comparison", "GET", { "If-None-Match": `W/${tag}` }, 304],
    ["unless it is another", "GET", { "If-None-Match": '"x"' }, 200, [0, length]],
    ["unless it is a tag with a comma", "GET", { "If-None-Match": `"a,b", ${tag}` }, 304],
    ["unless it is without quotes", "GET", { "If-None-Match": etag }, 200, [0, length]],
    ["unless it is what it is, the head", "HEAD", { "If-None-Match": tag }, 304],
    ["unless it is what it is, a range", "GET", { "If-None-Match": tag, Range: "bytes=0-9" }, 304],
    ["unless it is what it is, a wrong range", "GET", { "If-None-Match": tag, Range: "bytes=99999999999-" }, 304],
    // The order of section 13.2.2.
    ["If-Match before If-None-Match", "GET", { "If-Match": '"x"', "If-None-Match": tag }, 412],
    ["both true and false", "GET", { "If-Match": tag, "If-None-Match": tag }, 304],
    ["dates are ignored: since", "GET", { "If-Modified-Since": "Fri, 27 Nov 2099 00:00:00 GMT" }, 200, [0, length]],
    [
      "dates are ignored: unmodified",
      "GET",
      { "If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT" },
      200,
      [0, length],
    ],
    // If-Range: section 13.1.5.
    ["a range of what it is", "GET", { "If-Range": tag, Range: "bytes=0-9" }, 206, [0, 10]],
    ["a range of another", "GET", { "If-Range": '"x"', Range: "bytes=0-9" }, 200, [0, length]],
    ["a range of a weak one", "GET", { "If-Range": `W/${tag}`, Range: "bytes=0-9" }, 200, [0, length]],
    ["a range of a date", "GET", { "If-Range": "Fri, 27 Nov 2026 00:00:00 GMT", Range: "bytes=0-9" }, 200, [0, length]],
    ["a wrong range of another", "GET", { "If-Range": '"x"', Range: "bytes=99999999999-" }, 200, [0, length]],
    ["a wrong range of what it is", "GET", { "If-Range": tag, Range: "bytes=99999999999-" }, 416],
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
}

const FOREVER = "public, max-age=31536000, immutable, no-transform";

/** What the answer to one of these requests has wrong. */
export function faultsOf(
  [, method, , status, range],
  { status: got, headers, bytes },
  { length, etag, whole, cache = FOREVER },
) {
  const faults = [];
  const expected = (what, value, wanted) => {
    if (value !== wanted) faults.push(`${what}: expected ${wanted}, got ${value}`);
  };
  expected("status", got, status);
  expected("Access-Control-Allow-Origin", headers["access-control-allow-origin"], "*");
  if (status === 405 || status === 204) expected("Allow", headers.allow, "GET, HEAD, OPTIONS");
  if ([200, 206, 304, 412, 416].includes(status)) {
    expected("ETag", headers.etag, `"${etag}"`);
    expected("Accept-Ranges", headers["accept-ranges"], "bytes");
    const isAboutFile = status !== 412 && status !== 416; // others must not stand in a cache for the file
    const kept = isAboutFile ? cache : "no-cache";
    expected("Cache-Control", headers["cache-control"], kept);
  }
  if (status === 416) expected("Content-Range", headers["content-range"], `bytes */${length}`);
  if (range === undefined) {
    if (status !== 431) expected("bytes", bytes.length, 0);
    if (method === "HEAD" && status === 200) expected("Content-Length", headers["content-length"], String(length));
    return faults;
  }
  const [begin, end] = range;
  const part = status === 206 ? `bytes ${begin}-${end - 1}/${length}` : undefined;
  expected("Content-Type", headers["content-type"], "application/octet-stream");
  expected("Content-Length", headers["content-length"], String(end - begin));
  expected("Content-Range", headers["content-range"], part);
  expected("difference", Buffer.compare(bytes, whole.subarray(begin, end)), 0);
  return faults;
}

/** A request of three ranges. */
export const SEVERAL = { Range: "bytes=0-9, 100000-100099, -20" };

/** What the answer to it has wrong: section 14.6. */
export function faultsOfSeveral({ status, headers, bytes }, { length, whole }) {
  const [, boundary] = /^multipart\/byteranges; boundary=(\S+)$/.exec(headers["content-type"] ?? "") ?? [];
  const part = (begin, end) => [
    Buffer.from(
      `--${boundary}\r\nContent-Type: application/octet-stream\r\n` +
        `Content-Range: bytes ${begin}-${end - 1}/${length}\r\n\r\n`,
    ),
    whole.subarray(begin, end),
    Buffer.from("\r\n"),
  ];
  const parts = [...part(0, 10), ...part(100_000, 100_100), ...part(length - 20, length)];
  const body = Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]);
  const checks = {
    status: status === 206,
    boundary: boundary !== undefined,
    "Content-Range": headers["content-range"] === undefined,
    "Content-Length": headers["content-length"] === String(body.length),
    bytes: Buffer.compare(bytes, body) === 0,
  };
  return Object.keys(checks).filter((name) => !checks[name]);
}
