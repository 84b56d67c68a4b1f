// LARGE=1: one tensor of 5 * 10^9 elements in bf16, in a file of 10 GB, and another file; written, audited, and compared at
// its ends and around 2^31 and 2^32 elements and bytes with what the library draws there.
import { closeSync, openSync, readSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fill, normal } from "../../dist/index.js";
import { run } from "../faults/command.mjs";
import { Absent } from "../report.mjs";
import { SEED } from "./setting.mjs";

const COLUMNS = 50_000;
const SHAPE = [100_000, COLUMNS];
const ELEMENTS = SHAPE[0] * COLUMNS;
const BYTES = ELEMENTS * 2;
const STD = 0.02;
const WINDOW = 4096; // elements that are compared at each place
const PLACES = [0, 2 ** 30, 2 ** 31, 2 ** 32, 4_900_000_001, ELEMENTS].map((at) =>
  Math.min(Math.max(at - WINDOW / 2, 0), ELEMENTS - WINDOW),
);
const PATIENCE = 3_600_000; // milliseconds

export async function large(setting) {
  if (process.env.LARGE !== "1") throw new Absent("it is asked for by LARGE=1");
  const { bavail, bsize } = statfsSync(setting.place);
  if (bavail * bsize < BYTES * 1.2) throw new Absent(`expected ${BYTES * 1.2} bytes of disk, got ${bavail * bsize}`);
  const wrong = [];
  const model = join(setting.place, "large.json");
  const out = join(setting.place, "large");
  writeFileSync(
    model,
    JSON.stringify([
      { name: "large", shape: SHAPE, scheme: "normal", std: STD, dtype: "bf16" },
      { name: "small", shape: [1000, 1000], scheme: "normal", std: STD, dtype: "bf16" },
    ]),
  );
  const seconds = {};
  for (const args of [
    ["init", model, "--seed", SEED, "--out", out, "--max-shard-size", "5GB"],
    ["audit", out, "--reproduce"],
    ["verify", out, "--sample", "0.05"],
  ]) {
    const begun = performance.now();
    const { code, stdout, stderr } = await run(args, { patience: PATIENCE });
    seconds[`seconds of ${args[0]}`] = Math.round((performance.now() - begun) / 1000);
    if (code !== 0) wrong.push(`${args[0]}: ${code} ${stdout}${stderr}`);
  }
  const differing = PLACES.filter((start) => !isEqual(join(out, "model-00001-of-00002.safetensors"), start));
  if (differing.length > 0) wrong.push(`other values than the library's from elements ${differing}`);
  rmSync(out, { recursive: true, force: true });
  return { counts: { bytes: BYTES, "values compared": PLACES.length * WINDOW, ...seconds }, wrong };
}

function isEqual(path, start) {
  const file = openSync(path);
  try {
    const read = (bytes, at) => readSync(file, bytes, 0, bytes.length, at);
    const length = Buffer.alloc(8);
    read(length, 0);
    const found = Buffer.alloc(WINDOW * 2);
    read(found, 8 + Number(length.readBigUInt64LE()) + start * 2);
    const drawn = fill(new Uint16Array(WINDOW), SHAPE, normal({ std: STD }), {
      seed: Number(SEED),
      name: "large",
      dtype: "bf16",
      start,
    });
    return found.equals(Buffer.from(drawn.buffer));
  } finally {
    closeSync(file);
  }
}
