// npm run bench [-- FLAGS]: `nn-init bench`, whose flags it takes, from 64 to 100,000,000 elements; then, where no cells were
// chosen, what is no cell: small tensors, a whole model, and the first use, which --uses FILE writes as JSON. Runs the build.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Arena, fill, init, normal, zeros } from "../dist/index.js";
import { measure, openReadyPool } from "./cells.mjs";

const SIZES = "65536,64,1024,1048576,10000000,100000000";
const flags = process.argv.slice(2);
const usesAt = flags.indexOf("--uses");
const [, usesFile] = usesAt < 0 ? [] : flags.splice(usesAt, 2);
const isChosen = ["--filter", "--sizes", "--compare", "--format"].some((flag) => flags.includes(flag));
const sizes = isChosen ? [] : ["--sizes", SIZES, "--turns", "8"];
const command = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const { status } = spawnSync(process.execPath, [command, "bench", ...sizes, ...flags], { stdio: "inherit" });
if (status !== 0 || isChosen) process.exit(status ?? 1);

const pool = await openReadyPool();

// Small tensors, a whole model, and the first use.
const uses = {};
const small = new Float32Array(64);
const few = await measure({ few: () => fill(small, [64], normal({ std: 0.02 }), { seed: 1, name: "bench" }) });
uses.normals64 = few.few.best;

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
  ["wte.weight", [50257, 768], normal({ std: 0.02 })],
  ["wpe.weight", [1024, 768], normal({ std: 0.02 })],
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
uses.gpt2 = { one: model["one thread"].best, all: model["all threads"].best };

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
uses.first = Math.min(...start.first) - Math.min(...start.empty);

console.log(`\nA tensor of 64 normals, options object included: ${(uses.normals64 * 1e6).toFixed(2)} us.`);
console.log(`Import and a first 1,000-element tensor: ${(uses.first * 1e3).toFixed(1)} ms beyond Node's own start.`);
console.log(
  `GPT-2 small in memory, 148 tensors: ${uses.gpt2.one.toFixed(3)} s; ${pool.threads} threads: ${uses.gpt2.all.toFixed(3)} s.`,
);
if (usesFile) writeFileSync(usesFile, `${JSON.stringify(uses)}\n`);
pool.close();
