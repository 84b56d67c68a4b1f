// npm run bench:cluster: what one core draws, hashes and writes, and what the command needs in all, in bytes per second of CPU
// time; from these, how many cores fill a network or a file system with a checkpoint; what a second task on a second core
// brings, beside what it brings to a loop that touches no memory and to dd; and how near a disk's own rate the command comes.
// PARTS=tasks,disk measures only these. Turns are taken one after the other, round after round. Needs 2.5 GB in /dev/shm, which
// is memory, as much on the disk (DISK=folder), and `taskset` and `dd`.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkpoint } from "../dist/checkpoint.js";
import { Arena, fill, normal } from "../dist/index.js";
import { modelOf } from "../dist/model.js";
import { median } from "./median.mjs";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const work = mkdtempSync("/dev/shm/nn-init-bench-");
const onDisk = mkdtempSync(join(process.env.DISK ?? tmpdir(), "nn-init-bench-"));
const PIECE = 2 ** 22; // bytes, as the command's
const ROUNDS = 40;
const ROUNDS_OF_TASKS = Number(process.env.ROUNDS ?? 7);
const TERA = 1e12; // parameters
const TARGETS = { "100 Gb/s": 12.5e9, "10 GB/s": 10e9 };

const elements = PIECE / 2;
const piece = new Arena(2 ** 23).allocate(PIECE / 4);
const values = new Uint16Array(piece.buffer, piece.byteOffset, elements);
const bytes = new Uint8Array(piece.buffer, piece.byteOffset, PIECE);
const file = openSync(join(work, "piece"), "w");
const hash = createHash("sha256");

const TURNS = {
  "draw normal values, bf16": () =>
    fill(values, [elements], normal({ std: 0.02 }), { seed: 42, name: "w", dtype: "bf16" }),
  "hash by SHA-256": () => hash.update(bytes),
  "write to memory (tmpfs)": () => writeSync(file, bytes, 0, PIECE, 0),
};

/** Bytes per second of the best turn of each. */
function rates() {
  const best = Object.fromEntries(Object.keys(TURNS).map((name) => [name, 0]));
  for (let round = 0; round < ROUNDS; ++round) {
    for (const [name, turn] of Object.entries(TURNS)) {
      const begun = performance.now();
      turn();
      best[name] = Math.max(best[name], (PIECE / (performance.now() - begun)) * 1000);
    }
  }
  return best;
}

const TELL = `import { isMainThread } from "node:worker_threads"; const tell = () => { const { user, system } = process.cpuUsage(); process.stderr.write("cpu " + (user + system)); }; if (isMainThread) process.on("exit", tell)`;
const HOOK = `data:text/javascript,${encodeURIComponent(TELL)}`;

/** The CPU seconds of a run of `init`, all its threads counted. `core` keeps the whole process on one core. */
async function init(model, out, flags, core) {
  const words = [process.execPath, "--import", HOOK, CLI, "init", model, "--seed", "1", "--out", out, ...flags];
  return Number(/cpu (\d+)/.exec(await run(words, core))[1]) / 1e6;
}

/** Runs a program to its end, on one core if it is given. @returns what it writes to standard error. */
function run(program, core) {
  const words = [...(core === undefined ? [] : ["taskset", "-c", String(core)]), ...program];
  return new Promise((done, failed) => {
    const child = spawn(words[0], words.slice(1), { stdio: ["ignore", "ignore", "pipe"] });
    let text = "";
    child.stderr.setEncoding("utf8").on("data", (more) => {
      text += more;
    });
    child.on("error", failed).on("close", (status) => {
      if (status === 0) done(text);
      else failed(new Error(text));
    });
  });
}

/** Bytes per second of CPU time that the whole command takes for a file of 1 GB. */
async function command() {
  const model = join(work, "model.json");
  writeFileSync(model, JSON.stringify([{ name: "w", shape: [5e8], scheme: "normal", std: 0.02, dtype: "bf16" }]));
  const turns = [];
  for (let turn = 0; turn < 5; ++turn) {
    turns.push(1e9 / (await init(model, join(work, "out"), ["--max-shard-size", "5GB"])));
    rmSync(join(work, "out"), { recursive: true });
  }
  return Math.max(...turns);
}

