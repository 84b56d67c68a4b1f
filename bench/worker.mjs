// npm run bench:worker: nn-init/serve as a Worker in workerd. How long a new isolate that serves GPT-2 takes to its first
// response, by `router` and by `routerOf` of six families, beside an empty Worker; and the memory of an isolate that sends 16 streams of a Llama of 405B parameters at once, by
// its inspector.
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { freePort } from "../test/port.mjs";
import { bundle, installPacked } from "../test/runtimes/packed.mjs";
import { median } from "./median.mjs";

const STARTS = Number(process.env.STARTS ?? 20);
const STREAMS = 16;
const SECONDS = Number(process.env.SECONDS ?? 10);

const WORKERD = fileURLToPath(new URL("../node_modules/workerd/bin/workerd", import.meta.url));
const GPT2 = { model_type: "gpt2", n_layer: 12, n_embd: 768, n_head: 12, n_positions: 1024, vocab_size: 50257 };
const LLAMA = {
  ...{ model_type: "llama", vocab_size: 128256, hidden_size: 16384, intermediate_size: 53248, num_hidden_layers: 126 },
  ...{ num_attention_heads: 128, num_key_value_heads: 8, tie_word_embeddings: false },
};

const serving = (models, router = "router(") => `
import { bert, bloom, gpt2, llama, t5, vit } from "nn-init/families";
import { respond, router, routerOf } from "nn-init/serve";
const models = ${router}{ models: ${JSON.stringify(models)} });
export default { fetch: (request) => respond(request, models) };
`;
const EMPTY = `export default { fetch: () => new Response("empty") };`;

/** A folder with a Worker. */
async function workerFolder(source) {
  const folder = installPacked();
  const text = await bundle(folder, source, { conditions: ["workerd", "worker", "browser"], minify: true });
  console.log(`bundle: ${gzipSync(text, { level: 9 }).length} bytes gzipped, without the kernels`);
  return folder;
}

const config = (port, withKernel) => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "out.mjs", esModule = embed "out.mjs")${withKernel ? ', (name = "kernel.wasm", wasm = embed "kernel.wasm")' : ""}],
  compatibilityDate = "2026-01-01",
);
`;

const accepts = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true) || socket.end());
    socket.on("error", () => resolve(false));
  });

/** Starts the Worker of a folder; resolves when it listens. */
async function start(folder, withKernel, flags = []) {
  const port = await freePort();
  writeFileSync(join(folder, "config.capnp"), config(port, withKernel));
  const child = spawn(WORKERD, ["serve", ...flags, "config.capnp"], { cwd: folder, stdio: "ignore" });
  while (!(await accepts(port))) await new Promise((resolve) => setTimeout(resolve, 1));
  const close = () => new Promise((resolve) => child.once("exit", resolve) && child.kill());
  return { origin: `http://127.0.0.1:${port}`, close };
}

const HEADER = "/gpt2/resolve/seed-42/model.safetensors";

/** Milliseconds from the start of a process to the end of its first response. */
async function firstResponse(folder, withKernel) {
  const begun = performance.now();
  const { origin, close } = await start(folder, withKernel);
  const response = await fetch(origin + HEADER, { headers: { Range: "bytes=0-65535" } });
  const { byteLength } = await response.arrayBuffer();
  const milliseconds = performance.now() - begun;
  if (withKernel && byteLength !== 65536) throw new Error(`expected 65536 bytes, got ${byteLength}`);
  await close();
  return milliseconds;
}

async function coldStarts(served, empty) {
  const times = { empty: [], ...Object.fromEntries(Object.keys(served).map((name) => [name, []])) };
  for (let i = 0; i <= STARTS; ++i) {
    const turn = { empty: await firstResponse(empty, false) };
    for (const name of Object.keys(served)) turn[name] = await firstResponse(served[name], true);
    if (i > 0) for (const name of Object.keys(turn)) times[name].push(turn[name]); // the first turn fills the file cache
  }
  const none = median(times.empty);
  for (const name of Object.keys(served)) {
    const ours = median(times[name]);
    console.log(
      `${name}: first response, median of ${STARTS}: ${ours.toFixed(1)} ms, of an empty Worker ${none.toFixed(1)} ms: ${(ours - none).toFixed(1)} ms more`,
    );
  }
}

/** The largest memory of the isolate while 16 clients read, in MB. */
async function memory(folder) {
  const inspector = await freePort();
  const { origin, close } = await start(folder, true, [`--inspector-addr=127.0.0.1:${inspector}`]);
  const index = await (await fetch(`${origin}/llama/resolve/seed-42.bf16/model.safetensors.index.json`)).json();
  const files = [...new Set(Object.values(index.weight_map))];
  const stop = new AbortController();
  let bytes = 0;
  const readers = Array.from({ length: STREAMS }, async (_, i) => {
    const path = `${origin}/llama/resolve/seed-42.bf16/${files[(i * 7) % files.length]}`;
    try {
      const response = await fetch(path, { signal: stop.signal });
      for await (const chunk of response.body) bytes += chunk.length;
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    }
  });
  const [{ webSocketDebuggerUrl: url }] = await (await fetch(`http://127.0.0.1:${inspector}/json`)).json();
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error("the inspector does not answer"));
  });
  const usage = () =>
    new Promise((resolve) => {
      socket.onmessage = ({ data }) => resolve(JSON.parse(data).result);
      socket.send(JSON.stringify({ id: 1, method: "Runtime.getHeapUsage" }));
    });
  let most = { total: 0 };
  for (const end = performance.now() + 1000 * SECONDS; performance.now() < end; ) {
    const { totalSize, usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 } = await usage();
    const total = totalSize + embedderHeapUsedSize + backingStorageSize;
    if (total > most.total) most = { total, totalSize, usedSize, embedderHeapUsedSize, backingStorageSize };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  stop.abort();
  socket.close();
  await Promise.all(readers);
  await close();
  const mb = (value) => `${(value / 1e6).toFixed(1)} MB`;
  console.log(
    `${STREAMS} streams of 405B, ${mb(bytes)} read: at most ${mb(most.total)} (heap ${mb(most.totalSize)}, of which used ` +
      `${mb(most.usedSize)}; buffers and WebAssembly memory ${mb(most.backingStorageSize)}; embedder ${mb(most.embedderHeapUsedSize)})`,
  );
}

const models = { gpt2: { config: GPT2 } };
const served = {
  router: await workerFolder(serving(models)),
  "routerOf six": await workerFolder(serving(models, "routerOf([bert, bloom, gpt2, llama, t5, vit], ")),
};
const large = await workerFolder(serving({ llama: { config: LLAMA } }));
const empty = mkdtempSync(join(tmpdir(), "nn-init-empty-"));
writeFileSync(join(empty, "out.mjs"), EMPTY);
cpSync(join(served.router, "kernel.wasm"), join(empty, "kernel.wasm"));
try {
  await coldStarts(served, empty);
  await memory(large);
} finally {
  for (const folder of [...Object.values(served), large, empty]) rmSync(folder, { recursive: true, force: true });
}
