// Runs a bundle in workerd (the runtime of Cloudflare Workers), which may compile nothing at run time.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./packed.mjs";

const WORKER = `
import * as nn from "nn-init";
import { golden } from "./golden.mjs";
import vectors from "./vectors.json";
const early = nn.init([8, 8], nn.heNormal(), { seed: 1, name: "w" }); // a worker's global scope has no entropy
export default {
  async test() {
    const wrong = await golden(nn, vectors);
    if (early.join() !== nn.init([8, 8], nn.heNormal(), { seed: 1, name: "w" }).join()) wrong.push("early differs");
    if (wrong.length > 0) throw new Error(wrong.join("\\n"));
    console.log("golden: " + vectors.hashes.length + " hashes, engine " + nn.engines().find((e) => e.default).name);
  },
};
`;

const CONFIG = `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = .main)]);
const main :Workerd.Worker = (
  modules = [(name = "out.mjs", esModule = embed "out.mjs"), (name = "kernel.wasm", wasm = embed "kernel.wasm")],
  compatibilityDate = "2026-10-01",
);
`;

/** @param folder made by installPacked */
export async function runInWorkerd(folder) {
  await bundle(folder, WORKER, { conditions: ["workerd", "worker", "browser"] });
  writeFileSync(join(folder, "config.capnp"), CONFIG);
  const bin = fileURLToPath(new URL("../../node_modules/workerd/bin/workerd", import.meta.url));
  return spawnSync(bin, ["test", "config.capnp"], { cwd: folder, encoding: "utf8", timeout: 60_000 });
}
