// Servers of one small model, each in its runtime: the examples of examples/edge, and the command.
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../port.mjs";
import { bundle, installPacked } from "../runtimes/packed.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const here = fileURLToPath(new URL(".", import.meta.url));
const ours = (name) => join(here, "node_modules/.bin", name);

export const NAME = "nn-init/tiny";
export const CONFIG = { model_type: "gpt2", n_layer: 2, n_embd: 64, n_head: 4, n_positions: 32, vocab_size: 100 };

const MODELS = `
import { router } from "nn-init/serve";
export const models = router({ models: { ${JSON.stringify(NAME)}: { config: ${JSON.stringify(CONFIG)} } } });
`;

/** A folder with the packed package, the examples, and this model in place of theirs. */
export function serversFolder() {
  const folder = installPacked();
  cpSync(join(root, "examples/edge"), folder, { recursive: true });
  writeFileSync(join(folder, "models.mjs"), MODELS);
  writeFileSync(join(folder, "config.json"), JSON.stringify(CONFIG));
  mkdirSync(join(folder, "node_modules/@hono"));
  for (const name of ["hono", "@hono/node-server"]) {
    symlinkSync(join(here, "node_modules", name), join(folder, "node_modules", name));
  }
  return folder;
}

const WORKERD = (port) => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "out.mjs", esModule = embed "out.mjs"), (name = "kernel.wasm", wasm = embed "kernel.wasm")],
  compatibilityDate = "2026-01-01",
);
`;

async function workerd(folder, port) {
  await bundle(folder, `export { default } from "./worker.mjs";`, { conditions: ["workerd", "worker", "browser"] });
  writeFileSync(join(folder, "config.capnp"), WORKERD(port));
  return [join(root, "node_modules/workerd/bin/workerd"), "serve", "config.capnp"];
}

/** The bundle of an edge function, with its kernels compiled when it starts, as the platform does before. */
async function edgeFunction(folder, port) {
  const source = `
    import * as route from "./route.mjs";
    addEventListener("fetch", (event) => {
      const answer = route[event.request.method];
      event.respondWith(answer ? answer(event.request) : new Response(null, { status: 405, headers: { Allow: "GET" } }));
    });
  `;
  const compiled = {
    name: "compiled",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /\.wasm\?module$/ }, ({ path, resolveDir }) => ({
        path: join(resolveDir, path.replace("?module", "")),
        namespace: "compiled",
      }));
      onLoad({ filter: /./, namespace: "compiled" }, async ({ path }) => {
        const text = JSON.stringify((await readFile(path)).toString("base64"));
        const bytes = `Uint8Array.from(atob(${text}), (character) => character.charCodeAt(0))`;
        return { contents: `export default new WebAssembly.Module(${bytes});` };
      });
    },
  };
  const outfile = join(folder, "edge-function.js");
  await bundle(folder, source, { conditions: ["edge-light"], format: "iife", plugins: [compiled], outfile });
  return [process.execPath, ours("edge-runtime"), "--listen", "--port", String(port), "--host", "127.0.0.1", outfile];
}

function honoOnNode(folder, port) {
  const source = `
    import { serve } from "@hono/node-server";
    import app from "./hono.mjs";
    serve({ fetch: app.fetch, port: ${port}, hostname: "127.0.0.1" });
  `;
  writeFileSync(join(folder, "hono-node.mjs"), source);
  return [process.execPath, "hono-node.mjs"];
}

/** By name: the command that listens on a port, the example it runs, and what comes before its paths. */
export const SERVERS = {
  "nn-init serve": {
    command: (_, port) => [process.execPath, join(root, "dist/cli.js"), "serve", `${NAME}=config.json`, "--port", port],
  },
  workerd: { example: "worker.mjs", command: workerd },
  "wrangler dev": {
    example: "worker.mjs",
    command: (_, port) => [process.execPath, ours("wrangler"), "dev", "--port", port, "--ip", "127.0.0.1"],
  },
  Deno: { example: "deno.mjs", command: () => [ours("deno"), "run", "--allow-net", "--allow-env", "deno.mjs"] },
  Bun: { example: "bun.mjs", command: () => [ours("bun"), "bun.mjs"] },
  "Hono on Node": { example: "hono.mjs", prefix: "/weights", command: honoOnNode },
  "edge function": { example: "route.mjs", command: edgeFunction },
};

const PATIENCE = 120_000; // milliseconds until a server that does not answer has failed

/** Starts a command that listens on a port; where it listens, its process, and how to end it and all it has started. */
export async function listening(commandOf, folder, { env = {}, prefix = "" } = {}) {
  const port = await freePort();
  const [program, ...args] = (await commandOf(folder, String(port))).map(String);
  const child = spawn(program, args, {
    ...{ cwd: folder, detached: true, stdio: ["ignore", "pipe", "pipe"] },
    env: { ...process.env, PORT: String(port), WRANGLER_SEND_METRICS: "false", CI: "1", ...env },
  });
  let said = "";
  const hear = (bytes) => {
    said = (said + bytes).slice(-4000);
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  child.on("error", hear); // it is not there
  const ended = new Promise((resolve) => child.on("exit", resolve).on("error", resolve));
  const close = async () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, "SIGTERM");
    const late = setTimeout(() => process.kill(-child.pid, "SIGKILL"), 15_000);
    await ended;
    clearTimeout(late);
  };
  const origin = `http://127.0.0.1:${port}`;
  const begun = performance.now();
  for (;;) {
    if (child.pid === undefined) throw new Error(`${program} cannot be started`);
    if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${said}`);
    if (performance.now() - begun > PATIENCE) {
      await close();
      throw new Error(`does not answer: ${said}`);
    }
    const answer = await fetch(`${origin}${prefix}/`, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
    if (answer?.ok) return { origin: `${origin}${prefix}`, port, pid: child.pid, close, said: () => said };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export function start(name, folder) {
  const { command, prefix } = SERVERS[name];
  return listening(command, folder, { prefix });
}
