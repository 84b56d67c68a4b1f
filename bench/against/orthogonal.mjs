// npm run bench:orthogonal [-- --tfjs] [-- --sizes 64,256]: orthogonal matrices in turns with PyTorch's orthogonal_ and NumPy's
// qr, on one thread and on all, of the Python that bench:against uses (PYTHON= names another one, such as Debian's, whose
// PyTorch has OpenBLAS); then the matrix products alone. --tfjs adds TensorFlow.js at 512 x 512, which takes minutes.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Arena, fill, orthogonal } from "../../dist/index.js";
import { describe, measure, openReadyPool } from "../cells.mjs";
import { againstPython } from "./python.mjs";

const { values: flags } = parseArgs({
  options: {
    tfjs: { type: "boolean" },
    sizes: { type: "string", default: "16,32,64,96,128,192,256,384,512,1024,2048" },
  },
});
const here = fileURLToPath(new URL(".", import.meta.url));
const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
const SIZES = flags.sizes.split(",").map(Number);
const LEAST_ROUNDS = 6;
const REST = 100; // milliseconds
const options = { seed: 1, name: "bench" };
const pool = await openReadyPool();

/** Starts a rival, if it is there: what gives the seconds of a call, by size. */
async function startRival(program, library, threads) {
  const child = spawn(program, [`${here}orthogonal.py`, library, threads], { stdio: ["pipe", "pipe", "ignore"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value;
  const name = await next();
  if (name === undefined) return undefined;
  const ask = (n) => async () => {
    child.stdin.write(`${n}\n`);
    const seconds = Number(await next());
    await setTimeout(REST); // its threads go on spinning for a while, where others would be measured
    return seconds;
  };
  return { name, ask, end: () => child.stdin.end() };
}

const { program: python, absent } = againstPython();
const rivals = {};
for (const library of python === undefined ? [] : ["torch", "numpy"]) {
  for (const threads of ["one", "all"]) {
    const rival = await startRival(python, library, threads);
    if (rival !== undefined) rivals[`${library}, ${threads}`] = rival;
  }
}

const heads = ["n x n", "one thread", "threads", "one / threads", "f64", "scalar"];
for (const name of Object.keys(rivals)) heads.push(name, name.endsWith("one") ? "/ one thread" : "/ threads");
console.log(`| ${heads.join(" | ")} |\n|${"---|".repeat(heads.length)}`);
const ms = (time) => (time === undefined ? "" : `${(time.best * 1e3).toPrecision(3)} ms`);
const ratio = (a, b) => (a && b ? `${(a.best / b.best).toFixed(2)}x` : "");

const scheme = orthogonal();
const timesBySize = {};
for (const n of SIZES) {
  const out = { f32: new Arena(4 * n * n).allocate(n * n), f64: new Arena(8 * n * n).allocate(n * n, "f64") };
  const shared = pool.arena(4 * n * n).allocate(n * n);
  const own = {
    one: () => fill(out.f32, [n, n], scheme, options),
    threads: () => pool.fill(shared, [n, n], scheme, options),
    f64: () => fill(out.f64, [n, n], scheme, { ...options, dtype: "f64" }),
  };
  if (n <= 512) own.scalar = () => fill(out.f32, [n, n], scheme, { ...options, engine: "scalar" });
  const times = await measure(own, {
    rounds: n < 1024 ? 2 * LEAST_ROUNDS : LEAST_ROUNDS,
    maxTime: 0.02,
    foreign: Object.fromEntries(Object.entries(rivals).map(([name, { ask }]) => [name, ask(n)])),
  });
  timesBySize[n] = times;
  const { one, threads, f64, scalar, ...others } = times;
  const cells = [ms(one), ms(threads), ratio(one, threads), ms(f64), ms(scalar)];
  for (const [name, time] of Object.entries(others)) {
    cells.push(ms(time), ratio(time, name.endsWith("one") ? one : threads));
  }
  console.log(`| ${n} | ${cells.join(" | ")} |`);
}
const all = Object.assign({}, ...Object.entries(timesBySize).map(([n, times]) => prefixed(n, times)));
const names = Object.values(rivals).map(({ name }) => name);
const found = names.length > 0 ? [...new Set(names)].join("; ") : `no rivals: ${absent ?? "their packages are absent"}`;
console.log(`\n${describe(all, version)}; ${found}; threads: ${pool.threads}\n`);
for (const { end } of Object.values(rivals)) end();
pool.close();

function prefixed(n, times) {
  return Object.fromEntries(Object.entries(times).map(([name, time]) => [`${name} ${n}`, time]));
}

// The matrix products of an orthogonal matrix: the update of a slab, and the product before it.
const memory = new WebAssembly.Memory({ initial: 64 });
const module = new WebAssembly.Module(readFileSync(new URL("../../dist/kernel.wasm", import.meta.url)));
const { matmul32, matmul64 } = new WebAssembly.Instance(module, { env: { memory } }).exports;
const [c, a, b] = [65536, 65536 + 2 ** 20, 65536 + 2 ** 21];
for (const [name, matmul, size] of [
  ["f32", matmul32, 4],
  ["f64", matmul64, 8],
]) {
  const width = 256 / size;
  const stride = 32 * size;
  const products = {
    [`${name}, 512 x 32 by 32 x ${width}`]: [
      () => matmul(c, a, b, 512, width, 32, 256, stride, size, 256, 1),
      512 * width * 32,
    ],
    [`${name}, 32 x 256 (transposed) by 256 x ${width}`]: [
      () => matmul(c, a, b, 32, width, 256, 256, size, stride, 256, 0),
      32 * width * 256,
    ],
  };
  const times = await measure(Object.fromEntries(Object.entries(products).map(([key, [call]]) => [key, call])));
  for (const [key, [, terms]] of Object.entries(products)) {
    console.log(`${key}: ${((2 * terms) / times[key].best / 1e9).toFixed(1)} GFLOP/s`);
  }
}

if (flags.tfjs) {
  if (!existsSync(`${here}node_modules`)) execFileSync("npm", ["ci", "--silent"], { cwd: here, stdio: "inherit" });
  const tf = createRequire(import.meta.url)("@tensorflow/tfjs");
  await tf.setBackend("cpu");
  const begun = performance.now();
  await tf.initializers.orthogonal({ gain: 1, seed: 1 }).apply([512, 512]).data();
  const seconds = (performance.now() - begun) / 1e3;
  const own = timesBySize[512].one.best;
  console.log(`TensorFlow.js, 512 x 512: ${seconds.toFixed(0)} s, ${(seconds / own).toFixed(0)} times as long`);
}
