/** The servers of examples/edge, as far as Node and workerd run them; npm run check:serve runs each in its runtime. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { checkpoint } from "../../src/checkpoint.js";
import { modelOf } from "../../src/model.js";
import { workplace } from "../package/installed.js";
// @ts-expect-error plain JavaScript, which starts them
import { SERVERS } from "../serve/servers.mjs";
import { examples } from "./folder.js";
import { askInWorkerd } from "./worker.js";

let folder: string;
beforeAll(async () => {
  folder = await workplace("edge");
  cpSync(join(examples, "edge"), folder, { recursive: true });
}, 60_000);

const LAYERS = "/nn-init/gpt2/resolve/seed-42.bf16/model-00002-of-00002.safetensors";
const REQUESTS: readonly (readonly [string, string, string?])[] = [
  ["GET", LAYERS, "bytes=70000000-70099999"],
  ["GET", LAYERS, "bytes=-5"],
  ["HEAD", LAYERS],
  ["GET", "/api/models/nn-init/gpt2/tree/seed-42.bf16"],
  ["GET", "/nn-init/gpt2/resolve/main/config.json"],
  ["OPTIONS", LAYERS],
];

/** A module whose `ask` sends the requests by `fetch`, and prints a line of JSON for each answer. */
const ASK = `
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
export async function ask(fetch) {
  for (const [method, path, range] of ${JSON.stringify(REQUESTS)}) {
    const headers = range === undefined ? {} : { Range: range };
    const response = await fetch(new Request("http://localhost" + path, { method, headers }));
    const body = await response.arrayBuffer();
    const sha256 = hex(await crypto.subtle.digest("SHA-256", body));
    const length = response.headers.get("Content-Length");
    console.log(JSON.stringify({ status: response.status, bytes: body.byteLength, length, sha256 }));
  }
}
`;

interface Answer {
  readonly status: number;
  readonly bytes: number;
  readonly length: string | null;
  readonly sha256: string;
}

function expectRight(printed: string): void {
  const [range, tail, head, tree, main, options] = printed
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Answer);
  const config = { model_type: "gpt2", n_layer: 12, n_embd: 768, n_positions: 1024, vocab_size: 50257 };
  const made = checkpoint(modelOf(config), { seed: 42, dtype: "bf16", maxShardBytes: 200e6 });
  const file = made.files[1];
  if (file === undefined) throw new Error("expected two files");
  const sha256 = (begin: number, end: number) =>
    createHash("sha256")
      .update(made.read(file, begin, end))
      .digest("hex");
  expect(range).toEqual({ status: 206, bytes: 100_000, length: "100000", sha256: sha256(70_000_000, 70_100_000) });
  expect(tail).toMatchObject({ status: 206, sha256: sha256(file.byteLength - 5, file.byteLength) });
  expect(head).toMatchObject({ status: 200, bytes: 0, length: String(file.byteLength) });
  expect(tree?.status).toBe(200);
  expect(main?.status).toBe(404); // it has no seed of its own
  expect(options?.status).toBe(204);
}

test("worker.mjs, in workerd", async () => {
  const client = `${ASK} export default { test: (_, env) => ask((request) => env.worker.fetch(request)) };`;
  expectRight(await askInWorkerd(folder, client));
});

test("route.mjs, called as an edge function is", () => {
  writeFileSync(join(folder, "ask.mjs"), ASK);
  const main = `
    import * as route from "./route.mjs";
    import { ask } from "./ask.mjs";
    await ask((request) => route[request.method](request));
  `;
  writeFileSync(join(folder, "main.mjs"), main);
  expectRight(execFileSync(process.execPath, ["main.mjs"], { cwd: folder, encoding: "utf8" }));
});

test("npm run check:serve runs every server of the folder", () => {
  const servers = readdirSync(join(examples, "edge")).filter((name) => name.endsWith(".mjs") && name !== "models.mjs");
  const run = new Set(Object.values(SERVERS as Record<string, { example?: string }>).map(({ example }) => example));
  for (const name of servers) expect(run).toContain(name);
});
