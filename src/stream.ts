/**
 * The key of a tensor's random words, from a seed and the tensor's name.
 * Specification: docs/stream.md, "Keys".
 */
import { wrongType, wrongValue } from "./check.js";

/**
 * Version of the random stream, which fixes the values of every seed and name. It changes only in a major release; see
 * docs/stability.md.
 */
export const STREAM_VERSION = 1;

/**
 * A seed: a whole number from 0 to 2^64 - 1. As a `number` it can be at most 2^53 - 1; larger ones must be a `bigint`.
 * 1 and 1n are the same seed. 0 is a seed like any other.
 */
export type Seed = number | bigint;

/** Four words of 32 bits, each from 0 to 2^32 - 1. Equal keys give equal random words. */
export interface Key {
  readonly seedLow: number;
  readonly seedHigh: number;
  readonly streamLow: number;
  readonly streamHigh: number;
}

/** The key of the tensor `name` under `seed`. */
export function key(seed: Seed, name: string): Key {
  const { low, high } = halves(checkSeed(seed));
  const stream = nameHash(name);
  return { seedLow: low, seedHigh: high, streamLow: stream.low, streamHigh: stream.high };
}

/** 64 bits as two words of 32. */
interface Halves {
  low: number;
  high: number;
}

function halves(seed: Seed): Halves {
  if (typeof seed === "number") return { low: seed >>> 0, high: Math.floor(seed / 0x100000000) };
  return { low: Number(seed & 0xffffffffn), high: Number(seed >> 32n) };
}

export function checkSeed(seed: unknown): Seed {
  if (typeof seed === "number") {
    if (Number.isInteger(seed) && seed > Number.MAX_SAFE_INTEGER) {
      throw wrongValue("seed", "a number up to 2^53 - 1, or a bigint", seed);
    }
    if (!Number.isInteger(seed) || seed < 0) throw wrongValue("seed", "a whole number from 0 to 2^64 - 1", seed);
    return seed + 0;
  }
  if (typeof seed !== "bigint") throw wrongType("seed", "a number or a bigint", seed);
  if (seed < 0n || seed >= 1n << 64n) throw wrongValue("seed", "a whole number from 0 to 2^64 - 1", seed);
  return seed;
}

export function checkName(name: unknown): string {
  if (typeof name !== "string") throw wrongType("name", "a string", name);
  if (name === "") throw wrongValue("name", "a string that is not empty", name);
  return name;
}

/**
 * A new seed from the runtime's source of entropy. Record it to be able to draw the same values again.
 *
 * @returns a whole number from 0 to 2^64 - 1.
 * @example
 * ```js
 * import { init, normal, randomSeed } from "nn-init";
 *
 * const seed = randomSeed();
 * const draw = () => init([2], normal({ std: 1 }), { seed, name: "w" });
 * console.log(draw()[0] === draw()[0]); // true
 * ```
 */
export function randomSeed(): bigint {
  return crypto.getRandomValues(new BigUint64Array(1))[0] as bigint;
}

/** The bytes of a name in UTF-8, each as a character. Not every runtime has a TextEncoder. */
function utf8(name: string): string {
  try {
    const byte = (_: string, hex: string) => String.fromCharCode(Number.parseInt(hex, 16));
    return encodeURIComponent(name).replace(/%(..)/g, byte);
  } catch {
    throw wrongValue("name", "well-formed Unicode, no lone surrogates", name);
  }
}

/**
 * FNV-1a hash, 64 bits, of the name's UTF-8 bytes (Fowler, Noll and Vo, RFC 9923). It only has to tell names apart;
 * Philox does the mixing.
 */
export function nameHash(name: string): Halves {
  let [low, high] = [0x84222325, 0xcbf29ce4];
  const bytes = /[^\0-\x7f]/.test(name) ? utf8(name) : name;
  for (let i = 0; i < bytes.length; ++i) {
    const word = (low ^ bytes.charCodeAt(i)) >>> 0;
    const product = word * 0x1b3; // the prime is 2^40 + 0x1b3
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 0x100000000) + (word << 8)) >>> 0;
    low = product >>> 0;
  }
  return { low, high };
}
