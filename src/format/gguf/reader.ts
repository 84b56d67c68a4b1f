/** Reads what stands before the tensors of a GGUF file. Files are untrusted: every count is checked before it is used. */
import { checkCount, show, wrongValue } from "../../check.js";
import { checkUint8Array } from "../../checkpoint/bytes.js";
import { sizeOf } from "../../shape.js";
import { VALUE_TYPES } from "./writer.js";

/** A value of the metadata. Whole numbers past 2^53 - 1 are bigints. */
export type GgufValue = number | bigint | string | boolean | readonly GgufValue[];

/** A tensor as the table of a GGUF file has it. */
export interface GgufHeaderTensor {
  /** Unique in the file. */
  readonly name: string;
  /** Row-major, so the last axis is the fastest one; GGUF itself lists them in reverse. */
  readonly shape: readonly number[];
  /** Its type as ggml names it: `F32`, `Q4_K`; its number, as text, if it is not known here. */
  readonly type: string;
  /** The offset of its first byte in the file. */
  readonly begin: number;
  /** The offset after its last byte; undefined for a type that is not known here. */
  readonly end: number | undefined;
}

/** What stands before the tensors of a GGUF file. */
export interface GgufHeader {
  /** 2 or 3. */
  readonly version: number;
  /** Values by name, in the order of the file. */
  readonly metadata: ReadonlyMap<string, GgufValue>;
  /** In the order of the table. */
  readonly tensors: readonly GgufHeaderTensor[];
  /** Where the tensors begin. */
  readonly headerBytes: number;
}

/** Elements and bytes of a block, for each type that ggml numbers. */
const TYPES: Readonly<Record<number, readonly [name: string, elements: number, bytes: number]>> = {
  ...{ 0: ["F32", 1, 4], 1: ["F16", 1, 2], 2: ["Q4_0", 32, 18], 3: ["Q4_1", 32, 20], 6: ["Q5_0", 32, 22] },
  ...{ 7: ["Q5_1", 32, 24], 8: ["Q8_0", 32, 34], 9: ["Q8_1", 32, 36], 10: ["Q2_K", 256, 84], 11: ["Q3_K", 256, 110] },
  ...{ 12: ["Q4_K", 256, 144], 13: ["Q5_K", 256, 176], 14: ["Q6_K", 256, 210], 15: ["Q8_K", 256, 292] },
  ...{ 16: ["IQ2_XXS", 256, 66], 17: ["IQ2_XS", 256, 74], 18: ["IQ3_XXS", 256, 98], 19: ["IQ1_S", 256, 50] },
  ...{ 20: ["IQ4_NL", 32, 18], 21: ["IQ3_S", 256, 110], 22: ["IQ2_S", 256, 82], 23: ["IQ4_XS", 256, 136] },
  ...{ 24: ["I8", 1, 1], 25: ["I16", 1, 2], 26: ["I32", 1, 4], 27: ["I64", 1, 8], 28: ["F64", 1, 8] },
  ...{
    29: ["IQ1_M", 256, 56],
    30: ["BF16", 1, 2],
    34: ["TQ1_0", 256, 54],
    35: ["TQ2_0", 256, 66],
    39: ["MXFP4", 32, 17],
  },
};

const MOST_TENSORS = 200_000;
const MOST_VALUES = 65_536; // of metadata
const MOST_DEPTH = 4; // arrays within arrays
const MOST_KEY = 65_535; // bytes, as the format says
const MOST_AXES = 8; // ggml has 4
const MOST_ALIGNMENT = 0x100000;

/**
 * Reads the beginning of a GGUF file, version 2 or 3, little-endian. Nothing is believed before it is checked, and no more
 * memory is taken than the bytes that are given need.
 *
 * @param bytes the first bytes of the file, all of the header among them; the whole file will do.
 * @param fileBytes size of the whole file. Default: the length of `bytes`.
 * @throws TypeError, RangeError for what is not such a file, a header that `bytes` does not have whole, counts above the
 * bounds (200,000 tensors, 65,536 values, 8 axes, arrays 4 deep), two values or tensors of one name, tensors that overlap,
 * are not aligned, or reach past the end of the file.
 * @example
 * ```js
 * import { parseGgufHeader } from "nn-init/checkpoint";
 *
 * const bytes = new Uint8Array(32);
 * bytes.set([...new TextEncoder().encode("GGUF"), 3]); // no metadata and no tensors
 * console.log(parseGgufHeader(bytes).version); // 3
 * ```
 */
