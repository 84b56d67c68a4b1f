// npm run check:adapters: nn-init/tfjs, nn-init/jax and fill in WebGPU against what they adapt: TensorFlow.js on its cpu and wasm
// backends in Node, and in Chromium also on webgl and webgpu; older versions of it, two copies in one process, its types;
// jax-js. Names of parts run these only: layers, saving, models, errors, memory, versions, training, types, jax,
// documents, browser.
// PACKAGES= names a folder in which package.json is installed; it is installed outside of the repository otherwise. Exits
// with 1 on anything wrong. What is not installed is said, and counted.
import { rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installed } from "../install.mjs";
import { Absent, askedParts, reporter } from "../report.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = installed({ manifest: join(here, "package.json"), name: "adapters", given: process.env.PACKAGES });
rmSync(join(folder, "node_modules/nn-init"), { recursive: true, force: true });
symlinkSync(root, join(folder, "node_modules/nn-init"));
const require = createRequire(join(folder, "x.js"));

/** A package of the folder, or what says that it is absent. */
function load(name) {
  try {
    return quietly(() => require(name));
  } catch (error) {
    throw new Absent(error.message.split("\n")[0]);
  }
}

/** TensorFlow.js advises to install its native backend, and calls orthogonal matrices slow. */
export function quietly(run) {
  const { log, warn } = console;
  console.log = console.warn = () => {};
  try {
    return run();
  } finally {
    Object.assign(console, { log, warn });
  }
}

const { check, end } = reporter();
const context = { check, load, folder, root, Absent, quietly };
const PARTS = {
  layers: "./layers.mjs",
  saving: "./saving.mjs",
  models: "./models.mjs",
  errors: "./errors.mjs",
  memory: "./memory.mjs",
  versions: "./versions.mjs",
  training: "./training.mjs",
  types: "./types.mjs",
  jax: "./jax.mjs",
  documents: "./documents.mjs",
  browser: "./browser.mjs",
};
const asked = askedParts(Object.keys(PARTS));
for (const name of asked.length > 0 ? asked : Object.keys(PARTS)) {
  const { run } = await import(PARTS[name]);
  await run(context);
}
end();