/** A Llama of 1.1 billion parameters: 2.2 GB in bf16. */
const LLAMA = {
  model_type: "llama",
  hidden_size: 2048,
  intermediate_size: 5632,
  num_hidden_layers: 22,
  num_attention_heads: 32,
  num_key_value_heads: 4,
  vocab_size: 32000,
  torch_dtype: "bfloat16",
};
const LLAMA_FLAGS = ["--dtype", "bf16"];
const FOUR = [...LLAMA_FLAGS, "--max-shard-size", "600MB"];

/** The size of files, from 50 to 150 MB, that gives two tasks the most equal shares. */
function evenSize() {
  const model = modelOf(LLAMA);
  const sizes = Array.from({ length: 101 }, (_, i) => (50 + i) * 1e6);
  const apart = (maxShardBytes) => {
    const { files } = checkpoint(model, { seed: 1, dtype: "bf16", maxShardBytes });
    const [even, odd] = [0, 1].map((i) => sum(files.filter((_, f) => f % 2 === i).map(({ byteLength }) => byteLength)));
    return Math.abs(even - odd) / (even + odd);
  };
  const best = sizes.map((size) => ({ size, apart: apart(size) })).sort((a, b) => a.apart - b.apart)[0];
  return { flags: [...LLAMA_FLAGS, "--max-shard-size", `${best.size / 1e6}MB`], ...best };
}

function llama(folder) {
  const config = join(folder, "config.json");
  writeFileSync(config, JSON.stringify(LLAMA));
  return { config, out: join(folder, "out") };
}

async function timed(run) {
  const begun = performance.now();
  const cpu = await run();
  return { wall: (performance.now() - begun) / 1000, cpu };
}

const LOOP = "const n = +process.argv[1]; for (let i = 0, a = 1; i < n; ++i) a = Math.imul(a, 1664525) + 1013904223";
const LOOPS = 1e9;
const COPIED = 1000; // pieces of 2 MiB

/**
 * One task on one core, and two tasks on a core each, that write the same files into memory. The same of what this machine can
 * do at all: of a loop that touches no memory, and of dd, which writes zeros to memory.
 */
async function tasks(rounds, flags) {
  const { config, out } = llama(work);
  const task = (core, share) => init(config, out, [...flags, "--threads", "1", ...share], core);
  const loop = (core, times) => run([process.execPath, "-e", LOOP, String(times)], core);
  const dd = (core, count) => run(["dd", "if=/dev/zero", `of=${out}.${core}`, "bs=2M", `count=${count}`], core);
  const both = (run) => Promise.all([0, 1].map(run));
  const turns = {
    one: () => task(0, []),
    two: async () => sum(await both((i) => task(i, ["--shard", `${i}/2`]))),
    loop: () => loop(0, LOOPS),
    loops: () => both((i) => loop(i, LOOPS / 2)),
    dd: () => dd(0, COPIED),
    dds: () => both((i) => dd(i, COPIED / 2)),
  };
  const clean = () => [out, `${out}.0`, `${out}.1`].map((path) => rmSync(path, { recursive: true, force: true }));
  return inTurns(turns, rounds, clean);
}

/**
 * The command's two threads against dd, which copies the same files from memory to the disk under `folder`, through the system's
 * cache and past it. The bytes must be the same: some disks take zeros faster.
 */
async function disk(folder, rounds) {
  const { config, out } = llama(folder);
  const made = join(work, "out");
  await init(llama(work).config, made, FOUR);
  const names = readdirSync(made).filter((name) => name.endsWith(".safetensors"));
  const dd = (...how) => {
    mkdirSync(out);
    for (const name of names) {
      const { status, stderr } = spawnSync("dd", [
        `if=${join(made, name)}`,
        `of=${join(out, name)}`,
        "bs=2M",
        "conv=fsync",
        ...how,
      ]);
      if (status !== 0) throw new Error(`dd: ${stderr}`);
    }
    return 0;
  };
  const command = () => init(config, out, [...FOUR, "--threads", "2"]);
  const turns = { command, dd: () => dd(), direct: () => dd("oflag=direct") };
  return inTurns(turns, rounds, () => rmSync(out, { recursive: true, force: true }));
}

