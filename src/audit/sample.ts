/** The first values of a tensor: a sample to count different ones in, and their signs. */
import type { FileType } from "../checkpoint/safetensors.js";
import { SIGNS, valuesIn } from "./tally.js";

/** Collects the first values of a region. */
export class Sampler {
  readonly #values: Float64Array<ArrayBuffer>;
  #length = 0;

  constructor(most: number) {
    this.#values = new Float64Array(most);
  }

  get values(): Float64Array<ArrayBuffer> {
    return this.#values.slice(0, this.#length);
  }

  take(bytes: Uint8Array<ArrayBuffer>, type: FileType): void {
    const room = this.#values.length - this.#length;
    if (room === 0) return;
    const count = Math.min(room, valuesIn(bytes.length, type));
    this.#values.set(firstValues(bytes, type, count), this.#length);
    this.#length += count;
  }
}

/** How many different values there are. +0 and -0 are one value; each NaN is another. */
export function distinctIn(samples: readonly Float64Array[]): number {
  const most = samples.reduce((sum, { length }) => sum + length, 0);
  const bits = Math.max(1, Math.ceil(Math.log2(2 * most)));
  const slots = new Float64Array(2 ** bits).fill(Number.NaN); // a hash table, in which NaN is an empty slot
  let distinct = 0;
  for (const values of samples) {
    for (let i = 0; i < values.length; ++i) {
      const value = (values[i] as number) + 0; // without the sign of a zero
      let slot = hashOf(value) >>> (32 - bits);
      while (slots[slot] !== value && !Number.isNaN(slots[slot])) slot = (slot + 1) % slots.length;
      if (slots[slot] !== value) distinct += 1;
      slots[slot] = value;
    }
  }
  return distinct;
}

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

function hashOf(value: number): number {
  double[0] = value;
  return Math.imul((words[0] as number) ^ Math.imul(words[1] as number, 0x85ebca6b), 0x9e3779b1);
}

/** The first values, as numbers. Not used for types of 16 bits or fewer: their bins already hold every value. */
function firstValues(bytes: Uint8Array<ArrayBuffer>, type: FileType, count: number): ArrayLike<number> {
  const { buffer, byteOffset } = bytes;
  switch (type) {
    case "F64":
      return new Float64Array(buffer, byteOffset, count);
    case "I32":
      return new Int32Array(buffer, byteOffset, count);
    case "U32":
      return new Uint32Array(buffer, byteOffset, count);
    case "I64":
      return Float64Array.from(new BigInt64Array(buffer, byteOffset, count) as unknown as number[], Number);
    case "U64":
      return Float64Array.from(new BigUint64Array(buffer, byteOffset, count) as unknown as number[], Number);
    default:
      return new Float32Array(buffer, byteOffset, count);
  }
}

/** Bytes of a value, the last of which begins with the sign bit. */
const SIGNED_BYTES: Readonly<Partial<Record<FileType, number>>> = { F64: 8, F32: 4, F16: 2, BF16: 2 };

const LEAST_OF_EACH = 16; // of 64 fair coins, fewer fall on one side in 1 of 25,000 tensors

/** The sign bits of the first values, as a string of 0 and 1. Undefined if a value is 0 or nearly all signs are alike. */
export function signsOf(bytes: Uint8Array, type: FileType): string | undefined {
  const size = SIGNED_BYTES[type];
  if (size === undefined || bytes.length < SIGNS * size) return undefined;
  let signs = "";
  let negative = 0;
  for (let i = 0; i < SIGNS; ++i) {
    const value = bytes.subarray(i * size, (i + 1) * size);
    if (value.every((byte, j) => (j === size - 1 ? byte & 0x7f : byte) === 0)) return undefined;
    const sign = (value[size - 1] as number) >> 7;
    signs += sign;
    negative += sign;
  }
  return Math.min(negative, SIGNS - negative) < LEAST_OF_EACH ? undefined : signs;
}
