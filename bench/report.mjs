// npm run bench:report [-- BENCH.json [AGAINST.json]]: writes build/bench.html, a page of plots from the files that
// `npm run bench -- --json FILE` and `npm run bench:against -- --json FILE` write. Runs both first where a file is missing.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse, View } from "vega";
import { compile } from "vega-lite";

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
const { machine, results, extra } = JSON.parse(readFileSync(own, "utf8"));
const rivals = JSON.parse(readFileSync(against, "utf8"));

// Colours by Okabe and Ito, which all eyes tell apart, also in print. Shapes distinguish the engines as well.
const ENGINES = ["memory.fill", "threads", "simd"];
const DISTRIBUTIONS = ["constant", "uniform", "normal", "truncated", "wide"];

async function svg(spec) {
  const whole = {
    background: "white",
    config: { font: "system-ui, sans-serif" },
    ...spec,
  };
  const view = new View(parse(compile(whole).spec), { renderer: "none" });
  return view.toSVG();
}

const rates = results
  .filter(({ distribution, to }) => distribution === "memory.fill" || to === "arena")
  .map(({ distribution, engine, size, seconds }) => ({
    distribution,
    engine: distribution === "memory.fill" ? distribution : engine,
    size,
    rate: (4 * size) / seconds / 1e9,
  }));

const overSize = (distribution) =>
  svg({
    title: distribution,
    width: 330,
    height: 230,
    data: { values: rates.filter((r) => r.distribution === distribution || r.distribution === "memory.fill") },
    mark: { type: "line", point: true },
    encoding: {
      x: {
        field: "size",
        type: "quantitative",
        scale: { type: "log" },
        title: "floats",
        axis: { format: "~s", tickCount: 5 },
      },
      y: { field: "rate", type: "quantitative", scale: { type: "log" }, title: "GB/s", axis: { tickCount: 5 } },
      color: { field: "engine", scale: { domain: ENGINES, range: ["#555555", "#d55e00", "#0072b2"] }, title: null },
      shape: { field: "engine", scale: { domain: ENGINES }, title: null },
    },
  });

const bars = (distribution) =>
  svg({
    title: `${distribution}, ${rivals.size.toLocaleString("en")} floats, one core`,
    width: 330,
    data: { values: rivals.rates.filter((r) => r.distribution === distribution && !r.name.includes("all cores")) },
    encoding: {
      y: { field: "name", sort: "-x", title: null, axis: { labelLimit: 220 } },
      x: { field: "rate", type: "quantitative", title: "10^9 floats a second" },
    },
    layer: [
      {
        mark: "bar",
        encoding: { color: { condition: { test: "datum.name === 'nn-init'", value: "#0072b2" }, value: "#999999" } },
      },
      { mark: { type: "text", align: "left", dx: 3 }, encoding: { text: { field: "rate", format: ".3f" } } },
    ],
  });

const figures = [];
for (const distribution of ["uniform", "normal", "truncated"]) figures.push(await bars(distribution));
for (const distribution of DISTRIBUTIONS) figures.push(await overSize(distribution));

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>nn-init: speed</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: white; }
  figure { display: inline-block; margin: 0 1.5rem 1.5rem 0; vertical-align: top; }
  svg { max-width: 100%; height: auto; }
</style>
<h1>nn-init: speed</h1>
<p>${machine}. The best of many interleaved turns.</p>
<h2>Beside other libraries</h2>
${figures
  .slice(0, 3)
  .map((figure) => `<figure>${figure}</figure>`)
  .join("\n")}
<p>${rivals.machine}. All were measured in one run, and every call draws ${rivals.size.toLocaleString("en")} floats.</p>
<h2>By size</h2>
<p>Drawn into an arena, with the options object and all checks. <code>memory.fill</code> writes as many bytes and computes
nothing, so no kernel can be faster.</p>
${figures
  .slice(3)
  .map((figure) => `<figure>${figure}</figure>`)
  .join("\n")}
<h2>Small tensors and whole models</h2>
<p>A tensor of 64 normals: ${(extra.normals64 * 1e6).toFixed(2)} &micro;s. Import and a first tensor: ${(extra.first * 1e3).toFixed(0)} ms.
GPT-2 small in memory: ${extra.gpt2.one.toFixed(3)} s; all threads: ${extra.gpt2.all.toFixed(3)} s.</p>
</html>
`;
writeFileSync(here("../build/bench.html"), page);
console.log(here("../build/bench.html"));
