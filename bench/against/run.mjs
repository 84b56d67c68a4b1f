// npm run bench:against: nn-init beside other libraries, each of which fills 65,536 floats in its fastest documented way, all
// interleaved in one run. NumPy and PyTorch (Debian: python3-numpy, python3-torch) take part through rivals.py where they are
// installed, and once more at 2^24 floats, on one core and on all.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Arena, fill, normal, truncatedNormal, uniform } from "../../dist/index.js";
import { describe, measure, naive, openReadyPool } from "../cells.mjs";

const { values: flags } = parseArgs({ options: { json: { type: "string" } } });
const here = fileURLToPath(new URL(".", import.meta.url));
if (!existsSync(`${here}node_modules`)) execFileSync("npm", ["ci", "--silent"], { cwd: here, stdio: "inherit" });
const require = createRequire(import.meta.url);
const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

const N = 65_536;
const out = new Arena(4 * N).allocate(N);
const options = { seed: 1, name: "bench" };
const own = new Float32Array(N);
const loops = naive(own);
const DISTRIBUTIONS = {
  uniform: uniform({ low: -0.1, high: 0.1 }),
  normal: normal({ std: 0.02 }),
  truncated: truncatedNormal({ std: 0.02 }),
};
const cells = {
  ...Object.fromEntries(
    Object.entries(DISTRIBUTIONS).map(([distribution, scheme]) => [
      `nn-init ${distribution}`,
      () => fill(out, [N], scheme, options),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(DISTRIBUTIONS).map(([distribution, scheme]) => [
      `nn-init, scalar ${distribution}`,
      () => fill(own, [N], scheme, { ...options, engine: "scalar" }),
    ]),
  ),
  "Math.random uniform": loops.uniform,
  "Math.random normal": loops.normal,
  "Math.random truncated": loops.truncated,
};
const absent = [];

/** Adds the cells of a library, or records why it is absent. */
async function rival(name, load) {
  try {
    for (const [distribution, call] of Object.entries(await load())) {
      call();
      cells[`${name} ${distribution}`] = call;
    }
  } catch (error) {
    absent.push(`${name}: ${error.message.split("\n")[0]}`);
  }
}

await rival("TensorFlow.js", async () => {
  const tf = require("@tensorflow/tfjs");
  await tf.setBackend("cpu");
  const keep = (tensor) => {
    tensor.dataSync();
    tensor.dispose();
  };
  return {
    uniform: () => keep(tf.randomUniform([N], -0.1, 0.1, "float32", 1)),
    normal: () => keep(tf.randomNormal([N], 0, 0.02, "float32", 1)),
    truncated: () => keep(tf.truncatedNormal([N], 0, 0.02, "float32", 1)),
  };
});
await rival("stdlib-js", async () => {
  const u = require("@stdlib/random-array-uniform");
  const n = require("@stdlib/random-array-normal");
  return { uniform: () => u.assign(-0.1, 0.1, own), normal: () => n.assign(0, 0.02, own) };
});
await rival("numpy-ts", async () => {
  const { random } = await import("numpy-ts");
  const generator = random.default_rng(1);
  return {
    uniform: () => generator.uniform(-0.1, 0.1, [N]).dispose?.(),
    normal: () => generator.normal(0, 0.02, [N]).dispose?.(),
  };
});
await rival("pure-rand", async () => {
  const { uniformFloat32 } = await import("pure-rand/distribution/uniformFloat32");
  const { xoroshiro128plus } = await import("pure-rand/generator/xoroshiro128plus");
  const generator = xoroshiro128plus(1);
  return {
    uniform() {
      for (let i = 0; i < N; ++i) own[i] = uniformFloat32(generator) * 0.2 - 0.1;
    },
  };
});
await rival("jax-js", async () => {
  const jax = await import("@jax-js/jax");
  await jax.init("wasm");
  jax.defaultDevice("wasm");
  const key = jax.random.key(1);
  const read = (array) => array.dataSync();
  return {
    uniform: () => read(jax.random.uniform(key.ref, [N], { minval: -0.1, maxval: 0.1 })),
    normal: () => read(jax.random.normal(key.ref, [N])),
  };
});

const python = ["/usr/bin/python3", "python3"].find(
  (path) => spawnSync(path, ["-c", "import numpy, torch"]).status === 0,
);
if (python === undefined) absent.push("NumPy, PyTorch: apt-get install python3-numpy python3-torch");

/** The rivals in Python for one size: their cells, their versions, and a function that ends them. */
async function native(size, allCores) {
  if (python === undefined) return { foreign: {}, versions: "", end() {} };
  const child = spawn(python, [`${here}rivals.py`, String(size)], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value;
  const [numpy, torch, cores] = (await next()).split(" ");
  const ask = (call, threads) => async () => {
    child.stdin.write(`${call} ${threads}\n`);
    return Number(await next());
  };
  const foreign = {};
  for (const call of ["numpy uniform", "numpy normal", "torch uniform", "torch normal", "torch truncated"]) {
    foreign[call.replace("numpy", "NumPy").replace("torch", "PyTorch")] = ask(call, "one");
    if (allCores && call.startsWith("torch")) foreign[call.replace("torch", "PyTorch, all cores")] = ask(call, "all");
  }
  const versions = `; NumPy ${numpy} (SFC64), PyTorch ${torch}, ${cores} cores`;
  return { foreign, versions, end: () => child.stdin.end() };
}

/** Prints a row for each library: its rates, and how many times faster the first library is. */
function print(times, size, first) {
  const names = [...new Set(Object.keys(times).map((name) => name.replace(/ (uniform|normal|truncated)$/, "")))];
  console.log("| | uniform | normal | truncated |\n|---|---|---|---|");
  for (const name of names) {
    const columns = ["uniform", "normal", "truncated"].map((distribution) => {
      const time = times[`${name} ${distribution}`];
      if (time === undefined) return "";
      const ratio = time.best / times[`${first} ${distribution}`].best;
      return `${(size / time.best / 1e9).toFixed(3)} G/s${name === first ? "" : ` (${first} ${ratio.toFixed(1)}x)`}`;
    });
    console.log(`| ${name} | ${columns.join(" | ")} |`);
  }
}

const small = await native(N, false);
const times = await measure(cells, { rounds: 10, foreign: small.foreign });
small.end();
const machine = `${describe(times, version)}${small.versions}`;
console.log(`${machine}; ${N} floats, one core\n`);
for (const line of absent) console.log(`absent: ${line}`);
print(times, N, "nn-init");

const LARGE = 2 ** 24;
const pool = await openReadyPool();
const [one, all] = [new Arena(4 * LARGE).allocate(LARGE), pool.arena(4 * LARGE).allocate(LARGE)];
const wholes = {};
for (const [distribution, scheme] of Object.entries(DISTRIBUTIONS)) {
  wholes[`nn-init, all cores ${distribution}`] = () => pool.fill(all, [LARGE], scheme, options);
  wholes[`nn-init ${distribution}`] = () => fill(one, [LARGE], scheme, options);
}
const large = await native(LARGE, true);
const wholeTimes = await measure(wholes, { rounds: 6, maxTime: 0.001, foreign: large.foreign });
large.end();
pool.close();
console.log(`\n${LARGE} floats; all cores: ${pool.threads}\n`);
print(wholeTimes, LARGE, "nn-init, all cores");

const rates = Object.entries(times).map(([cell, { best }]) => {
  const [, name, distribution] = /^(.*) (\w+)$/.exec(cell);
  return { name, distribution, rate: N / best / 1e9 };
});
if (flags.json) writeFileSync(flags.json, `${JSON.stringify({ machine, size: N, rates }, null, 1)}\n`);
process.exit(0); // some libraries leave workers running
