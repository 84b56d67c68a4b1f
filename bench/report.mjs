// npm run bench:report [-- BENCH.json]: a self-contained page of plots from what `npm run bench -- --json FILE` and
// `npm run bench:against -- --json FILE` wrote. Without files it runs both first. Writes build/bench.html.
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

// Colours are Okabe and Ito's, told apart by all eyes and in print; shapes say the same once more.
const ENGINES = ["memory.fill", "threads", "simd"];
const LAWS = ["constant", "uniform", "normal", "truncated", "wide"];

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
  .filter(({ law, to }) => law === "memory.fill" || to === "arena")
  .map(({ law, engine, size, seconds }) => ({
    law,
    engine: law === "memory.fill" ? law : engine,
    size,
    rate: (4 * size) / seconds / 1e9,
  }));

const overSize = (law) =>
  svg({
    title: law,
    width: 330,
    height: 230,
    data: { values: rates.filter((r) => r.law === law || r.law === "memory.fill") },
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

const bars = (law) =>
  svg({
    title: `${law}, ${rivals.size.toLocaleString("en")} floats, one core`,
    width: 330,
    data: { values: rivals.rates.filter((r) => r.law === law && !r.name.includes("all cores")) },
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
for (const law of ["uniform", "normal", "truncated"]) figures.push(await bars(law));
for (const law of LAWS) figures.push(await overSize(law));

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
<p>${machine}. Best of many interleaved turns.</p>
<h2>Beside other libraries</h2>
${figures
  .slice(0, 3)
  .map((figure) => `<figure>${figure}</figure>`)
  .join("\n")}
<p>${rivals.machine}. All in one run; every call draws ${rivals.size.toLocaleString("en")} floats.</p>
<h2>Over size</h2>
<p>Into an arena, options object and checks included. <code>memory.fill</code> writes the same bytes and computes nothing: no
kernel can be faster.</p>
${figures
  .slice(3)
  .map((figure) => `<figure>${figure}</figure>`)
  .join("\n")}
<h2>Small and whole</h2>
<p>A tensor of 64 normals: ${(extra.normals64 * 1e6).toFixed(2)} &micro;s. Import and a first tensor: ${(extra.first * 1e3).toFixed(0)} ms.
GPT-2 small in memory: ${extra.gpt2.one.toFixed(3)} s; all threads: ${extra.gpt2.all.toFixed(3)} s.</p>
</html>
`;
writeFileSync(here("../build/bench.html"), page);
console.log(here("../build/bench.html"));
