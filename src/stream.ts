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
  const { low, high } = words(checkSeed(seed));
  const stream = nameHash(name);
  return { seedLow: low, seedHigh: high, streamLow: stream.low, streamHigh: stream.high };
}

interface Words {
  low: number;
  high: number;
}

function words(seed: Seed): Words {
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

/** A fresh seed from the runtime's entropy. */
export function randomSeed(): bigint {
  return crypto.getRandomValues(new BigUint64Array(1))[0] as bigint;
}

const LEADS = [0, 0xc0, 0xe0, 0xf0];

/**
 * FNV-1a with 64 bits over the name's UTF-8 bytes (Fowler, Noll and Vo, RFC 9923). It only has to keep names apart:
 * Philox does the mixing.
 */
export function nameHash(name: string): Words {
  const hash = { low: 0x84222325, high: 0xcbf29ce4 };
  for (let i = 0; i < name.length; ++i) {
    const code = name.codePointAt(i) as number;
    if (code >= 0xd800 && code < 0xe000) throw wrongValue("name", "well-formed Unicode, no lone surrogates", name);
    // UTF-8: the first byte tells how many of 6 bits follow.
    const more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    append(hash, (LEADS[more] as number) | (code >> (6 * more)));
    for (let shift = 6 * more - 6; shift >= 0; shift -= 6) append(hash, 0x80 | ((code >> shift) & 63));
    if (more === 3) i += 1; // a pair of code units
  }
  return hash;
}

function append(hash: Words, byte: number): void {
  const low = (hash.low ^ byte) >>> 0;
  const product = low * 0x1b3; // the prime is 2^40 + 0x1b3
  hash.high = (Math.imul(hash.high, 0x1b3) + Math.floor(product / 0x100000000) + (low << 8)) >>> 0;
  hash.low = product >>> 0;
}
