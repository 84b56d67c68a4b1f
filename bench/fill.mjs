// npm run bench [-- --json FILE] [--filter TEXT] [--sizes N,N,...]: every distribution, size, engine and destination, beside
// memory.fill and the loops that people write; then the cost of a first use and of a whole model. Runs the build.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Arena, fill, init, normal, truncatedNormal, uniform, zeros } from "../dist/index.js";
import { describe, measure, naive, openReadyPool } from "./cells.mjs";

const { values: flags } = parseArgs({
  options: { json: { type: "string" }, filter: { type: "string" }, sizes: { type: "string" } },
});
const SIZES = (flags.sizes ?? "64,1024,65536,1048576,10000000,100000000").split(",").map(Number);
const HEAD = 65_536; // the size of the readme's table
const TWIN_MOST = 1_048_576; // twins and loops are as fast at larger sizes

const DISTRIBUTIONS = {
  constant: zeros(),
  uniform: uniform({ low: -0.1, high: 0.1 }),
  normal: normal({ std: 0.02 }),
  truncated: truncatedNormal({ std: 0.02 }),
  wide: truncatedNormal({ std: 0.02, low: -3, high: 3 }), // bounds other than +-2 and nearer are drawn in double precision
};
const options = { seed: 1, name: "bench" };
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

const pool = await openReadyPool();

const wanted = (name) => flags.filter === undefined || name.includes(flags.filter);
const results = [];
let machine = "";

for (const N of SIZES) {
  const out = new Arena(4 * N).allocate(N);
  const shared = pool.arena(4 * N).allocate(N);
  const own = new Float32Array(N);
  const bytes = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
  const loops = naive(own);
  const cells = {};
  const add = (distribution, engine, to, call) => {
    const name = `${distribution} ${engine} ${to} ${N}`;
    if (wanted(name)) cells[name] = call;
  };
  cells[`memory.fill simd arena ${N}`] = () => bytes.fill(60);
  for (const [distribution, scheme] of Object.entries(DISTRIBUTIONS)) {
    add(distribution, "simd", "arena", () => fill(out, [N], scheme, options));
    add(distribution, "simd", "own", () => fill(own, [N], scheme, options));
    add(distribution, "threads", "arena", () => pool.fill(shared, [N], scheme, options));
    add(distribution, "threads", "own", () => pool.fill(own, [N], scheme, options));
    if (N > TWIN_MOST) continue;
    add(distribution, "scalar", "own", () => fill(own, [N], scheme, { ...options, engine: "scalar" }));
    if (loops[distribution] && N >= 1024) add(distribution, "naive", "own", loops[distribution]);
  }
  const large = N > 5_000_000;
  const times = await measure(cells, large ? { rounds: 4, maxTime: 0.001 } : {});
  for (const [name, { best, median }] of Object.entries(times)) {
    const [distribution, engine, to] = name.split(" ");
    results.push({ distribution, engine, to, size: N, seconds: best, median });
  }
  process.stderr.write(`${N} elements measured\n`);
  if (N !== SIZES[0]) continue;
  machine = `${describe(times, version)}; threads: ${pool.threads}`;
  console.log(`${machine}\n`);
}

const cell = (distribution, engine, to, size) =>
  results.find((r) => r.distribution === distribution && r.engine === engine && r.to === to && r.size === size);
const rate = (r) => (r === undefined ? "" : `${(r.size / r.seconds / 1e9).toFixed(3)} G/s`);
const over = (a, b) => (a && b ? `${(b.seconds / a.seconds).toFixed(1)}x` : "");

if (SIZES.includes(HEAD)) {
  console.log(`${HEAD} elements, one core; G/s is 10^9 floats a second\n`);
  console.log(
    "| distribution | naive loop | scalar | simd | simd, own array | simd / naive | simd / scalar | scalar / naive |",
  );
  console.log("|---|---|---|---|---|---|---|---|");
  for (const distribution of ["uniform", "normal", "truncated"]) {
    const [n, t] = [cell(distribution, "naive", "own", HEAD), cell(distribution, "scalar", "own", HEAD)];
    const [s, o] = [cell(distribution, "simd", "arena", HEAD), cell(distribution, "simd", "own", HEAD)];
    console.log(
      `| ${distribution} | ${[n, t, s, o].map(rate).join(" | ")} | ${over(s, n)} | ${over(s, t)} | ${over(t, n)} |`,
    );
  }
}

console.log("\n| distribution | engine | to | elements | ns / element | GB/s | of memory.fill |");
console.log("|---|---|---|---|---|---|---|");
for (const { distribution, engine, to, size, seconds } of results) {
  const limit = cell("memory.fill", "simd", "arena", size);
  const share = limit ? `${((100 * limit.seconds) / seconds).toFixed(0)}%` : "";
  const row = [distribution, engine, to, size.toLocaleString("en"), ((seconds / size) * 1e9).toFixed(3)];
  console.log(`| ${[...row, ((4 * size) / seconds / 1e9).toFixed(2), share].join(" | ")} |`);
}

