// npm run bench:report [-- BENCH.json USES.json AGAINST.json]: writes build/bench.html, a page of plots from the files that
// `npm run bench -- --json FILE --uses FILE` and `npm run bench:against -- --json FILE` write. Runs what a file is missing of.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
mkdirSync(here("../build"), { recursive: true });
const FILES = ["bench", "uses", "against"].map((name) => here(`../build/${name}.json`));
const given = process.argv.slice(2);
const [own, uses, against] = FILES.map((file, i) => given[i] ?? file);
const run = (script, ...args) =>
  execFileSync(process.execPath, [here(script), ...args], { stdio: ["ignore", "ignore", "inherit"] });
if (!existsSync(own) || !existsSync(uses)) run("fill.mjs", "--json", own, "--uses", uses, "--force");
if (!existsSync(against)) run("against/run.mjs", "--json", against);

const bundle = here("../build/report.page.mjs");
await build({
  entryPoints: [here("report.page.tsx")],
  outfile: bundle,
  bundle: true,
  platform: "node",
  format: "esm",
});
const { reportPage } = await import(bundle);
const read = (file) => JSON.parse(readFileSync(file, "utf8"));
writeFileSync(here("../build/bench.html"), reportPage(read(own), read(uses), read(against)));
console.log(here("../build/bench.html"));
