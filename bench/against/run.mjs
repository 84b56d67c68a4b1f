// npm run bench:against [-- --only NAMES] [--turns N] [--json FILE] [--write]: nn-init beside other libraries, each of which fills
// 65,536 floats in its fastest documented way in one thread, then those in Python at 2^24 floats, in one thread and in all. A few
// libraries at a time take turns with nn-init, so that every ratio is between neighbours. Libraries of npm and PyPI are installed,
// these outside of the repository (PYTHON= names a Python that has them); absent ones are named. --only has parts of names, with
// commas; --write puts the tables into docs/speed.md and README.md, which wants a quiet machine.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Arena, fill, normal, truncatedNormal, uniform } from "../../dist/index.js";
import { describe, measure, naive, openReadyPool } from "../cells.mjs";
import { againstPython, libraries, start } from "./python.mjs";
import { tableOf, writeTables } from "./tables.mjs";

const TURNS = 12;
/** As long as a turn of rivals.py, which takes the best call. So samples are short, of few calls. */
const TURN = { maxTime: 0.03, minTime: 1e-4 };

const { values: flags } = parseArgs({
  options: {
    json: { type: "string" },
    only: { type: "string" },
    turns: { type: "string" },
    write: { type: "boolean" },
  },
});
const turns = Number(flags.turns ?? TURNS);
const here = fileURLToPath(new URL(".", import.meta.url));
if (!existsSync(`${here}node_modules`)) execFileSync("npm", ["ci", "--silent"], { cwd: here, stdio: "inherit" });
const require = createRequire(import.meta.url);
const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

const N = 65_536;
const out = new Arena(4 * N).allocate(N);
const options = { seed: 1, name: "bench" };
const own = new Float32Array(N);
const wanted = (name) =>
  flags.only === undefined || flags.only.split(",").some((part) => name.toLowerCase().includes(part.toLowerCase()));
const DISTRIBUTIONS = {
  uniform: uniform({ low: -0.1, high: 0.1 }),
  normal: normal({ std: 0.02 }),
  truncated: truncatedNormal({ std: 0.02 }),
};
const each = (names, name, make) =>
  Object.fromEntries(names.map((distribution) => [`${name} ${distribution}`, make(distribution)]));
const COMPARED = Object.keys(DISTRIBUTIONS);
const ours = each(COMPARED, "nn-init", (distribution) => () => fill(out, [N], DISTRIBUTIONS[distribution], options));
const twin = { ...options, engine: "scalar" };
const cells = {
  ...each(COMPARED, "nn-init, scalar", (distribution) => () => fill(own, [N], DISTRIBUTIONS[distribution], twin)),
  ...each(COMPARED, "Math.random", (distribution) => () => naive[distribution](own)),
};
const absent = [];

/** Adds the cells of a library, or records why it is absent. */
async function rival(name, load) {
  if (!wanted(name)) return;
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

const AT_ONCE = 4; // processes: some take half a gigabyte
const versions = {};

/** Rows of a table: a library's name, and for each distribution its time and that of nn-init beside it. */
async function beside(foreign, own, options) {
  const times = await measure(own, { ...options, foreign });
  const rows = {};
  for (const [cell, { best }] of Object.entries(times)) {
    const [, name, distribution] = /^(.*) (\w+)$/.exec(cell);
    rows[name] ??= {};
    rows[name][distribution] = {
      best,
      ours: times[`${Object.keys(own)[0].replace(/ \w+$/, "")} ${distribution}`].best,
    };
  }
  return { times, rows };
}

/** The libraries in Python, a few at a time, each group in turns with our own cells. */
async function native(program, names, size, threads, own, options) {
  const rows = {};
  for (let begin = 0; begin < names.length; begin += AT_ONCE) {
    const started = {};
    for (const name of names.slice(begin, begin + AT_ONCE)) {
      const library = await start(program, name, size, threads);
      if (library.absent !== undefined)
        absent.push(`${name}, ${threads === "one" ? "one thread" : "all threads"}: ${library.absent}`);
      else started[name] = library;
    }
    const foreign = {};
    for (const [name, { version, note, turns }] of Object.entries(started)) {
      versions[name] = `${name} ${version}${note && ` (${note})`}`;
      for (const [distribution, turn] of Object.entries(turns)) foreign[`${name} ${distribution}`] = turn;
    }
    for (const [name, row] of Object.entries((await beside(foreign, own, options)).rows))
      rows[name] = faster(rows[name], row);
    for (const { end } of Object.values(started)) end();
  }
  return rows;
}

/** Of a row that several groups have, which is our own, the best. */
const faster = (before, row) =>
  before === undefined
    ? row
    : Object.fromEntries(
        Object.entries(row).map(([key, each]) => [key, each.best < before[key].best ? each : before[key]]),
      );

const { program, absent: reason } = againstPython();
const names = program === undefined ? [] : libraries(program).filter(wanted);
if (reason !== undefined) absent.push(`all libraries in Python: ${reason}`);

const result = { machine: "", size: N, rates: [], versions, absent, tables: {} };

/** Prints a table, and writes what there is so far. */
function add(key, title, table) {
  result.tables[key] = table;
  console.log(
    `\n${title}; behind each rate, how many times as fast nn-init was in the same turns\n\n${tableOf(table)}`,
  );
  if (flags.json) writeFileSync(flags.json, `${JSON.stringify(result, null, 1)}\n`);
}

const first = await beside({}, { ...ours, ...cells }, { rounds: turns, ...TURN });
const small = { ...first.rows, ...(await native(program, names, N, "one", ours, { rounds: turns, ...TURN })) };
small["nn-init"] = faster(first.rows["nn-init"], small["nn-init"]);
result.machine = describe(first.times, version);
result.rates = Object.entries(small).flatMap(([name, row]) =>
  Object.entries(row).map(([distribution, { best }]) => ({ name, distribution, rate: N / best / 1e9 })),
);
console.log(result.machine);
add("small", `${N} floats, one thread`, { size: N, rows: small });

const LARGE = 2 ** 24;
const pool = await openReadyPool();
const [one, all] = [new Arena(4 * LARGE).allocate(LARGE), pool.arena(4 * LARGE).allocate(LARGE)];
const drawing = (draw) => each(COMPARED, "nn-init", (name) => () => draw(DISTRIBUTIONS[name]));
const single = drawing((scheme) => fill(one, [LARGE], scheme, options));
const shared = drawing((scheme) => pool.fill(all, [LARGE], scheme, options));
const rounds = { rounds: Math.ceil(turns / 2), maxTime: 0.001 };
const large = { size: LARGE, rows: await native(program, names, LARGE, "one", single, rounds) };
add("large", `${LARGE} floats, one thread`, large);
const threaded = { size: LARGE, rows: await native(program, names, LARGE, "all", shared, rounds) };
add("all", `${LARGE} floats, all threads: ${pool.threads}`, threaded);
pool.close();

console.log(`\n${Object.values(versions).join(", ")}`);
for (const line of absent) console.log(`absent: ${line}`);
if (flags.write) writeTables(result);
process.exit(0); // some libraries leave workers running