export function parseGgufHeader(bytes: Uint8Array, fileBytes: number = bytes?.length): GgufHeader {
  checkUint8Array("bytes", bytes);
  checkCount("fileBytes", fileBytes);
  const reader = new GgufReader(bytes);
  const version = reader.start();
  const tensorCount = reader.count("tensors", MOST_TENSORS);
  const valueCount = reader.count("metadata", MOST_VALUES);
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < valueCount; ++i) {
    const key = reader.text("metadata: key", MOST_KEY);
    if (metadata.has(key)) throw wrongValue("gguf: metadata", "each key once", key);
    metadata.set(key, reader.value(show(key), reader.type(show(key)), 0));
  }
  const alignment = alignmentIn(metadata);
  const table = Array.from({ length: tensorCount }, () => entryOf(reader));
  const headerBytes = Math.ceil(reader.at / alignment) * alignment;
  const tensors = table.map((entry) => placed(entry, headerBytes, alignment));
  checkPlaces(tensors, fileBytes);
  return { version, metadata, tensors, headerBytes };
}

function alignmentIn(metadata: ReadonlyMap<string, GgufValue>): number {
  const alignment = metadata.get("general.alignment") ?? 32;
  const isCount = typeof alignment === "number" && Number.isSafeInteger(alignment);
  const isPower = isCount && alignment >= 8 && alignment <= MOST_ALIGNMENT && (alignment & (alignment - 1)) === 0;
  if (isPower) return alignment;
  throw wrongValue("gguf: general.alignment", `a power of 2 from 8 to ${MOST_ALIGNMENT}`, alignment);
}

interface RawTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: number;
  readonly offset: number;
}

function entryOf(reader: GgufReader): RawTensor {
  const name = reader.text("tensor: name", MOST_KEY);
  const fail = (key: string, expected: string, got: unknown) =>
    wrongValue(`gguf: ${show(name)}: ${key}`, expected, got);
  const axes = reader.u32();
  if (axes > MOST_AXES) throw fail("shape", `at most ${MOST_AXES} axes`, axes);
  const shape = Array.from({ length: axes }, () => reader.u64()).reverse();
  const size = sizeOf(shape);
  if (!shape.every(Number.isSafeInteger) || !Number.isSafeInteger(8 * size)) {
    throw fail("shape", "at most 2^50 elements", shape);
  }
  return { name, shape, type: reader.u32(), offset: reader.u64() };
}

function placed({ name, shape, type, offset }: RawTensor, headerBytes: number, alignment: number): GgufHeaderTensor {
  if (!Number.isSafeInteger(headerBytes + offset) || offset % alignment !== 0) {
    throw wrongValue(`gguf: ${show(name)}: offset`, `a multiple of ${alignment} below 2^53`, offset);
  }
  const begin = headerBytes + offset;
  const known = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  if (known === undefined) return { name, shape, type: String(type), begin, end: undefined };
  const [typeName, elements, bytes] = known;
  const row = shape.at(-1) ?? 1;
  if (row % elements !== 0) {
    throw wrongValue(
      `gguf: ${show(name)}: shape`,
      `a multiple of ${elements} in the last axis, as ${typeName} has blocks`,
      shape,
    );
  }
  return { name, shape, type: typeName, begin, end: begin + (sizeOf(shape) / elements) * bytes };
}

function checkPlaces(tensors: readonly GgufHeaderTensor[], fileBytes: number): void {
  const names = new Set(tensors.map(({ name }) => name));
  if (names.size < tensors.length) throw new RangeError("gguf: expected each tensor once, got two of one name");
  let last: GgufHeaderTensor | undefined;
  for (const entry of [...tensors].sort((a, b) => a.begin - b.begin)) {
    if (last?.end !== undefined && entry.begin < last.end) {
      throw wrongValue(`gguf: ${show(entry.name)}: offset`, `to begin after ${show(last.name)} ends`, entry.begin);
    }
    if ((entry.end ?? entry.begin) > fileBytes) {
      throw wrongValue(
        `gguf: ${show(entry.name)}: end`,
        `at most the ${fileBytes} bytes of the file`,
        entry.end ?? entry.begin,
      );
    }
    last = entry;
  }
}

