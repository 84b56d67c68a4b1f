// node words.mjs ORDER SEED: words of the library without end, for programs that test generators, in the order of the tensor or in
// one that an enemy would choose. It ends when its reader does.
import { readFileSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fill } from "../../dist/index.js";
import { importSource } from "./inside.mjs";

const { key, upperTail } = await importSource(
  'export { key } from "./src/stream.ts"; export { upperTail } from "./src/math/functions.ts";',
);

const BLOCK = 4096;
const LANES = 4;
const memory = new WebAssembly.Memory({ initial: 4 });
const module = new WebAssembly.Module(readFileSync(fileURLToPath(new URL("../../build/kernel.wasm", import.meta.url))));
const { bits } = new WebAssembly.Instance(module, { env: { memory } }).exports;
const ADDRESS = 65536;
const drawn = new Uint32Array(memory.buffer, ADDRESS, BLOCK);

/** The first words of a block of the stream of a name. */
function block(seed, name, index, count = BLOCK) {
  const { seedLow, seedHigh, streamLow, streamHigh } = key(seed, name);
  bits(ADDRESS, count, index % 2 ** 32, Math.floor(index / 2 ** 32), seedLow, seedHigh, streamLow, streamHigh);
  return drawn.subarray(0, count);
}

/** Each gives the next words on each call. */
const ORDERS = {
  plain: (seed) => (i) => block(seed, "weight", i),
  // Blocks differ by a counter that Philox takes: their beginnings, one after the other.
  blocks: (seed) => (i) => gather(BLOCK / LANES, (k) => block(seed, "weight", (BLOCK / LANES) * i + k, LANES)),
  // All words of one lane of the generator, then of the next.
  lanes: (seed) => (i) => {
    const words = block(seed, "weight", i);
    return Uint32Array.from(
      { length: BLOCK },
      (_, k) => words[LANES * (k % (BLOCK / LANES)) + Math.floor(k / (BLOCK / LANES))],
    );
  },
  seeds: (seed) => (i) => gather(64, (k) => block(seed + 64 * i + k, "weight", 0, 64)),
  names: (seed) => (i) => gather(64, (k) => block(seed, `layers.${64 * i + k}.weight`, 0, 64)),
  // One word of each of 16 seeds, and of each of 16 names, in turns.
  "seeds, in turns": (seed) => (i) => inTurns((k) => block(seed + k, "weight", i)),
  "names, in turns": (seed) => (i) => inTurns((k) => block(seed, `layers.${k}.weight`, i)),
  "blocks, in turns": (seed) => (i) => inTurns((k) => block(seed, "weight", 16 * i + k)),
  // What a caller gets: the first 32 bits of each value of f64, and those of the probability of each normal value.
  "uniform values": (seed) => values(seed, { scheme: "uniform", low: 0, high: 1 }, (x) => x),
  "normal values": (seed) => values(seed, { scheme: "normal", std: 1 }, upperTail),
};

/** Runs of words, one after the other. */
function gather(count, wordsOf) {
  const first = wordsOf(0).slice();
  const all = new Uint32Array(count * first.length);
  all.set(first);
  for (let k = 1; k < count; k++) all.set(wordsOf(k), k * first.length);
  return all;
}

function inTurns(wordsOf) {
  const all = new Uint32Array(16 * BLOCK);
  for (let k = 0; k < 16; k++) {
    const words = wordsOf(k);
    for (let i = 0; i < BLOCK; i++) all[16 * i + k] = words[i];
  }
  return all;
}

function values(seed, scheme, probability) {
  const drawn = new Float64Array(BLOCK);
  return (i) => {
    fill(drawn, [2 ** 45], scheme, { seed, name: "weight", start: i * BLOCK, dtype: "f64" });
    return Uint32Array.from(drawn, (x) => probability(x) * 2 ** 32);
  };
}

/** Marsaglia's xorshift of 32 bits (2003), which batteries must find wanting: otherwise they were not asked. */
function xorshift(seed) {
  const words = new Uint32Array(BLOCK);
  let x = seed | 1;
  return () => {
    for (let i = 0; i < BLOCK; i++) {
      x ^= x << 13;
      x ^= x >>> 17;
      x ^= x << 5;
      words[i] = x;
    }
    return words;
  };
}

export const ORDER_NAMES = Object.keys(ORDERS);
export const CONTROL = "xorshift32, which must fail";

function write(order, seed) {
  const next = order === CONTROL ? xorshift(seed) : ORDERS[order](seed);
  for (let i = 0; ; i++) {
    const bytes = Buffer.from(next(i).slice().buffer);
    for (let at = 0; at < bytes.length; ) at += written(bytes, at);
  }
}

function wait() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  return 0;
}

/** @returns how many bytes a full pipe took. Ends the process where nobody reads any more. */
function written(bytes, at) {
  try {
    return writeSync(1, bytes, at);
  } catch (error) {
    if (error.code === "EAGAIN") return wait();
    if (error.code === "EPIPE" || error.code === "ECONNRESET") process.exit(0);
    throw error;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) write(process.argv[2], Number(process.argv[3]));
