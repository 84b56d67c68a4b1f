// Requests made of pieces of right ones and of nonsense, answered in process: whatever comes, the answer is a response whose
// status, headers and body agree, and its reader leaves nothing behind.
import { checkpoint } from "../../dist/checkpoint.js";
import { modelOf } from "../../dist/model.js";
import { respond, router } from "../../dist/serve.js";
import { random } from "../faults/command.mjs";
import { CONFIG, NAME } from "./servers.mjs";

const made = checkpoint(modelOf(CONFIG), { seed: 42 });
const [{ name: FILE, byteLength: LENGTH, etag: ETAG }] = made.files;
const WHOLE = made.read(FILE, 0, LENGTH);
const MOST_READ = 50_000; // bytes of a body that is compared; of a longer one, the first chunk

const NUMBERS = [
  "0",
  "1",
  "9",
  "255",
  "65536",
  `${LENGTH}`,
  `${LENGTH - 1}`,
  "4294967296",
  "9".repeat(20),
  "1e3",
  "-0",
  "٣",
];
const NOISE = [
  "",
  " ",
  "\t",
  ",",
  "-",
  "=",
  ";",
  '"',
  "*",
  "/",
  "\\",
  "%",
  "%00",
  "%2f",
  "%ff",
  "..",
  "\u00ff",
  "x".repeat(300),
];
const SEEDS = [
  "seed-42",
  "seed-",
  "seed-18446744073709551615",
  "seed-1.bf16",
  "seed-2.200KB",
  "seed-1.0KB",
  "main",
  "0".repeat(40),
];
const NAMES = [NAME, "nn-init", "tiny", "__proto__", "constructor", "none/none"];
const FILES = [
  FILE,
  "config.json",
  "model.safetensors.index.json",
  "model-00001-of-00003.safetensors",
  "none",
  "toString",
];
const API = ["api", "models", "revision", "tree", "refs", "paths-info", "resolve", "?blobs=true", "?recursive=1", "#x"];
const METHODS = [...Array(12).fill("GET"), "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "PROPFIND", "get", "X-Y"];

/** Makers of texts: each takes its choices from `next`, numbers in [0, 1). */
function makers(next) {
  const pick = (list) => list[Math.floor(next() * list.length)];
  const times = (most, make) => Array.from({ length: Math.floor(next() * (most + 1)) }, make);
  /** A text with pieces put in, cut out or doubled. */
  const damaged = (text, pieces) => {
    let result = text;
    for (const _ of times(2)) {
      const at = Math.floor(next() * (result.length + 1));
      const cut = next() < 0.5 ? 0 : Math.floor(next() * 8);
      result = result.slice(0, at) + (next() < 0.7 ? pick(pieces) : result.slice(at, at + 5)) + result.slice(at + cut);
    }
    return result;
  };
  const spec = () =>
    pick([() => `${pick(NUMBERS)}-${pick(NUMBERS)}`, () => `${pick(NUMBERS)}-`, () => `-${pick(NUMBERS)}`])();
  const range = () => damaged(`bytes=${[spec(), ...times(4, spec)].join()}`, [...NOISE, ...NUMBERS]);
  const tag = () => pick([`"${ETAG}"`, `W/"${ETAG}"`, '"x"', "*", ETAG, '"a,b"', `"${"y".repeat(500)}"`]);
  const tags = () => (next() < 0.5 ? tag() : damaged([tag(), ...times(3, tag)].join(", "), NOISE));
  const rightPath = () => `/${pick(NAMES)}/resolve/${pick(SEEDS)}/${pick(FILES)}`;
  const apiPath = () => `/api/models/${pick(NAMES)}/${pick(["revision", "tree", "paths-info"])}/${pick(SEEDS)}`;
  const path = () =>
    damaged(pick([rightPath, rightPath, rightPath, apiPath])(), [...NOISE, ...API, ...NAMES, ...SEEDS]);
  const usual = () => `/${NAME}/resolve/seed-42/${FILE}`;
  return { pick, range, tags, path: () => (next() < 0.5 ? usual() : path()) };
}

/** A request, or undefined where the platform itself refuses to make it. */
function requestOf({ pick, range, tags, path }, next) {
  const method = pick(METHODS);
  const headers = {};
  if (next() < 0.6) headers.Range = latin(range());
  for (const name of ["If-Match", "If-None-Match", "If-Range"]) if (next() < 0.15) headers[name] = latin(tags());
  const body =
    method === "POST"
      ? pick(["", "{", '{"paths":["config.json"]}', "paths=config.json", '{"paths":{"a":1}}'])
      : undefined;
  if (body !== undefined)
    Object.assign(headers, {
      "Content-Type": pick(["application/json", "x"]),
      "Content-Length": pick(["0", "25", "x", "1e9"]),
    });
  try {
    return new Request(`http://localhost${path()}`, { method, headers, body });
  } catch {
    return undefined;
  }
}

const latin = (text) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, "?");

const STATUSES = [200, 204, 206, 304, 400, 404, 405, 412, 413, 414, 416, 431];

/** What an answer has wrong in itself. */
async function faultOf({ method, url }, response) {
  const { status, headers, body } = response;
  if (!STATUSES.includes(status)) return `status ${status}`;
  if (status === 405 && headers.get("allow") === null) return "405 without Allow";
  if (status >= 400 && status !== 405 && status !== 412 && status !== 416) {
    const text = await response.text();
    if (/\n\s+at |\.m?js:\d|\bundefined\b/.test(text) || text.length > 2000) return `message: ${text}`;
    return undefined;
  }
  const length = headers.get("content-length");
  if (method === "HEAD" || ![200, 206].includes(status))
    return body === null ? undefined : `${method} ${status} with a body`;
  const isFile = url.endsWith(`/${NAME}/resolve/seed-42/${FILE}`);
  if (Number(length) > MOST_READ) {
    const reader = body.getReader();
    const { value } = await reader.read();
    await reader.cancel();
    return value?.length > 0 ? undefined : "no bytes";
  }
  const bytes = Buffer.from(await response.arrayBuffer());
  if (length !== null && bytes.length !== Number(length)) return `Content-Length ${length}, ${bytes.length} bytes`;
  const [, begin, end] = /^bytes (\d+)-(\d+)\/\d+$/.exec(headers.get("content-range") ?? "") ?? [];
  if (status !== 206 || begin === undefined || !isFile) return undefined;
  return bytes.equals(WHOLE.subarray(Number(begin), Number(end) + 1)) ? undefined : `other bytes in ${begin}-${end}`;
}

/** @returns how many requests got which status, and what was wrong. */
export async function fuzz({ count, seed }) {
  const models = router({ models: { [NAME]: { config: CONFIG } }, maxConcurrent: 2 });
  const next = random(seed);
  const make = makers(next);
  const counts = {};
  const wrong = [];
  for (let i = 0; i < count; ++i) {
    const request = requestOf(make, next);
    const source = next() < 0.2 ? made : models;
    let fault;
    let status = "not a request";
    try {
      if (request !== undefined) {
        const response = await respond(request, source);
        status = response.status;
        fault = await faultOf(request, response);
      }
    } catch (error) {
      fault = `thrown: ${error.stack}`;
    }
    counts[status] = (counts[status] ?? 0) + 1;
    if (fault !== undefined)
      wrong.push(`request ${i}: ${request.method} ${request.url} ${JSON.stringify([...request.headers])}: ${fault}`);
  }
  if (models.table.active !== 0) wrong.push(`${models.table.active} answers count as being sent`);
  return { counts, wrong };
}