const sum = (values) => values.reduce((total, value) => total + value, 0);

async function inTurns(turns, rounds, clean) {
  const times = Object.fromEntries(Object.keys(turns).map((name) => [name, []]));
  for (let round = 0; round < rounds; ++round) {
    for (const [name, turn] of Object.entries(turns)) {
      times[name].push(await timed(turn));
      clean();
    }
  }
  return times;
}

/** Medians: of what was measured, and of its ratio to what another turn of the same round measured. */
const wallOf = (times) => median(times.map(({ wall }) => wall));
const cpuOf = (times) => median(times.map(({ cpu }) => cpu));
const ratioOf = (times, others, of) => median(times.map((time, round) => time[of] / others[round][of]));

const gigabytes = (rate) => `${(rate / 1e9).toFixed(2)} GB/s`;

async function printRates() {
  const best = rates();
  const together = 1 / sum(Object.values(best).map((rate) => 1 / rate));
  const whole = await command();
  console.log("| one core | |\n|---|---|");
  for (const [name, rate] of Object.entries(best)) console.log(`| ${name} | ${gigabytes(rate)} |`);
  console.log(`| all three, one after the other | ${gigabytes(together)} |`);
  console.log(`| the whole command, per second of CPU time | ${gigabytes(whole)} |`);
  const total = TERA * 2;
  console.log(`\n10^12 parameters in bf16 are ${total / 1e12} TB: ${(total / whole / 60).toFixed(0)} core-minutes\n`);
  console.log("| to fill | takes | cores | files at once, or hashing bounds |\n|---|---|---|---|");
  for (const [name, rate] of Object.entries(TARGETS)) {
    const hashes = Math.ceil(rate / best["hash by SHA-256"]);
    console.log(`| ${name} | ${(total / rate).toFixed(0)} s | ${Math.ceil(rate / whole)} | ${hashes} |`);
  }
  console.log("");
}

const HEAD = `A Llama of 1.1 billion parameters in bf16, medians of ${ROUNDS_OF_TASKS} rounds in which all take turns`;

async function printTasks() {
  const even = evenSize();
  const { one, two, loop, loops, dd, dds } = await tasks(ROUNDS_OF_TASKS, even.flags);
  console.log(
    `${HEAD}; in memory, files of ${even.size / 1e6} MB, two shares that differ by ${(100 * even.apart).toFixed(1)}%:`,
  );
  console.log(
    `one task on one core ${wallOf(one).toFixed(2)} s, two tasks on a core each ${wallOf(two).toFixed(2)} s:`,
  );
  console.log(
    `${ratioOf(one, two, "wall").toFixed(2)} times as fast, ${ratioOf(two, one, "cpu").toFixed(2)} times the CPU time`,
  );
  console.log(
    `two loops ${ratioOf(loop, loops, "wall").toFixed(2)}, two dd ${ratioOf(dd, dds, "wall").toFixed(2)} times as fast as one\n`,
  );
}

async function printDisk() {
  const { command: written, dd, direct } = await disk(onDisk, ROUNDS_OF_TASKS);
  console.log(`${HEAD}; in four files on a disk:`);
  console.log(`two threads ${wallOf(written).toFixed(2)} s, ${cpuOf(written).toFixed(2)} s of CPU`);
  for (const [name, times] of Object.entries({ "dd conv=fsync": dd, "dd oflag=direct conv=fsync": direct })) {
    const share = (100 * ratioOf(times, written, "wall")).toFixed(0);
    console.log(`${name} of the same bytes ${wallOf(times).toFixed(2)} s: the command has ${share}% of its rate`);
  }
}

const PARTS = { rates: printRates, tasks: printTasks, disk: printDisk };
const asked = process.env.PARTS?.split(",") ?? Object.keys(PARTS);

try {
  for (const name of asked) await PARTS[name]();
} finally {
  closeSync(file);
  for (const folder of [work, onDisk]) rmSync(folder, { recursive: true });
}