if (SIZES.includes(HEAD)) {
  const arenas = {};
  const cells = {};
  for (const dtype of ["f32", "f64", "f16", "bf16"]) {
    arenas[dtype] = new Arena(8 * HEAD).allocate(HEAD, dtype);
    for (const [distribution, scheme] of Object.entries(DISTRIBUTIONS)) {
      cells[`${distribution} ${dtype}`] = () => fill(arenas[dtype], [HEAD], scheme, { ...options, dtype });
    }
  }
  const times = await measure(cells);
  console.log(`\n${HEAD} elements of each dtype, one core; 10^9 elements a second, and its share of the rate of f32\n`);
  console.log("| distribution | f32 | f64 | f16 | bf16 |");
  console.log("|---|---|---|---|---|");
  for (const distribution of Object.keys(DISTRIBUTIONS)) {
    const rates = ["f32", "f64", "f16", "bf16"].map((dtype) => HEAD / times[`${distribution} ${dtype}`].best / 1e9);
    const cells = rates.map((r, i) => `${r.toFixed(3)} G/s${i ? ` (${((100 * r) / rates[0]).toFixed(0)}%)` : ""}`);
    console.log(`| ${distribution} | ${cells.join(" | ")} |`);
  }
}

// Small tensors, a whole model, and the first use.
const extra = {};
const small = new Float32Array(64);
const few = await measure({ few: () => fill(small, [64], normal({ std: 0.02 }), { seed: 1, name: "bench" }) });
extra.normals64 = few.few.best;

const gpt2 = [];
for (let i = 0; i < 12; ++i) {
  for (const [name, shape] of [
    ["attn.c_attn", [768, 2304]],
    ["attn.c_proj", [768, 768]],
    ["mlp.c_fc", [768, 3072]],
    ["mlp.c_proj", [3072, 768]],
  ]) {
    const std = name.endsWith("c_proj") ? 0.02 / Math.sqrt(24) : 0.02;
    gpt2.push([`h.${i}.${name}.weight`, shape, normal({ std })], [`h.${i}.${name}.bias`, [shape[1]], zeros()]);
  }
  for (const name of ["ln_1.weight", "ln_1.bias", "ln_2.weight", "ln_2.bias"])
    gpt2.push([`h.${i}.${name}`, [768], zeros()]);
}
gpt2.push(
  ["wte.weight", [50257, 768], DISTRIBUTIONS.normal],
  ["wpe.weight", [1024, 768], DISTRIBUTIONS.normal],
  ["ln_f.weight", [768], zeros()],
  ["ln_f.bias", [768], zeros()],
);
const bytesOfModel = 4 * 124_439_808 + 148 * 64;
const [one, many] = [new Arena(bytesOfModel), pool.arena(bytesOfModel)];
const whole = (by, arena) => {
  arena.reset();
  for (const [name, shape, scheme] of gpt2) by(shape, scheme, { seed: 1, name, arena });
};
const models = {
  "one thread": () => whole(init, one),
  "all threads": () => whole((...call) => pool.init(...call), many),
};
for (const name of Object.keys(models)) models[name](); // the system provides pages at their first touch
const model = await measure(models, { rounds: 5, maxTime: 0.001 });
extra.gpt2 = { one: model["one thread"].best, all: model["all threads"].best };

const index = fileURLToPath(new URL("../dist/index.js", import.meta.url));
const first = `const { init, heNormal } = await import(${JSON.stringify(index)}); init([10, 100], heNormal());`;
const start = { empty: [], first: [] };
for (let round = 0; round < 15; ++round) {
  for (const [name, source] of [
    ["empty", ""],
    ["first", first],
  ]) {
    const begun = process.hrtime.bigint();
    spawnSync(process.execPath, ["--input-type=module", "-e", source]);
    start[name].push(Number(process.hrtime.bigint() - begun) / 1e9);
  }
}
extra.first = Math.min(...start.first) - Math.min(...start.empty);

console.log(`\nA tensor of 64 normals, options object included: ${(extra.normals64 * 1e6).toFixed(2)} us.`);
console.log(`Import and a first 1,000-element tensor: ${(extra.first * 1e3).toFixed(1)} ms beyond Node's own start.`);
console.log(
  `GPT-2 small in memory, 148 tensors: ${extra.gpt2.one.toFixed(3)} s; ${pool.threads} threads: ${extra.gpt2.all.toFixed(3)} s.`,
);
if (flags.json) writeFileSync(flags.json, `${JSON.stringify({ machine, results, extra }, null, 1)}\n`);
pool.close();
