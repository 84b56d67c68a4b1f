/** A store in this process that answers as S3 does, for what a real one does not do when asked: fail. See test/clusters/s3.cases.mjs. */
import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { vi } from "vitest";

interface FakeUpload {
  readonly key: string;
  readonly parts: Map<number, Buffer>;
}

/** A request as a test sees it: "PUT key", with the names of the query's parameters. */
export interface Asked {
  readonly call: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
}

/** What a test makes of a request: undefined lets it pass. */
type Answer = { readonly status: number; readonly code: string } | "cut" | undefined;

const PAGE = 2; // of every list, so that all are read page by page

export class FakeStore {
  readonly objects = new Map<string, Buffer>();
  readonly uploads = new Map<string, FakeUpload>();
  readonly asked: Asked[] = [];
  /** Decides about each request before it is carried out. */
  interfere: (asked: Asked) => Answer = () => undefined;
  /** What the store says of an upload that has ended. */
  ended: "NoSuchUpload" | "NoSuchKey" = "NoSuchUpload";
  /** Whether the store keeps SHA-256, as not all do. */
  keepsSums = true;
  /** Where the bucket lies, if that is looked at. */
  region: string | undefined;
  #server: Server | undefined;

  /** Starts the store, and points the environment to it. */
  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#serve(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    for (const [name, value] of Object.entries({
      ...{ AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`, AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret" },
      ...{ AWS_REGION: "", AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null", AWS_PROFILE: "" },
    })) {
      vi.stubEnv(name, value === "" ? undefined : value);
    }
  }

  async stop(): Promise<void> {
    vi.unstubAllEnvs();
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  /** How often a call was made: its method and parameters, such as "PUT partNumber". */
  count = (method: string, parameter: string): number =>
    this.asked.filter(({ call, query }) => call.startsWith(method) && query.has(parameter)).length;

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { pathname, searchParams: query } = new URL(request.url ?? "", "http://store");
    const [, bucket = "", ...rest] = decodeURIComponent(pathname).split("/");
    const key = rest.join("/");
    const asked = { call: `${request.method} ${key}`, query, body: Buffer.concat(chunks) };
    this.asked.push(asked);
    const answer = this.interfere(asked);
    if (answer === "cut") return request.socket.destroy();
    if (answer !== undefined) return fail(response, answer.status, answer.code);
    if (this.region !== undefined && !request.headers.authorization?.includes(`/${this.region}/s3/`)) {
      response.setHeader("x-amz-bucket-region", this.region);
      return fail(response, 301, "PermanentRedirect");
    }
    if (bucket !== "bucket") return fail(response, 404, "NoSuchBucket");
    const hash = createHash("sha256").update(asked.body).digest("hex");
    if ((request.headers["x-amz-content-sha256"] ?? hash) !== hash)
      return fail(response, 400, "XAmzContentSHA256Mismatch");
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
    this.#carryOut(asked, key, range === null ? undefined : [Number(range[1]), Number(range[2])], response);
  }

  #carryOut({ call, query, body }: Asked, key: string, range: number[] | undefined, response: ServerResponse): unknown {
    const [method] = call.split(" ");
    const id = query.get("uploadId") ?? "";
    const upload = this.uploads.get(id);
    if (query.has("uploadId") && upload?.key !== key) return fail(response, 404, this.ended);
    if (method === "GET" && query.has("list-type")) return this.#list(query, response);
    if (method === "GET" && query.has("uploads")) return this.#listUploads(query, response);
    if (method === "GET" && upload !== undefined) return this.#listParts(upload, query, response);
    if (method === "GET") return this.#get(key, range, response);
    if (method === "PUT" && upload !== undefined) {
      upload.parts.set(Number(query.get("partNumber")), body);
      return response.setHeader("etag", etagOf(body)).end();
    }
    if (method === "PUT") {
      this.objects.set(key, body);
      return response.setHeader("etag", etagOf(body)).end();
    }
    if (method === "DELETE") {
      if (upload === undefined) this.objects.delete(key);
      else this.uploads.delete(id);
      return response.writeHead(204).end();
    }
    if (query.has("uploads")) {
      const begun = randomUUID();
      this.uploads.set(begun, { key, parts: new Map() });
      return xml(response, "InitiateMultipartUploadResult", `<UploadId>${begun}</UploadId>`);
    }
    this.#complete(upload as FakeUpload, id, String(body), response);
  }

  #complete({ key, parts }: FakeUpload, id: string, body: string, response: ServerResponse): unknown {
    const named = [...body.matchAll(/<Part>.*?<\/Part>/gs)].map(([part]) => ({
      etag: /<ETag>(.*?)<\/ETag>/.exec(part)?.[1]?.replaceAll("&quot;", '"'),
      sum: /<ChecksumSHA256>(.*?)</.exec(part)?.[1],
      bytes: parts.get(Number(/<PartNumber>(\d+)/.exec(part)?.[1])),
    }));
    const isRight = named.every(({ etag, bytes }) => bytes !== undefined && etagOf(bytes) === etag);
    const hasSums = named.every(
      ({ sum, bytes }) =>
        sum ===
        createHash("sha256")
          .update(bytes ?? "")
          .digest("base64"),
    );
    if (!hasSums) return fail(response, 400, "InvalidRequest"); // as S3 does for an upload that was begun with SHA-256
    if (!isRight || named.length === 0) return fail(response, 400, "InvalidPart");
    this.objects.set(key, Buffer.concat(named.map(({ bytes }) => bytes as Buffer)));
    this.uploads.delete(id);
    xml(response, "CompleteMultipartUploadResult", `<Key>${key}</Key>`);
  }

  #get(key: string, range: number[] | undefined, response: ServerResponse): unknown {
    const object = this.objects.get(key);
    if (object === undefined) return fail(response, 404, "NoSuchKey");
    response.setHeader("etag", etagOf(object));
    if (range === undefined) return response.end(object);
    const [begin = 0, last = 0] = range;
    if (begin >= object.length) return fail(response, 416, "InvalidRange");
    const part = object.subarray(begin, last + 1);
    response
      .writeHead(206, { "content-range": `bytes ${begin}-${begin + part.length - 1}/${object.length}` })
      .end(part);
  }

  #list(query: URLSearchParams, response: ServerResponse): void {
    const prefix = query.get("prefix") ?? "";
    const keys = [...this.objects.keys()].filter(
      (key) => key.startsWith(prefix) && !key.slice(prefix.length).includes("/"),
    );
    const { page, next } = pageOf(keys.sort(), query.get("continuation-token"));
    const entries = page.map(
      (key) => `<Contents><Key>${key}</Key><Size>${this.objects.get(key)?.length}</Size></Contents>`,
    );
    xml(response, "ListBucketResult", `${entries.join("")}${more(next, "NextContinuationToken")}`);
  }

  #listUploads(query: URLSearchParams, response: ServerResponse): void {
    const all = [...this.uploads].filter(([, { key }]) => key.startsWith(query.get("prefix") ?? ""));
    const names = all.map(([id, { key }]) => `${key}\n${id}`).sort();
    const after = query.has("key-marker") ? `${query.get("key-marker")}\n${query.get("upload-id-marker")}` : null;
    const { page, next } = pageOf(names, after);
    const entries = page
      .map((name) => name.split("\n"))
      .map(([key, id]) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId></Upload>`);
    const [key, id] = next?.split("\n") ?? [];
    const markers = next === undefined ? "" : `<NextUploadIdMarker>${id}</NextUploadIdMarker>`;
    xml(response, "ListMultipartUploadsResult", `${entries.join("")}${markers}${more(key, "NextKeyMarker")}`);
  }

  #listParts({ parts }: FakeUpload, query: URLSearchParams, response: ServerResponse): void {
    const numbers = [...parts.keys()].sort((a, b) => a - b).map((number) => String(number).padStart(5, "0"));
    const { page, next } = pageOf(numbers, query.get("part-number-marker")?.padStart(5, "0") ?? null);
    const entries = page.map((number) => {
      const bytes = parts.get(Number(number)) as Buffer;
      const sum = createHash("sha256").update(bytes).digest("base64");
      const kept = this.keepsSums ? `<ChecksumSHA256>${sum}</ChecksumSHA256>` : "";
      const what = `<ETag>${etagOf(bytes)}</ETag><Size>${bytes.length}</Size>${kept}`;
      return `<Part><PartNumber>${Number(number)}</PartNumber>${what}</Part>`;
    });
    const marker = next === undefined ? undefined : String(Number(next));
    xml(response, "ListPartsResult", `${entries.join("")}${more(marker, "NextPartNumberMarker")}`);
  }
}

const etags = new WeakMap<Buffer, string>(); // computed once

function etagOf(bytes: Buffer): string {
  const etag = etags.get(bytes) ?? `"${createHash("md5").update(bytes).digest("hex")}"`;
  etags.set(bytes, etag);
  return etag;
}

/** The names after one, as many as a page has. */
function pageOf(names: readonly string[], after: string | null) {
  const rest = after === null ? names : names.filter((name) => name > after);
  const page = rest.slice(0, PAGE);
  return { page, next: rest.length > PAGE ? page.at(-1) : undefined };
}

const more = (next: string | undefined, marker: string): string =>
  next === undefined
    ? "<IsTruncated>false</IsTruncated>"
    : `<IsTruncated>true</IsTruncated><${marker}>${next}</${marker}>`;

const xml = (response: ServerResponse, name: string, content: string) =>
  response.setHeader("content-type", "application/xml").end(`<?xml version="1.0"?><${name}>${content}</${name}>`);

function fail(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>said the store</Message></Error>`);
}
