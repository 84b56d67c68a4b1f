/** HTTP: the requests of requests.mjs, answered in process. npm run check:serve asks them of other runtimes. */
import { describe, expect, test } from "vitest";
import { checkpoint } from "../../src/checkpoint.js";
import { modelOfShapes } from "../../src/model.js";
import { respond } from "../../src/serve.js";
// @ts-expect-error plain JavaScript, shared with the script of other runtimes
import { faultsOf, faultsOfSeveral, requestsOf, SEVERAL } from "./requests.mjs";

const model = modelOfShapes("tiny", [
  { name: "a", shape: [300, 301], scheme: "heNormal" },
  { name: "b", shape: [77], scheme: "ones" },
]);
const source = checkpoint(model, { seed: 42 });
const [file] = source.files;
if (file === undefined) throw new Error("no file");
const { byteLength: length, etag } = file;
const whole = source.read(file, 0, length);
const URL_OF_FILE = "http://localhost/anything/model.safetensors";

type Headers_ = Readonly<Record<string, string>>;

const send = (method: string, headers: Headers_ = {}, url = URL_OF_FILE) =>
  respond(new Request(url, { method, headers }), source);

type Row = readonly [string, string, Headers_, number, (readonly [number, number])?];
const TABLE: readonly Row[] = requestsOf({ length, etag });

/** Parts and the texts between them, more than a chunk in all. */
const SEVERAL_OF_ALL = { Range: `bytes=0-299999,300001-${length - 2},-1` };

test("there are at least 80 requests, each of its own", () => {
  expect(new Set(TABLE.map(([name]) => name)).size).toBe(TABLE.length);
  expect(TABLE.length).toBeGreaterThanOrEqual(80);
});

describe("a file", () => {
  const answerOf = async (response: Response) => ({
    status: response.status,
    headers: Object.fromEntries(response.headers),
    bytes: new Uint8Array(await response.arrayBuffer()),
  });

  test.each(TABLE)("%s: %s %j -> %i", async (...given) => {
    const row = given as unknown as Row; // one that has no range is shorter
    const [, method, headers] = row;
    expect(
      faultsOf(row, await answerOf(await send(method, headers)), {
        length,
        etag,
        whole,
        cache: "no-cache, no-transform",
      }),
    ).toEqual([]);
  });

  test("several ranges come as multipart/byteranges: section 14.6", async () => {
    expect(faultsOfSeveral(await answerOf(await send("GET", SEVERAL)), { length, whole })).toEqual([]);
  });

  const apart = (count: number) => Array.from({ length: count }, (_, i) => `${i * 2}-${i * 2}`).join();
  test.each([
    ["the order of the header", "0-0,100-109,50-59", ["0-0", "100-109", "50-59"]],
    ["a later one joins the first", "0-9,100-109,10-19", ["0-19", "100-109"]],
    ["one joins two", "100-109,0-9,50-59,5-54", ["100-109", "0-59"]],
    ["one joins all", "100-109,0-9,50-59,0-200,500-501", ["0-200", "500-501"]],
    ["64 parts, and one that joins", `${apart(64)},0-0`, apart(64).split(",")],
  ])("parts: %s", async (_, ranges, parts) => {
    const { status, bytes } = await answerOf(await send("GET", { Range: `bytes=${ranges}` }));
    const heads = [
      ...Buffer.from(bytes)
        .toString("latin1")
        .matchAll(/^Content-Range: bytes (\S+)\//gm),
    ];
    expect([status, heads.map(([, part]) => part)]).toEqual([206, parts]);
  });

  test.each([13, 1000, 65_536, 1_000_000])("a reader with memory of %i bytes has it drawn into", async (size) => {
    const headers = size < 1000 ? { Range: "bytes=5-6600" } : SEVERAL_OF_ALL;
    const expected = await answerOf(await send("GET", headers));
    const { body } = await send("GET", headers);
    const reader = (body as ReadableStream).getReader({ mode: "byob" });
    const chunks: Uint8Array[] = [];
    for (let own = new Uint8Array(size); ; ) {
      const { done, value } = await reader.read(own);
      if (value === undefined || done) break;
      expect(value.length).toBeGreaterThan(0);
      expect(value.buffer.byteLength).toBe(size);
      chunks.push(value.slice());
      own = new Uint8Array(value.buffer as ArrayBuffer);
    }
    expect(Buffer.compare(Buffer.concat(chunks), expected.bytes)).toBe(0);
  });

  test("a wrong answer is found", async () => {
    const [all] = TABLE as readonly [Row];
    const answer = await answerOf(await send("GET", { Range: "bytes=1-1" }));
    const faults = faultsOf(all, answer, { length, etag, whole, cache: "no-cache, no-transform" });
    expect(faults.map((fault: string) => fault.split(":")[0])).toEqual([
      ...["status", "Content-Length", "Content-Range", "difference"],
    ]);
    expect(faultsOfSeveral(answer, { length, whole })).toContain("boundary");
  });

  test("a file that is not there", async () => {
    const response = await send("GET", {}, "http://localhost/other.safetensors");
    expect(response.status).toBe(404);
    expect(response.headers.get("x-error-code")).toBe("EntryNotFound");
    expect((await response.json()).error).toMatch(/no file "other.safetensors"/);
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
