// npm run bench:truncated: truncated values in double precision, by the kernels and by those of before, which worked on one value at a
// time (bench/scalar), in turns on the same words. Needs the build.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, measure } from "./cells.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const ELEMENTS = 65_536;
const OUT = 65_536; // two blocks; the scratch of the kernels lies behind them
const SCRATCH = OUT + 32_768;

const PARAMETERS = `export { truncatedWideParameters } from "./src/engine/parameters.js";
  export { SHARED } from "./src/engine/kernels.js";`;
await build({
  stdin: { contents: PARAMETERS, resolveDir: root },
  ...{ outfile: `${root}build/truncated.mjs`, bundle: true, platform: "node", format: "esm" },
});
const { truncatedWideParameters, SHARED } = await import("../build/truncated.mjs");

const flags = ["--config", "none", "--runtime", "stub", "--optimizeLevel", "3", "--noAssert", "--enable", "simd"];
const memoryFlags = ["--importMemory", "--noExportMemory", "--initialMemory", "2"];
const asc = `${root}node_modules/assemblyscript/bin/asc.js`;
const scalarFile = `${root}build/scalar.wasm`;
execFileSync(process.execPath, [asc, "bench/scalar/truncated.ts", "--outFile", scalarFile, ...flags, ...memoryFlags], {
  cwd: root,
});

const memory = new WebAssembly.Memory({ initial: 2 });
const instance = (file) => new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)), { env: { memory } });
const { exports: kernels } = instance(`${root}build/kernel.wasm`);
const { exports: scalar } = instance(scalarFile);
new Float64Array(memory.buffer, SHARED.begin).set(SHARED.values);

const BOUNDS = [
  ["f32", -3, 3],
  ["f32", 0, Number.MAX_VALUE],
  ["f32", 0, 2],
  ["f32", 2, 3],
  ["f32", 5, 6],
  ["f32", 7, 9],
  ["f64", -2, 2],
  ["f64", -3, 3],
  ["f64", 0, Number.MAX_VALUE],
  ["f64", 5, 6],
];

/** Draws all elements by one kind of kernels. */
function cell(dtype, low, high, { truncatedWide, truncated64 }) {
  const kernel = dtype === "f64" ? truncated64 : truncatedWide;
  const count = dtype === "f64" ? 4096 : 8192;
  const p = truncatedWideParameters({ mean: 0, std: 0.02, low, high }, dtype);
  const tails = [p.below, p.above, p.span, p.surplus];
  return () => {
    for (let block = 0; block < ELEMENTS / count; ++block) {
      kernels.bits(OUT, 8192, 2 * block, 0, 1, 2, 3, 4);
      kernel(OUT, count, p.mean, p.std, p.middle, p.half, ...tails, p.first, p.last, SCRATCH);
    }
  };
}

const cells = {};
for (const [dtype, low, high] of BOUNDS) {
  for (const [name, set] of Object.entries({ kernels, scalar })) {
    cells[`${dtype} ${low} ${high} ${name}`] = cell(dtype, low, high, set);
  }
}
const times = await measure(cells, { rounds: 12, maxTime: 0.01 });
console.log("| dtype, bounds | one at a time, ns | two, ns | ratio |\n|---|---|---|---|");
for (const [dtype, low, high] of BOUNDS) {
  const of = (name) => (1e9 * times[`${dtype} ${low} ${high} ${name}`].best) / ELEMENTS;
  const bound = high === Number.MAX_VALUE ? "infinity" : high;
  const ratio = of("kernels") / of("scalar");
  console.log(
    `| ${dtype}, ${low} to ${bound} | ${of("scalar").toFixed(2)} | ${of("kernels").toFixed(2)} | ${ratio.toFixed(3)} |`,
  );
}
console.log(`\n65,536 elements, words included. ${describe(times, version)}`);
