/**
 * From where a tensor's words come: its key, from a seed and the tensor's name.
 * Specification: docs/stream.md, "Keys".
 */
import { wrongType, wrongValue } from "./check.js";

/** The version of the stream: which bits a seed and a name stand for. It changes only with a major release. */
export const STREAM_VERSION = 1;

/** A whole number from 0 to 2^64 - 1; as a `number` up to 2^53 - 1. 0 is a seed like any other. */
export type Seed = number | bigint;

/** Four words of 32 bits, each from 0 to 2^32 - 1. Equal keys mean equal words. */
export interface Key {
  readonly seedLow: number;
  readonly seedHigh: number;
  readonly streamLow: number;
  readonly streamHigh: number;
}

/** The key of the tensor `name` under `seed`. */
export function key(seed: Seed, name: string): Key {
  const wide = BigInt(checkSeed(seed));
  const stream = nameHash(name);
  return {
    seedLow: Number(wide & 0xffffffffn),
    seedHigh: Number(wide >> 32n),
    streamLow: stream.low,
    streamHigh: stream.high,
  };
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

/** A fresh seed from the runtime's entropy. */
export function randomSeed(): bigint {
  return crypto.getRandomValues(new BigUint64Array(1))[0] as bigint;
}

/**
 * FNV-1a with 64 bits over the name's UTF-8 bytes (Fowler, Noll and Vo, RFC 9923). It only has to keep names apart:
 * Philox does the mixing.
 */
export function nameHash(name: string): { low: number; high: number } {
  let low = 0x84222325;
  let high = 0xcbf29ce4;
  for (const byte of utf8(name)) {
    low = (low ^ byte) >>> 0;
    const product = low * 0x1b3; // the prime is 2^40 + 0x1b3
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 0x100000000) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return { low, high };
}

function* utf8(text: string): Generator<number> {
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (code >= 0xd800 && code < 0xe000) throw wrongValue("name", "well-formed Unicode, no lone surrogates", text);
    if (code < 0x80) yield code;
    else if (code < 0x800) yield* [0xc0 | (code >> 6), 0x80 | (code & 63)];
    else if (code < 0x10000) yield* [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63)];
    else yield* [0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63)];
  }
}
