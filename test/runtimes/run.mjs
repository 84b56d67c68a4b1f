// npm run test:runtimes: the golden hashes in Node, workerd, Deno, Bun, Chromium, Firefox and WebKitGTK, from the packed package
// and from an esbuild bundle of it; each asserts that simd is what ran. And threads, whole models and the lab, in all but
// workerd, which has no threads. Then the runtimes of restricted.mjs, which must draw what Node draws, and `nn-init bench`.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Absent, askedParts, reporter } from "../report.mjs";
import { bench, STARTS } from "./bench.mjs";
import { browse, serve } from "./browsers.mjs";
import { accepted, refused } from "./compilers.mjs";
import { trained } from "./fingerprint.mjs";
import { networks } from "./golden.mjs";
import { bundle, installPacked } from "./packed.mjs";
import { restricted, WORKLET_PAGE, worklet } from "./restricted.mjs";
import { runInWorkerd } from "./workerd.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
if (!existsSync(join(here, "node_modules"))) execFileSync("npm", ["ci", "--silent"], { cwd: here, stdio: "inherit" });
const require = createRequire(join(here, "package.json"));

const folder = installPacked();
const count = JSON.parse(readFileSync(join(folder, "vectors.json"), "utf8")).hashes.length;

// What Node makes of whole models and of the lab, for the others to make too.
const dist = fileURLToPath(new URL("../../dist/", import.meta.url));
const made = await networks(
  await import(join(dist, "model.js")),
  await import(join(dist, "lab.js")),
  trained(await import(join(dist, "train.js"))),
);
cpSync(fileURLToPath(new URL("fingerprint.mjs", import.meta.url)), join(folder, "fingerprint.mjs"));
writeFileSync(join(folder, "networks.json"), JSON.stringify(made));

const script = (from, threads) => `
import * as nn from ${JSON.stringify(from)};
import { trained } from "./fingerprint.mjs";
import { golden, goldenThreads, networks } from "./golden.mjs";
import made from "./networks.json" with { type: "json" };
import vectors from "./vectors.json" with { type: "json" };
const wrong = await golden(nn, vectors);
${threads ? 'if ((await networks(await import("nn-init/model"), await import("nn-init/lab"), trained(await import("nn-init/train")))) !== made) wrong.push("another network");' : ""}
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

async function bundledPage() {
  await bundle(folder, script("nn-init", true), { outfile: join(folder, "page.js") });
  // The worker's script, where the bundle looks for it: beside itself.
  await bundle(folder, `import "nn-init/threads/worker";`, { outfile: join(folder, "worker.web.js") });
  return "page.js";
}

/** The bundled page in a browser, by what runs it. */
const inBrowser = (run) => async () => {
  const page = await run(await bundledPage());
  if (page !== undefined && page.said !== "golden: ok") throw new Error(page.said);
  return page?.version;
};

/** The page of docs/where-it-runs.md that has no bundler: an import map, which workers do not see. */
async function importMap() {
  const at = (path) => `/node_modules/nn-init/dist/${path}.js`;
  const entries = ["threads", "model", "checkpoint", "serve", "lab", "train"].map((name) => [
    `nn-init/${name}`,
    at(name),
  ]);
  const imports = {
    "nn-init": at("index"),
    ...Object.fromEntries(entries),
    "#kernel": at("engine/module/default"),
    "#training": at("engine/module/training.default"),
    "#exports": at("engine/module/exports.web"),
    "#spawn": at("engine/pool/spawn.web"),
  };
  const page = await chromium("package.mjs", `<script type="importmap">${JSON.stringify({ imports })}</script>`);
  if (page !== undefined && page.said !== "golden: ok") throw new Error(page.said);
  return page?.version;
}

/** What a page that runs a script says first in headless Chromium; undefined where that is not installed. */
async function chromium(name, head = "") {
  const { chromium } = require("playwright-core");
  const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));
  if (executablePath === undefined) return undefined;
  const page = `<!doctype html>${head}<script type="module" src="/${name}"></script>`;
  const server = await serve(folder, page);
  const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
  const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"];
  const browser = await chromium.launch({ executablePath, args: [...args, ...quiet] });
  try {
    const tab = await browser.newPage();
    const said = new Promise((resolve, reject) => {
      tab.on("console", (message) => resolve(message.text()));
      tab.on("pageerror", reject);
    });
    await tab.goto(server.url);
    return { said: await said, version: browser.version() };
  } finally {
    await browser.close();
    server.close();
  }
}

/** Runs a restricted runtime and compares what it says with what Node says. */
async function compare([engine, run]) {
  const [line, version] = await run();
  const { fingerprint } = await import("./fingerprint.mjs");
  const entries = await Promise.all(
    ["index", "recipes", "model", "checkpoint", "serve", "lab", "train"].map(
      (name) => import(join(dist, `${name}.js`)),
    ),
  );
  const expected = `${engine} ${fingerprint(Object.assign({}, ...entries))}`;
  if (line.trim() !== expected) throw new Error(`expected ${expected}, got ${line}`);
  return version;
}

async function audioWorklet() {
  await worklet(folder);
  writeFileSync(join(folder, "worklet-page.js"), WORKLET_PAGE);
  const page = await chromium("worklet-page.js");
  return page && compare(["simd", () => [page.said, page.version]]);
}

const full = (run) => async () => [await run(), `${count} hashes, engine simd`];
const same = (entry) => async () => [await compare(entry), `the same bits, engine ${entry[0]}`];
const runtimes = {
  Node: full(() => command(process.execPath, [], "--version")),
  workerd: full(workerd),
  Deno: full(() => command(join(here, "node_modules/.bin/deno"), ["run"], "--version")),
  Bun: full(() => command(join(here, "node_modules/.bin/bun"), ["run"], "--version")),
  Chromium: full(inBrowser(chromium)),
  Firefox: full(inBrowser((page) => browse("firefox", folder, page))),
  WebKit: full(inBrowser((page) => browse("webkit", folder, page))),
  "Chromium, import map": full(importMap),
  ...Object.fromEntries(Object.entries(restricted(folder, require)).map(([name, entry]) => [name, same(entry)])),
  "TypeScript, the oldest": async () => [accepted(folder, require), "all declarations"],
  "TypeScript, older": async () => [refused(folder, require), "every name is refused, with the version that is needed"],
  ...Object.fromEntries(
    Object.entries(STARTS).map(([runtime, start]) => [
      `${runtime}, nn-init bench`,
      async () => [bench(folder, runtime, start(join(here, "node_modules/.bin"))), "every engine was measured"],
    ]),
  ),
  "Chromium, AudioWorklet": async () => [await audioWorklet(), "the same bits, engine simd"],
};

const DEBIAN = { Firefox: "firefox-esr", WebKit: "libwebkit2gtk-4.1-0 xvfb" };

const asked = askedParts(Object.keys(runtimes));
const { check, end } = reporter((error) => error.message);
for (const [name, run] of Object.entries(runtimes)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  await check(name, async () => {
    const [version, what] = await run();
    if (version === undefined)
      throw new Absent(`it is not installed (Debian: apt-get install ${DEBIAN[name] ?? "chromium"})`);
    return `${version} ${what}`.trim();
  });
}
end();
