/** `nn-init serve`: a server on Node that draws weights for each request. */
import cluster from "node:cluster";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { isIPv6 } from "node:net";
import { availableParallelism } from "node:os";
import { basename, dirname, resolve } from "node:path";
import { type ModelOptions, modelOf } from "../architecture/config.js";
import { printable, show } from "../check.js";
import { CHUNK_BYTES } from "../checkpoint/drawn.js";
import { inFile } from "../checkpoint/place.js";
import { MOST_CONFIG } from "../checkpoint/python.js";
import type { DType } from "../dtype.js";
import { isFolder, readJson } from "../file/json.js";
import { fileIn, readArchitectures } from "../file/read.js";
import { wrongMethod } from "../serve/failure.js";
import { MOST_BODY } from "../serve/hub.js";
import type { ServedModel } from "../serve/repository.js";
import { respond } from "../serve/respond.js";
import { type Router, router } from "../serve/router.js";
import { byFlag, UsageError } from "./arguments.js";
import type { Io } from "./io.js";
import { checkFree, listenAt, type RunningServer } from "./listen.js";

export interface ServeFlags {
  readonly architecture?: readonly string[];
  readonly seed?: bigint;
  readonly dtype?: DType;
  readonly maxShardSize?: number;
  readonly port: number;
  readonly host: string;
  readonly threads?: number;
  readonly quiet?: boolean;
}

const MOST_PROCESSES = 8;

/** Serves until the process is told to end. With several threads, each is a process that listens on the same port. */
export async function runServe(given: readonly string[], flags: ServeFlags, io: Io): Promise<void> {
  const { seed, dtype, maxShardSize } = flags;
  const models = modelsOf(given, readArchitectures(flags.architecture));
  const source = router({ models, seed, dtype, ...(maxShardSize !== undefined && { maxShardBytes: maxShardSize }) });
  const threads = flags.threads ?? Math.min(MOST_PROCESSES, availableParallelism());
  try {
    const { port, ended } = await (threads > 1 && cluster.isPrimary
      ? forked(threads, flags)
      : listen(source, flags, io));
    if (cluster.isPrimary) {
      await warnOfRefused(source, io);
      await io.print(await banner(source, flags, port));
    }
    await ended;
  } finally {
    cluster.worker?.disconnect(); // its channel to the first process would keep it running
  }
}

/** Says which models cannot be served as they are: a revision may ask for another dtype. */
async function warnOfRefused({ table: { repositories, revision } }: Router, io: Io): Promise<void> {
  for (const [name, repository] of repositories) {
    await repository.at(revision).catch(({ message }: Error) => {
      io.warn(`${name} is refused at ${revision}: ${byFlag(message)}\n`);
    });
  }
}

/** The models of the arguments: a path, or a name and a path, `owner/name=config.json`. */
function modelsOf(given: readonly string[], options: ModelOptions): Readonly<Record<string, ServedModel>> {
  const models = new Map<string, ServedModel>();
  for (const text of given) {
    const [, name, path = text] = /^([A-Za-z0-9._/-]+)=(.*)$/.exec(text) ?? [];
    if (path === "") throw new UsageError(`expected a config or name=config, got ${show(text)}`);
    const file = isFolder(path) ? fileIn(path, ["config.json"]) : path;
    const config = readJson(file, { most: MOST_CONFIG, python: true }) as object;
    const model = inFile(file, () => modelOf(config, options));
    const named = name ?? `nn-init/${nameOf(file)}`;
    if (models.has(named)) throw new UsageError(`two models are named ${show(named)}; give name=path`);
    models.set(named, options.architecture === undefined ? { config } : { config, model });
  }
  return Object.fromEntries(models);
}

/** The folder of a config.json, or the name of another file. */
function nameOf(path: string): string {
  const full = resolve(path);
  const name = basename(full) === "config.json" ? basename(dirname(full)) : basename(full).replace(/\.json$/, "");
  return name.replace(/[^A-Za-z0-9._-]/g, "-").replace(/^[^A-Za-z0-9]+/, "") || "model";
}

function listen(source: Router, { port, host, quiet }: ServeFlags, io: Io): Promise<RunningServer> {
  const server = createServer((request, response) => {
    const begun = performance.now();
    if (!quiet) response.on("close", () => io.warn(logLine(request, response, performance.now() - begun)));
    handle(request, response, source).catch(() => response.destroy());
  });
  // A client may end its side when it has asked (shutdown, nc -N). By default, Node then drops an answer that has not begun.
  Object.assign(server, { httpAllowHalfOpen: true });
  return listenAt(server, host, port);
}

