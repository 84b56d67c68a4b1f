/** The Worker of a folder, in workerd, with a client that asks it. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
// @ts-expect-error plain JavaScript, shared with the scripts of other runtimes
import { bundle } from "../runtimes/packed.mjs";

const CONFIG = `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "worker", worker = .worker), (name = "client", worker = .client)]);
const worker :Workerd.Worker = (
  modules = [(name = "out.mjs", esModule = embed "out.mjs"), (name = "kernel.wasm", wasm = embed "kernel.wasm")],
  compatibilityDate = "2026-10-01",
);
const client :Workerd.Worker = (
  modules = [(name = "client.mjs", esModule = embed "client.mjs")],
  compatibilityDate = "2026-10-01",
  bindings = [(name = "worker", service = "worker")],
);
`;

/**
 * Bundles worker.mjs and runs the client beside it.
 *
 * @param client a module whose default export has a function `test(_, env)`; `env.worker` is the Worker.
 * @returns what the client prints.
 */
export async function askInWorkerd(folder: string, client: string): Promise<string> {
  const source = readFileSync(join(folder, "worker.mjs"), "utf8");
  await bundle(folder, source, { conditions: ["workerd", "worker", "browser"] });
  writeFileSync(join(folder, "client.mjs"), client);
  writeFileSync(join(folder, "config.capnp"), CONFIG);
  const workerd = fileURLToPath(new URL("../../node_modules/workerd/bin/workerd", import.meta.url));
  const options = { cwd: folder, encoding: "utf8", timeout: 60_000 } as const;
  const { status, stdout, stderr } = spawnSync(workerd, ["test", "config.capnp"], options);
  expect(status, stdout + stderr).toBe(0);
  return stdout;
}
