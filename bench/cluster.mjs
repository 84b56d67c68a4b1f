// npm run bench:cluster: what one core draws, hashes and writes, and what the command needs in all, in bytes per second of CPU
// time; and from these, how many cores fill a network or a file system with a checkpoint. Short turns, one after the other,
// round after round; the best turn counts. Needs 1 GB in /dev/shm, which is memory.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Arena, fill, normal } from "../dist/index.js";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const work = mkdtempSync("/dev/shm/nn-init-bench-");
const PIECE = 2 ** 22; // bytes, as the command's
const ROUNDS = 40;
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

/** Bytes per second of CPU time that the whole command takes, all its threads counted, for a file of 1 GB. */
function command() {
  const model = join(work, "model.json");
  writeFileSync(model, JSON.stringify([{ name: "w", shape: [5e8], scheme: "normal", std: 0.02, dtype: "bf16" }]));
  const tell = `process.on("exit", () => { const { user, system } = process.cpuUsage(); process.stderr.write("cpu " + (user + system)); })`;
  const hook = `data:text/javascript,${encodeURIComponent(tell)}`;
  const args = [
    "--import",
    hook,
    CLI,
    "init",
    model,
    "--seed",
    "1",
    "--out",
    join(work, "out"),
    "--max-shard-size",
    "5GB",
  ];
  const turns = Array.from({ length: 5 }, () => {
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    rmSync(join(work, "out"), { recursive: true });
    return (1e9 / Number(/cpu (\d+)/.exec(stderr)[1])) * 1e6;
  });
  return Math.max(...turns);
}

const gigabytes = (rate) => `${(rate / 1e9).toFixed(2)} GB/s`;

try {
  const best = rates();
  const sum = 1 / Object.values(best).reduce((seconds, rate) => seconds + 1 / rate, 0);
  const whole = command();
  console.log("| one core | |\n|---|---|");
  for (const [name, rate] of Object.entries(best)) console.log(`| ${name} | ${gigabytes(rate)} |`);
  console.log(`| all three, one after the other | ${gigabytes(sum)} |`);
  console.log(`| the whole command, per second of CPU time | ${gigabytes(whole)} |`);
  const total = TERA * 2;
  console.log(`\n10^12 parameters in bf16 are ${total / 1e12} TB: ${(total / whole / 60).toFixed(0)} core-minutes\n`);
  console.log("| to fill | takes | cores | files at once, or hashing bounds |\n|---|---|---|---|");
  for (const [name, rate] of Object.entries(TARGETS)) {
    const hashes = Math.ceil(rate / best["hash by SHA-256"]);
    console.log(`| ${name} | ${(total / rate).toFixed(0)} s | ${Math.ceil(rate / whole)} | ${hashes} |`);
  }
} finally {
  closeSync(file);
  rmSync(work, { recursive: true });
}
