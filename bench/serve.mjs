// What serving costs beyond drawing: CPU seconds of `respond` read to its end, by a reader that takes the memory it gets and by
// one that brings its own, and of `fill` over the same tensors, in turns.
// usage: node bench/serve.mjs [rounds]
import { readFileSync } from "node:fs";
import { checkpoint } from "../dist/checkpoint.js";
import { fill } from "../dist/index.js";
import { modelOf } from "../dist/model.js";
import { respond } from "../dist/serve.js";

const rounds = Number(process.argv[2] ?? 7);
const config = JSON.parse(readFileSync(new URL("../examples/gpt2/config.json", import.meta.url), "utf8"));
const gpt2 = checkpoint(modelOf(config), { seed: 42 });
const [file] = gpt2.files;
const PIECE = 2 ** 16; // elements, 256 KiB

const piece = new Float32Array(PIECE);

function drawn() {
  for (const { name, shape, distribution } of file.tensors) {
    const size = shape.reduce((product, length) => product * length, 1);
    for (let start = 0; start < size; start += PIECE) {
      fill(piece.subarray(0, Math.min(PIECE, size - start)), shape, distribution, { seed: 42, name, start });
    }
  }
}

async function served() {
  const { body } = await respond(new Request(`http://localhost/${file.name}`), gpt2);
  let bytes = 0;
  for await (const chunk of body) bytes += chunk.length;
  if (bytes !== file.byteLength) throw new Error(`expected ${file.byteLength} bytes, got ${bytes}`);
}

async function servedInto() {
  const { body } = await respond(new Request(`http://localhost/${file.name}`), gpt2);
  const reader = body.getReader({ mode: "byob" });
  let bytes = 0;
  for (let memory = new ArrayBuffer(4 * PIECE); ; ) {
    const { done, value } = await reader.read(new Uint8Array(memory));
    if (done) break;
    bytes += value.length;
    memory = value.buffer;
  }
  if (bytes !== file.byteLength) throw new Error(`expected ${file.byteLength} bytes, got ${bytes}`);
}

async function cpuOf(run) {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const runs = { drawn, served, "served into own memory": servedInto };
const best = {};
for (let round = 0; round < rounds; ++round) {
  for (const [what, run] of Object.entries(runs)) {
    best[what] = Math.min(best[what] ?? Number.POSITIVE_INFINITY, await cpuOf(run));
  }
}
const megabytes = file.byteLength / 1e6;
for (const [what, seconds] of Object.entries(best)) {
  const each = ((1000 * seconds) / megabytes).toFixed(3);
  console.log(
    `${what.padEnd(23)} ${seconds.toFixed(3)} s of CPU, ${each} ms per MB, ${(seconds / best.drawn).toFixed(3)}`,
  );
}
