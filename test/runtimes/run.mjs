// npm run test:runtimes: the golden hashes in Node, workerd, Deno, Bun and headless Chromium, from the packed package
// and from an esbuild bundle of it; each asserts that simd is what ran. And threads, whole models and the lab, in all but
// workerd, which has no threads.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { networks } from "./golden.mjs";
import { bundle, installPacked } from "./packed.mjs";
import { runInWorkerd } from "./workerd.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
if (!existsSync(join(here, "node_modules"))) execFileSync("npm", ["ci", "--silent"], { cwd: here, stdio: "inherit" });
const require = createRequire(join(here, "package.json"));

const folder = installPacked();
const count = JSON.parse(readFileSync(join(folder, "vectors.json"), "utf8")).hashes.length;

// What Node makes of whole models and of the lab, for the others to make too.
const dist = fileURLToPath(new URL("../../dist/", import.meta.url));
const made = await networks(await import(join(dist, "model.js")), await import(join(dist, "lab.js")));
writeFileSync(join(folder, "networks.json"), JSON.stringify(made));

const script = (from, threads) => `
import * as nn from ${JSON.stringify(from)};
import { golden, goldenThreads, networks } from "./golden.mjs";
import made from "./networks.json" with { type: "json" };
import vectors from "./vectors.json" with { type: "json" };
const wrong = await golden(nn, vectors);
${threads ? 'if ((await networks(await import("nn-init/model"), await import("nn-init/lab"))) !== made) wrong.push("another network");' : ""}
${threads ? 'wrong.push(...(await goldenThreads(nn, await import("nn-init/threads"), vectors)));' : ""}
if (wrong.length > 0) throw new Error(wrong.join("\\n"));
console.log("golden: ok");
`;
writeFileSync(join(folder, "package.mjs"), script("nn-init", true));
await bundle(folder, `export * from "nn-init";`, { minify: true, outfile: join(folder, "bundle.mjs") });
writeFileSync(join(folder, "bundled.mjs"), script("./bundle.mjs"));

/** Runs a command on each of the two scripts. */
function command(program, args, version) {
  for (const file of ["package.mjs", "bundled.mjs"]) {
    const { status, stdout, stderr } = spawnSync(program, [...args, file], { cwd: folder, encoding: "utf8" });
    if (status !== 0 || !stdout.includes("golden: ok")) throw new Error(`${file}: ${stdout}${stderr}`);
  }
  return spawnSync(program, [version], { encoding: "utf8" }).stdout.split("\n")[0];
}

async function workerd() {
  const { status, stdout, stderr } = await runInWorkerd(folder);
  if (status !== 0 || !`${stdout}${stderr}`.includes("engine simd")) throw new Error(stdout + stderr);
  return "";
}

async function chromium() {
  const { chromium } = require("playwright-core");
  const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));
  if (executablePath === undefined) return undefined;
  await bundle(folder, script("nn-init", true), { outfile: join(folder, "page.js") });
  // The worker's script, where the bundle looks for it: beside itself.
  await bundle(folder, `import "nn-init/threads/worker";`, { outfile: join(folder, "worker.web.js") });
  const page = `<!doctype html><script type="module" src="/page.js"></script>`;
  const server = createServer(({ url }, response) => {
    response.setHeader("Content-Type", url.endsWith(".js") ? "text/javascript" : "text/html");
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    response.end(url.endsWith(".js") ? readFileSync(join(folder, url)) : page);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
  const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"];
  const browser = await chromium.launch({ executablePath, args: [...args, ...quiet] });
  try {
    const tab = await browser.newPage();
    const said = new Promise((resolve, reject) => {
      tab.on("console", (message) => resolve(message.text()));
      tab.on("pageerror", reject);
    });
    await tab.goto(`http://127.0.0.1:${server.address().port}/`);
    if ((await said) !== "golden: ok") throw new Error(await said);
    return browser.version();
  } finally {
    await browser.close();
    server.close();
  }
}

const runtimes = {
  Node: () => command(process.execPath, [], "--version"),
  workerd,
  Deno: () => command(join(here, "node_modules/.bin/deno"), ["run"], "--version"),
  Bun: () => command(join(here, "node_modules/.bin/bun"), ["run"], "--version"),
  Chromium: chromium,
};

let failed = 0;
let skipped = 0;
for (const [name, run] of Object.entries(runtimes)) {
  try {
    const version = await run();
    if (version === undefined) {
      skipped += 1;
      console.log(`skipped ${name}: it is not installed (Debian: apt-get install chromium)`);
    } else console.log(`passed  ${name} ${version}: ${count} hashes, engine simd`);
  } catch (error) {
    failed += 1;
    console.log(`failed  ${name}: ${error.message}`);
  }
}
console.log(`${Object.keys(runtimes).length - failed - skipped} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 ? 1 : 0;
