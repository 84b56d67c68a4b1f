/** `nn-init lab --open`: serves the page (dist/web) on this machine and opens it in the browser, with the network of the flags. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { extname } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Io } from "./io.js";
import { labAddress } from "./lab.address.js";
import type { LabFlags } from "./lab.flags.js";
import { listenAt } from "./listen.js";

const HOST = "127.0.0.1";

export async function openLab(flags: LabFlags, io: Io): Promise<void> {
  const server = createServer(answerFrom(filesIn(new URL("web/", io.scripts))));
  const { port, ended } = await listenAt(server, HOST, flags.port ?? 0);
  const url = `http://${HOST}:${port}/${labAddress(flags)}`;
  await io.print(`The page is at ${url}\nCtrl-C ends it.\n`);
  openBrowser(url);
  await ended;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** One file of the page. */
interface PageFile {
  readonly type: string;
  readonly compressed: Buffer;
}

/** All files, by their paths in a request. They are few and small, so a request reads nothing from disk. */
function filesIn(folder: URL): ReadonlyMap<string, PageFile> {
  if (!existsSync(folder)) throw new Error("the page is not in this copy of nn-init: npm run build makes dist/web");
  const files = readdirSync(folder).map((packed): [string, PageFile] => {
    const name = packed.replace(/\.gz$/, "");
    const type = TYPES[extname(name)] ?? "application/octet-stream";
    return [name === "index.html" ? "/" : `/${name}`, { type, compressed: readFileSync(new URL(packed, folder)) }];
  });
  return new Map(files);
}

/** With these headers the page may use threads, which share memory. */
const ISOLATED = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
};

const answerFrom = (files: ReadonlyMap<string, PageFile>) => (request: IncomingMessage, response: ServerResponse) => {
  const [path = "/"] = (request.url ?? "/").split("?");
  const file = files.get(path === "/index.html" ? "/" : path);
  const refused = request.method !== "GET" && request.method !== "HEAD" ? 405 : file === undefined ? 404 : undefined;
  if (refused !== undefined || file === undefined) {
    response.writeHead(refused ?? 404, { "content-length": 0 }).end();
    return;
  }
  const small = /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
  const body = small ? file.compressed : gunzipSync(file.compressed);
  response.writeHead(200, {
    ...ISOLATED,
    "content-type": file.type,
    "content-length": body.length,
    "cache-control": /-[A-Za-z0-9]{8}\.\w+$/.test(path) ? "public, max-age=31536000, immutable" : "no-cache",
    "x-content-type-options": "nosniff",
    vary: "accept-encoding",
    ...(small && { "content-encoding": "gzip" }),
  });
  response.end(request.method === "HEAD" ? undefined : body);
};

const OPENERS: Readonly<Record<string, readonly string[]>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** Opens the browser. Without one, the user still has the printed address. */
function openBrowser(url: string): void {
  if (process.env.NO_BROWSER || process.env.CI) return;
  const [program, ...rest] = OPENERS[process.platform] ?? ["xdg-open"];
  const child = spawn(program as string, [...rest, url], { stdio: "ignore", detached: true });
  child.on("error", () => {});
  child.unref();
}
