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
import { spiral, train } from "nn-init/train";
const early = nn.init([8, 8], nn.heNormal(), { seed: 1, name: "w" }); // a worker's global scope has no entropy
/** Training must have its kernels, and the values of their twins. */
function trainsByKernels() {
  const { Instance } = WebAssembly;
  let made = 0;
  WebAssembly.Instance = function (module, imports) {
    const instance = new Instance(module, imports);
    if ("adapt" in instance.exports) made += 1;
    return instance;
  };
  const run = (engine) => JSON.stringify(train({ depth: 2, width: 9 }, spiral(), { engine, optimizer: "adam", steps: 4 }));
  const isSame = run("simd") === run("scalar");
  WebAssembly.Instance = Instance;
  return made > 0 && isSame ? [] : ["training: " + made + " instances, " + isSame];
}
export default {
  async test() {
    const wrong = await golden(nn, vectors);
    if (early.join() !== nn.init([8, 8], nn.heNormal(), { seed: 1, name: "w" }).join()) wrong.push("early differs");
    wrong.push(...trainsByKernels());
    if (wrong.length > 0) throw new Error(wrong.join("\\n"));
    console.log("golden: " + vectors.hashes.length + " hashes, engine " + nn.engines().find((e) => e.default).name);
  },
};
`;

const CONFIG = `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = .main)]);
const main :Workerd.Worker = (
  modules = [(name = "out.mjs", esModule = embed "out.mjs"), (name = "kernel.wasm", wasm = embed "kernel.wasm"),
    (name = "training.wasm", wasm = embed "training.wasm")],
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
