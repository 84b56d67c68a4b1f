// npm run bench:report [-- BENCH.json [AGAINST.json]]: writes build/bench.html, a page of plots from the files that
// `npm run bench -- --json FILE` and `npm run bench:against -- --json FILE` write. Runs both first where a file is missing.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
mkdirSync(here("../build"), { recursive: true });
const [own = here("../build/bench.json"), against = here("../build/against.json")] = process.argv.slice(2);
for (const [file, script] of [
  [own, "fill.mjs"],
  [against, "against/run.mjs"],
]) {
  if (!existsSync(file))
    execFileSync(process.execPath, [here(script), "--json", file], { stdio: ["ignore", "ignore", "inherit"] });
}

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
writeFileSync(here("../build/bench.html"), reportPage(read(own), read(against)));
console.log(here("../build/bench.html"));
