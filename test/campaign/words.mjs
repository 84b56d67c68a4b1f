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

/** @returns a function that draws the first words of a block of the stream of a name, to `place` of `drawn`. */
function stream(seed, name) {
  const { seedLow, seedHigh, streamLow, streamHigh } = key(seed, name);
  return (index, count = BLOCK, place = 0) => {
    const [low, high] = [index % 2 ** 32, Math.floor(index / 2 ** 32)];
    bits(ADDRESS + 4 * place, count, low, high, seedLow, seedHigh, streamLow, streamHigh);
    return drawn;
  };
}

/** Each gives the next words on each call. */
const ORDERS = {
  plain: (seed) => stream(seed, "weight"),
  // Blocks differ by a counter that Philox takes: their beginnings, one after the other.
  blocks(seed) {
    const block = stream(seed, "weight");
    return (i) => runs(LANES, (k, place) => block((BLOCK / LANES) * i + k, LANES, place));
  },
  // All words of one lane of the generator, then of the next.
  lanes(seed) {
    const block = stream(seed, "weight");
    const all = new Uint32Array(BLOCK);
    return (i) => {
      const words = block(i);
      for (let k = 0; k < BLOCK; k++) all[k] = words[LANES * (k % (BLOCK / LANES)) + Math.floor(k / (BLOCK / LANES))];
      return all;
    };
  },
  seeds: (seed) => (i) => runs(64, (k, place) => stream(seed + 64 * i + k, "weight")(0, 64, place)),
  names: (seed) => (i) => runs(64, (k, place) => stream(seed, `layers.${64 * i + k}.weight`)(0, 64, place)),
  // One word of each of 16 seeds, names or blocks, in turns.
  "seeds, in turns": (seed) => inTurns((i, k) => stream(seed + k, "weight")(i)),
  "names, in turns": (seed) => inTurns((i, k) => stream(seed, `layers.${k}.weight`)(i)),
  "blocks, in turns"(seed) {
    const block = stream(seed, "weight");
    return inTurns((i, k) => block(16 * i + k));
  },
  // What a caller gets: the first 32 bits of each value of f64, and those of the probability of each normal value.
  "uniform values": (seed) => values(seed, { scheme: "uniform", low: 0, high: 1 }, (x) => x * 2 ** 32),
  "normal values": (seed) => values(seed, { scheme: "normal", std: 1 }, tailWord()),
};

/** A block that is made of runs of `length` words. */
function runs(length, draw) {
  for (let k = 0; k < BLOCK / length; k++) draw(k, k * length);
  return drawn;
}

function inTurns(wordsOf) {
  const all = new Uint32Array(16 * BLOCK);
  return (i) => {
    for (let k = 0; k < 16; k++) {
      const words = wordsOf(i, k);
      for (let n = 0; n < BLOCK; n++) all[16 * n + k] = words[n];
    }
    return all;
  };
}

function values(seed, scheme, wordOf) {
  const drawn = new Float64Array(16 * BLOCK);
  const words = new Uint32Array(drawn.length);
  return (i) => {
    fill(drawn, [2 ** 45], scheme, { seed, name: "weight", start: i * drawn.length, dtype: "f64" });
    for (let k = 0; k < words.length; k++) words[k] = wordOf(drawn[k]);
    return words;
  };
}

/**
 * P(Z > z) * 2^32, within 0.002, by cubic Hermite interpolation between nodes 2^-8 apart: the fourth derivative of P is at most
 * 0.56. `upperTail` itself takes far longer than the words.
 */
export function tailWord() {
  const [first, perUnit] = [-9, 256];
  const nodes = Array.from({ length: 18 * perUnit + 1 }, (_, k) => first + k / perUnit);
  const tails = Float64Array.from(nodes, (z) => upperTail(z) * 2 ** 32);
  const slopes = Float64Array.from(
    nodes,
    (z) => (-Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI) / perUnit) * 2 ** 32,
  );
  return (z) => {
    const place = Math.min(Math.max((z - first) * perUnit, 0), tails.length - 2);
    const k = Math.floor(place);
    const t = place - k;
    const rest = 1 - t;
    const ends = (1 + 2 * t) * rest * rest * tails[k] + t * t * (3 - 2 * t) * tails[k + 1];
    return ends + t * rest * (rest * slopes[k] - t * slopes[k + 1]);
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