/** Processes that share one port. @throws Error as `listenAt`, before there is any. */
async function forked(count: number, { host, port: asked }: ServeFlags): Promise<RunningServer> {
  await checkFree(host, asked);
  const workers = Array.from({ length: count }, () => cluster.fork());
  const ended = Promise.all(
    workers.map((worker) => new Promise<void>((resolve) => worker.on("exit", () => resolve()))),
  );
  const ports = workers.map(
    (worker) =>
      new Promise<number>((resolve, reject) => {
        worker.once("listening", ({ port }) => resolve(port));
        worker.once("exit", () => reject(new Error("a process could not listen")));
      }),
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      for (const worker of workers) worker.process.kill(signal);
    });
  }
  try {
    const [port = 0] = await Promise.all(ports);
    return { port, ended: ended.then(() => {}) };
  } catch (error) {
    for (const worker of workers) worker.process.kill();
    throw error;
  }
}

async function handle(request: IncomingMessage, response: ServerResponse, source: Router): Promise<void> {
  const answer = request.method === "TRACE" ? wrongMethod() : await respond(await requestOf(request), source);
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  await send(answer, response);
}

/** @throws for TRACE, which web standards have no request for. */
async function requestOf(request: IncomingMessage): Promise<Request> {
  const { method = "GET", headers } = request;
  const entries = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
  const body = method === "POST" ? await bodyOf(request) : undefined;
  return new Request(urlOf(request), { method, headers: entries, ...(body && { body }) });
}

/** The URL of a target, which is a path, an absolute URL (whose host is not ours to choose) or an asterisk: RFC 9112, section 3.2. */
function urlOf({ url = "/", headers: { host = "" } }: IncomingMessage): string {
  const [, path = url] = /^https?:\/\/[^/?#]*(.*)$/i.exec(url) ?? [];
  const isHost = /^[A-Za-z0-9.:[\]-]{1,255}$/.test(host) && URL.canParse(`http://${host}`);
  return `http://${isHost ? host : "localhost"}/${path === "*" ? "" : path.replace(/^\/+/, "")}`;
}

/** The beginning of a body, as long as one may be; what is longer is refused by its length. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > MOST_BODY) break;
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

const MOST_SPARE = 32;
const spare: ArrayBuffer[] = []; // memory of answers that have ended, for the next ones

/** Sends a body as fast as it is taken, from memory that is used again; a client that leaves stops the drawing. */
async function send({ body }: Response, response: ServerResponse): Promise<void> {
  if (body === null) {
    response.end();
    return;
  }
  const reader = body.getReader({ mode: "byob" });
  response.on("close", () => void reader.cancel().catch(() => {}));
  let memory = spare.pop() ?? new ArrayBuffer(CHUNK_BYTES);
  while (!response.destroyed) {
    const { done, value } = await reader.read(new Uint8Array(memory));
    if (value !== undefined) memory = value.buffer;
    if (done || value === undefined) break;
    if (!(await written(response, value))) return;
  }
  response.end();
  if (spare.length < MOST_SPARE && memory.byteLength === CHUNK_BYTES) spare.push(memory);
}

/** Whether the system has taken the bytes, so that their memory is free; false if the client has left. */
const written = (response: ServerResponse, bytes: Uint8Array): Promise<boolean> =>
  new Promise((resolve) => {
    const left = () => resolve(false);
    response.once("close", left);
    response.write(bytes, (error) => {
      response.off("close", left);
      resolve(error == null);
    });
  });

function logLine({ method, url }: IncomingMessage, response: ServerResponse, milliseconds: number): string {
  const { statusCode, writableFinished } = response;
  const length = response.getHeader("content-length") ?? 0;
  const what = `${method} ${printable(url ?? "").slice(0, 200)} ${statusCode}`;
  return `${what} ${length} bytes, ${milliseconds.toFixed(1)} ms${writableFinished ? "" : ", left"}\n`;
}

/** Where the server listens, and its start page. An address may be one that URLs cannot have, such as fe80::1%eth0. */
async function banner(source: Router, { host }: ServeFlags, port: number): Promise<string> {
  const url = `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const page = await (await respond(new Request("http://localhost"), source)).text();
  return `serving on ${url}\n${page.replaceAll("http://localhost", url)}`;
}
