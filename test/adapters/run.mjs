// npm run check:adapters: nn-init/tfjs, nn-init/jax and fill in WebGPU against what they adapt: TensorFlow.js on its cpu and wasm
// backends in Node, and in Chromium also on webgl and webgpu; older versions of it, two copies in one process, its types;
// jax-js. Names of parts run these only: layers, saving, models, errors, memory, versions, training, types, jax,
// documents, browser.
// PACKAGES= names a folder in which package.json is installed; it is installed outside of the repository otherwise. Exits
// with 1 on anything wrong. What is not installed is said, and counted.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));
const counts = { passed: 0, failed: 0, absent: 0 };

function packages() {
  if (process.env.PACKAGES) return process.env.PACKAGES;
  const manifest = readFileSync(join(here, "package.json"));
  const version = createHash("sha256").update(manifest).digest("hex").slice(0, 12);
  const folder = join(tmpdir(), `nn-init-adapters-${version}`); // named by what is in it, so that it is installed once
  if (existsSync(join(folder, "ready"))) return folder;
  console.log(`installing package.json in ${folder}`);
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(here, "package.json"), join(folder, "package.json"));
  execFileSync("npm", ["install", "--silent", "--ignore-scripts", "--no-audit"], { cwd: folder, stdio: "inherit" });
  writeFileSync(join(folder, "ready"), "");
  return folder;
}

const folder = packages();
rmSync(join(folder, "node_modules/nn-init"), { recursive: true, force: true });
symlinkSync(root, join(folder, "node_modules/nn-init"));
const require = createRequire(join(folder, "x.js"));

export class Absent extends Error {}

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

async function check(name, run) {
  const begun = performance.now();
  const say = (what, text) => console.log(`${(what === "failed" ? "FAILED" : what).padEnd(7)} ${name}: ${text}`);
  try {
    const text = await run();
    counts.passed += 1;
    say("passed", `${text} (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
  } catch (error) {
    const what = error instanceof Absent ? "absent" : "failed";
    counts[what] += 1;
    say(what, what === "absent" ? error.message : error.stack.slice(0, 2000));
  }
}

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
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(PARTS, name));
if (unknown.length > 0)
  throw new Error(`unknown parts: ${unknown.join(", ")}; there are ${Object.keys(PARTS).join(", ")}`);
for (const name of asked.length > 0 ? asked : Object.keys(PARTS)) {
  const { run } = await import(PARTS[name]);
  await run(context);
}
console.log(
  Object.entries(counts)
    .map(([what, count]) => `${count} ${what}`)
    .join(", "),
);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
