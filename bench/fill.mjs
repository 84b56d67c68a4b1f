// npm run bench: each law by the kernels, by their twins and by the loop that people write, beside memory.fill; then
// what a first use costs. Runs the build, on one core. Prints the README's table.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { Arena, fill, normal, truncatedNormal, uniform } from "../dist/index.js";
import { measure } from "./cells.mjs";

const N = 65_536;
const arena = new Arena(4 * N);
const out = arena.allocate(N);
const own = new Float32Array(N);

/** The loops that people write; Math.random cannot be seeded. */
const NAIVE = {
  uniform() {
    for (let i = 0; i < N; ++i) out[i] = Math.random() * 0.2 - 0.1;
  },
  normal() {
    for (let i = 0; i < N; i += 2) {
      const radius = Math.sqrt(-2 * Math.log(1 - Math.random())) * 0.02;
      const angle = 2 * Math.PI * Math.random();
      out[i] = radius * Math.cos(angle);
      out[i + 1] = radius * Math.sin(angle);
    }
  },
  truncated() {
    for (let i = 0; i < N; ++i) {
      let z;
      do {
        z = Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
      } while (Math.abs(z) > 2);
      out[i] = z * 0.02;
    }
  },
};

const LAWS = {
  uniform: uniform({ low: -0.1, high: 0.1 }),
  normal: normal({ std: 0.02 }),
  truncated: truncatedNormal({ std: 0.02 }),
};

const options = { seed: 1, name: "bench" };
const bytes = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
const cells = { "memory.fill": () => bytes.fill(60) };
for (const [law, scheme] of Object.entries(LAWS)) {
  cells[`${law} simd`] = () => fill(out, [N], scheme, options);
  cells[`${law} own`] = () => fill(own, [N], scheme, options);
  cells[`${law} scalar`] = () => fill(out, [N], scheme, { ...options, engine: "scalar" });
  cells[`${law} naive`] = NAIVE[law];
}
const small = new Float32Array(64);
cells["64 normals"] = () => fill(small, [64], normal({ std: 0.02 }), { seed: 1, name: "bench" });

const times = measure(cells);
const rate = (cell) => N / times[cell].best / 1e9;
const ratio = (a, b) => `${(times[b].best / times[a].best).toFixed(1)}x`;

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
console.log(
  `nn-init ${version}, Node ${process.versions.node}, V8 ${process.versions.v8}, ${cpus()[0].model}, ${N} elements\n`,
);
const wander = Math.max(...Object.values(times).map(({ best, median }) => median / best));
if (wander > 1.25)
  console.log(`The clock wandered: medians up to ${wander.toFixed(2)} times the best. Read the ratios.\n`);

console.log("| law | naive loop | scalar | simd | simd, own array | simd / naive | simd / scalar | scalar / naive |");
console.log("|---|---|---|---|---|---|---|---|");
for (const law of Object.keys(LAWS)) {
  const rates = ["naive", "scalar", "simd", "own"].map((by) => `${rate(`${law} ${by}`).toFixed(3)} G/s`);
  const [s, n, t] = [`${law} simd`, `${law} naive`, `${law} scalar`];
  console.log(`| ${law} | ${rates.join(" | ")} | ${ratio(s, n)} | ${ratio(s, t)} | ${ratio(t, n)} |`);
}
console.log(`\nmemory.fill of the same size: ${rate("memory.fill").toFixed(1)} G/s; G/s is 10^9 floats a second.`);
console.log(`One tensor of 64 normals, options object included: ${(times["64 normals"].best * 1e6).toFixed(2)} us.`);

// Cold start, in Nodes of their own: importing and filling a first 1,000 elements, beyond an empty script.
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
    start[name].push(Number(process.hrtime.bigint() - begun) / 1e6);
  }
}
const [empty, cold] = [Math.min(...start.empty), Math.min(...start.first)];
console.log(
  `Import and a first 1,000-element tensor: ${(cold - empty).toFixed(1)} ms beyond Node's own ${empty.toFixed(0)} ms.`,
);
