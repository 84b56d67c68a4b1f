/** What clients of the Hugging Face Hub ask: a file, what a model is, and which files it has. */
import { Failure, options, wrongMethod } from "./failure.js";
import { CHANGING, headersAt, textResource } from "./files.js";
import { COMMON } from "./headers.js";
import type { Repository } from "./repository.js";
import type { Resource } from "./resource.js";
import type { Route } from "./route.js";
import type { Table } from "./router.js";
import type { Snapshot, SnapshotFile } from "./snapshot.js";

/** @throws Failure for what is not there. */
export async function resourceOf(route: Route | undefined, table: Table, { url }: Request): Promise<Resource> {
  if (route === undefined) throw new Failure("EntryNotFound", "there is nothing under this path");
  const { name, action, revision, file } = route;
  if (action === "start") return textResource(await startPage(table, new URL(url).origin), CHANGING, PLAIN);
  const repository = table.repository(name);
  if (action === "refs") return json({ branches: [], converts: [], tags: [], pullRequests: [] }, CHANGING);
  const snapshot = await repository.at(revision);
  const headers = headersAt(snapshot, revision);
  if (action === "resolve") return snapshot.resource(file, headers);
  if (action === "tree") {
    if (file !== "") throw new Failure("EntryNotFound", `${name} has no folders`);
    return json((await snapshot.entries()).map(treeEntry), headers);
  }
  return json(await modelInfo(snapshot, /[?&](?:blobs|full)=true/i.test(url)), headers);
}

const PLAIN = "text/plain; charset=utf-8";

const json = (value: unknown, headers: Resource["headers"]): Promise<Resource> =>
  textResource(JSON.stringify(value), headers);

const EPOCH = "2026-01-01T00:00:00.000Z"; // clients want a date; there is none

async function modelInfo(snapshot: Snapshot, blobs: boolean): Promise<object> {
  const { name, sha, model } = snapshot;
  const parameters = snapshot.parameters();
  return {
    ...{ _id: sha.slice(0, 24), id: name, modelId: name, sha },
    ...{ private: false, gated: false, downloads: 0, likes: 0 },
    ...{ lastModified: EPOCH, library_name: "transformers" },
    tags: ["transformers", "safetensors", model.name],
    siblings: (await snapshot.entries()).map((entry) => ({
      rfilename: entry.path,
      ...(blobs && { size: entry.size, blobId: oidOf(entry), ...lfsOf(entry) }),
    })),
    safetensors: { parameters, total: Object.values(parameters).reduce((sum, count) => sum + count, 0) },
  };
}

const treeEntry = (entry: SnapshotFile): object => ({
  ...{ type: "file", oid: oidOf(entry), size: entry.size, path: entry.path },
  ...lfsOf(entry),
});

const oidOf = ({ etag }: SnapshotFile): string => etag.slice(0, 40);

/**
 * The Hub has the SHA-256 of the bytes here, as `oid` in a tree and as `sha256` in a model; this is the hash of the header,
 * which fixes the bytes.
 */
const lfsOf = ({ large, etag, size }: SnapshotFile) =>
  large ? { lfs: { oid: etag, sha256: etag, size, pointerSize: 135 } } : {};

/** The most bytes of a request's body. */
export const MOST_BODY = 100_000;

/** Which of these paths exist: the only request that clients send by POST, and the only method that it has. */
export async function pathsInfo(request: Request, table: Table, { name, revision }: Route): Promise<Response> {
  if (request.method !== "POST") return (request.method === "OPTIONS" ? options : wrongMethod)("POST, OPTIONS");
  const snapshot = await table.repository(name).at(revision);
  const paths = new Set(await pathsOf(request));
  const found = (await snapshot.entries()).filter(({ path }) => paths.has(path));
  const body = new TextEncoder().encode(JSON.stringify(found.map(treeEntry)));
  const type = { "Content-Type": "application/json", "Content-Length": String(body.length) };
  return new Response(body, { headers: { ...COMMON, ...type, "X-Repo-Commit": snapshot.sha } });
}

/** The paths of a JSON body, or of a form. */
async function pathsOf(request: Request): Promise<readonly unknown[]> {
  if (!(Number(request.headers.get("content-length") ?? NaN) <= MOST_BODY)) {
    throw new Failure("BadRequest", `the body has more than ${MOST_BODY} bytes, or does not say how many`, 413);
  }
  const text = await request.text();
  if (!/json/i.test(request.headers.get("content-type") ?? "")) return new URLSearchParams(text).getAll("paths");
  try {
    const { paths } = JSON.parse(text) as { paths?: unknown };
    return Array.isArray(paths) ? paths : [paths];
  } catch {
    throw new Failure("BadRequest", "the body is not JSON");
  }
}

async function startPage({ repositories, revision }: Table, origin: string): Promise<string> {
  const [[first, repository]] = [...repositories] as [[string, Repository]]; // there is one or more
  const snapshot = await repository.at(revision).catch(() => undefined); // the page is there for what cannot be served, too
  const file = snapshot?.checkpoint.files[0]?.name ?? "config.json";
  return [
    "nn-init draws these weights at each request; nothing is stored.",
    "",
    ...[...repositories.keys()].map((name) => `  ${name}`),
    "",
    "Revisions name seed, dtype, shard size: seed-42, seed-42.bf16.200MB",
    "",
    `  curl -O ${origin}/${first}/resolve/${revision}/${file}`,
    `  HF_ENDPOINT=${origin} hf download ${first} --revision ${revision}`,
    Object(snapshot?.config)._class_name // of diffusers, which looks for files of other names
      ? ""
      : `  HF_ENDPOINT=${origin} python -c 'from transformers import AutoModel; AutoModel.from_pretrained("${first}", revision="${revision}")'\n`,
  ].join("\n");
}