/** Reads forward through bytes, and never past them. */
class GgufReader {
  at = 0;
  readonly #view: DataView;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  start(): number {
    const magic = String.fromCharCode(...this.bytes.subarray(0, 4));
    if (magic !== "GGUF") throw new TypeError(`gguf: expected a file that begins with GGUF, got ${show(magic)}`);
    this.at = 4;
    const version = this.u32();
    if (version === 2 || version === 3) return version;
    const isBig = version === 0x03000000 || version === 0x02000000;
    throw wrongValue("gguf: version", "2 or 3, little-endian", isBig ? "a big-endian file" : version);
  }

  count(name: string, most: number): number {
    const count = this.u64();
    if (count > most) throw wrongValue(`gguf: ${name}`, `at most ${most}`, count);
    return count;
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** As a double: exact up to 2^53, and large beyond. */
  u64(): number {
    return Number(this.#view.getBigUint64(this.#take(8), true));
  }

  text(name: string, most = Number.MAX_SAFE_INTEGER): string {
    const length = this.u64();
    if (length > most) throw wrongValue(`gguf: ${name}`, `at most ${most} bytes`, length);
    const begin = this.#take(length);
    try {
      return this.#decoder.decode(this.bytes.subarray(begin, begin + length));
    } catch (cause) {
      throw new TypeError(`gguf: ${name}: expected UTF-8 text`, { cause });
    }
  }

  type(name: string): number {
    const type = this.u32();
    if (type <= VALUE_TYPES.f64) return type;
    throw wrongValue(`gguf: ${name}: type`, `a whole number from 0 to ${VALUE_TYPES.f64}`, type);
  }

  value(name: string, type: number, depth: number): GgufValue {
    if (type === VALUE_TYPES.array) return this.#array(name, depth);
    if (type === VALUE_TYPES.string) return this.text(name);
    if (type === VALUE_TYPES.bool) return this.#flag(name);
    return this.#number(type);
  }

  #array(name: string, depth: number): GgufValue[] {
    if (depth === MOST_DEPTH) throw wrongValue(`gguf: ${name}`, `arrays at most ${MOST_DEPTH} deep`, depth + 1);
    const type = this.type(name);
    const count = this.u64();
    // Every element takes a byte or more, so that no count can ask for more memory than there are bytes.
    const least = type === VALUE_TYPES.array ? 12 : type === VALUE_TYPES.string ? 8 : (SIZES[type] as number);
    const most = Math.floor((this.bytes.length - this.at) / least);
    if (count > most)
      throw wrongValue(`gguf: ${name}`, `at most the ${most} elements that fit into the bytes given`, count);
    return Array.from({ length: count }, () => this.value(name, type, depth + 1));
  }

  #flag(name: string): boolean {
    const byte = this.#view.getUint8(this.#take(1));
    if (byte > 1) throw wrongValue(`gguf: ${name}`, "0 or 1", byte);
    return byte === 1;
  }

  #number(type: number): number | bigint {
    const view = this.#view;
    const at = this.#take(SIZES[type] as number);
    switch (type) {
      case VALUE_TYPES.u8:
        return view.getUint8(at);
      case VALUE_TYPES.i8:
        return view.getInt8(at);
      case VALUE_TYPES.u16:
        return view.getUint16(at, true);
      case VALUE_TYPES.i16:
        return view.getInt16(at, true);
      case VALUE_TYPES.u32:
        return view.getUint32(at, true);
      case VALUE_TYPES.i32:
        return view.getInt32(at, true);
      case VALUE_TYPES.f32:
        return view.getFloat32(at, true);
      case VALUE_TYPES.f64:
        return view.getFloat64(at, true);
      default:
        return narrow(type === VALUE_TYPES.u64 ? view.getBigUint64(at, true) : view.getBigInt64(at, true));
    }
  }

  /** The offset of so many bytes, which are there. */
  #take(count: number): number {
    const begin = this.at;
    if (count > this.bytes.length - begin) {
      const expected = `${count} bytes at offset ${begin}`;
      throw new RangeError(`gguf: the header is cut off: expected ${expected}, got ${this.bytes.length - begin}`);
    }
    this.at = begin + count;
    return begin;
  }
}

/** Bytes of each type of numbers, by its number. */
const SIZES: readonly (number | undefined)[] = [1, 1, 2, 2, 4, 4, 4, 1, undefined, undefined, 8, 8, 8];

const narrow = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value);
