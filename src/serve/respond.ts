/** The answer to a request: a function of web standards. */
import { show, wrongType } from "../check.js";
import type { Checkpoint } from "../checkpoint/checkpoint.js";
import { DrawnFiles } from "../checkpoint/drawn.js";
import { INDEX_NAME, indexText } from "../checkpoint/indexed.js";
import { answer } from "./answer.js";
import { Failure, failed, options, wrongMethod } from "./failure.js";
import { CHANGING, fileResource, textResource } from "./files.js";
import { pathsInfo, resourceOf } from "./hub.js";
import type { Resource } from "./resource.js";
import { routeOf } from "./route.js";
import type { Router, Table } from "./router.js";

const MOST_PATH = 1024; // characters
const MOST_HEADER = 8192; // characters of a header that is read
const READ_HEADERS = ["range", "if-range", "if-match", "if-none-match"];

/**
 * Answers a request for weights: GET and HEAD, whole or in ranges, with the conditions of RFC 9110. Bodies are drawn while
 * they are sent; a reader that goes away stops the drawing.
 *
 * @param request of any URL. For a checkpoint, the last segment of the path is the name of a file; for a router, paths are
 * those of the Hugging Face Hub: `/owner/name/resolve/seed-42/model.safetensors`.
 * @param source a checkpoint, or a router.
 * @returns the response; a failure is an answer too (404, 405, 412, 416, 503), never an exception.
 * @throws TypeError for a source that is neither.
 * @example
 * ```js
 * import { checkpoint } from "nn-init/checkpoint";
 * import { modelOfShapes } from "nn-init/model";
 * import { respond } from "nn-init/serve";
 *
 * const tiny = checkpoint(modelOfShapes("tiny", [{ name: "w", shape: [64, 64], scheme: "heNormal" }]), { seed: 42 });
 * const response = await respond(new Request("http://localhost/model.safetensors"), tiny);
 * console.log(response.status, response.headers.get("content-length")); // 200 16600
 * ```
 */
export async function respond(request: Request, source: Checkpoint | Router): Promise<Response> {
  const table = (source as Partial<Router> | undefined)?.table;
  if (!(source instanceof DrawnFiles) && table === undefined) {
    throw wrongType("source", "a checkpoint, or a router", source);
  }
  try {
    return table === undefined
      ? await answered(request, () => fileOf(source as DrawnFiles, pathOf(request).at(-1)))
      : await routed(request, table);
  } catch (error) {
    return failed(error instanceof Failure ? error : new Failure("Failed", "this request could not be answered"));
  }
}

/** Its path has no revision, so caches ask whether it is still the same. */
async function fileOf(checkpoint: DrawnFiles, name: string | undefined): Promise<Resource> {
  const index = name === INDEX_NAME ? checkpoint.index : undefined;
  if (index !== undefined) return textResource(indexText(index), CHANGING);
  const file = checkpoint.files.find((file) => file.name === name);
  if (file !== undefined) return fileResource(checkpoint, file, CHANGING);
  throw new Failure("EntryNotFound", `there is no file ${show(name)}`);
}

/** Answers a request for a resource, once its method is known to be allowed. */
async function answered(
  request: Request,
  find: () => Promise<Resource>,
  done: () => void = () => {},
): Promise<Response> {
  const { method } = request;
  if (method === "OPTIONS") return ended(options(), done);
  if (method !== "GET" && method !== "HEAD") return ended(wrongMethod(), done);
  return answer(request, await find(), done);
}

function ended(response: Response, done: () => void): Response {
  done();
  return response;
}

/** The segments of the path, decoded. */
function pathOf({ url, headers }: Request): readonly string[] {
  for (const name of READ_HEADERS) {
    if ((headers.get(name)?.length ?? 0) > MOST_HEADER) throw new Failure("BadRequest", `${name} is too long`, 431);
  }
  const { pathname } = new URL(url);
  if (pathname.length > MOST_PATH) throw new Failure("BadRequest", "the path is too long", 414);
  try {
    return pathname.slice(1).split("/").map(decodeURIComponent);
  } catch {
    throw new Failure("BadRequest", "the path is not valid UTF-8");
  }
}

async function routed(request: Request, table: Table): Promise<Response> {
  if (table.active >= table.limits.maxConcurrent) {
    throw new Failure("Busy", `${table.active} requests are being answered; try again`);
  }
  let isDone = false;
  const done = () => {
    if (!isDone) table.active -= 1;
    isDone = true;
  };
  table.active += 1;
  try {
    const route = routeOf(pathOf(request));
    if (route?.action === "paths-info") return ended(await pathsInfo(request, table, route), done);
    return await answered(request, () => resourceOf(route, table, request), done);
  } catch (error) {
    done();
    throw error;
  }
}
