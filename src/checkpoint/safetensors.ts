/**
 * The safetensors format: eight bytes of length, a JSON header, the tensors' bytes, little-endian and row-major. Headers
 * that are read may come from anywhere: nothing in them is believed before it is checked.
 */
import { visit } from "jsonc-parser";
import { show, wrongValue } from "../check.js";
import { ELEMENT_TYPES, type ElementType } from "../model/element.js";
import type { PlannedModel } from "../model/model.js";
import { sizeOf } from "../shape.js";
import { type Seed, STREAM_VERSION } from "../stream.js";

/** Bits of an element of each type that a file may have. */
export const BITS = {
  ...{ F4: 4, F6_E2M3: 6, F6_E3M2: 6, F8_E4M3: 8, F8_E5M2: 8, F8_E8M0: 8, F8_E4M3FNUZ: 8, F8_E5M2FNUZ: 8 },
  ...{ F16: 16, BF16: 16, F32: 32, F64: 64, C64: 64 },
  ...{ BOOL: 8, U8: 8, I8: 8, U16: 16, I16: 16, U32: 32, I32: 32, U64: 64, I64: 64 },
} as const;

export type FileType = keyof typeof BITS;

const FILE_TYPES = Object.keys(BITS) as readonly FileType[];

/**
 * A type by its name, as this program's own string. One that a message brought is another object, which optimized code
 * of V8 11.3 (Node 20) took for unequal to a literal of the same letters in 3 of 100 runs (measured).
 */
export const fileType = (name: string): FileType | undefined =>
  FILE_TYPES[(FILE_TYPES as readonly string[]).indexOf(name)];

/** An element's type as files name it. */
export const storedAs = (type: ElementType): FileType => type.toUpperCase() as FileType;

/** The reverse; none of types that are not drawn. */
export const elementOf = (stored: FileType): ElementType | undefined =>
  ELEMENT_TYPES.find((type) => storedAs(type) === stored);

export interface Entry {
  readonly name: string;
  readonly dtype: FileType;
  readonly shape: readonly number[];
  /** Bytes from where the tensors' bytes begin. */
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  /** By where they are in the file. */
  readonly entries: readonly Entry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** The most bytes of a header: as the safetensors library has it. */
export const MOST_HEADER = 100_000_000;

/** The keys of what is recorded: how to draw a file's tensors again. */
export const RECORD = { stream: "nn-init.stream", seed: "nn-init.seed", schemes: "nn-init.schemes" } as const;

/**
 * A file's first bytes. The metadata say how to draw the tensors again; nothing in them varies between runs, engines or
 * releases.
 *
 * @param types of each tensor.
 */
export function safetensorsHeader({ tensors }: PlannedModel, seed: Seed, types: readonly ElementType[]): Uint8Array {
  const entries: [string, unknown][] = [];
  let begin = 0;
  for (const [i, { name, shape }] of tensors.entries()) {
    const dtype = storedAs(types[i] as ElementType);
    const end = begin + (BITS[dtype] / 8) * sizeOf(shape);
    entries.push([name, { dtype, shape, data_offsets: [begin, end] }]);
    begin = end;
  }
  const metadata = {
    format: "pt", // transformers reads no file without it
    [RECORD.stream]: String(STREAM_VERSION),
    [RECORD.seed]: String(seed),
    [RECORD.schemes]: JSON.stringify(Object.fromEntries(tensors.map(({ name, scheme }) => [name, scheme]))),
  };
  const json = new TextEncoder().encode(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }));
  const padded = Math.ceil(json.length / 8) * 8; // so that the tensors begin at a multiple of 8
  const bytes = new Uint8Array(8 + padded).fill(32);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(json, 8);
  return bytes;
}

/** The length of the header that follows, from a file's first eight bytes. */
export function headerLength(bytes: Uint8Array, fileBytes: number): number {
  if (bytes.length < 8) throw wrongValue("file", "eight bytes of length, a header and tensors", `${fileBytes} bytes`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > MOST_HEADER) throw wrongValue("header", `at most ${MOST_HEADER} bytes`, Number(length));
  if (Number(length) + 8 > fileBytes) {
    throw wrongValue("header", `at most the ${fileBytes - 8} bytes that follow in the file`, Number(length));
  }
  return Number(length);
}

/**
 * What a header says.
 *
 * @param dataBytes how many follow the header in the file.
 * @throws Error naming the tensor: duplicate names, unknown types, shapes that overflow, bytes that overlap, are not
 * claimed or are not there.
 */
export function parseHeader(json: Uint8Array, dataBytes: number): Header {
  const parsed = parseObject(new TextDecoder("utf-8", { fatal: true }).decode(json));
  const { __metadata__: metadata = {}, ...tensors } = parsed;
  if (!isObject(metadata) || Object.values(metadata).some((value) => typeof value !== "string")) {
    throw new TypeError("__metadata__: expected an object of strings");
  }
  const entries = Object.entries(tensors).map(([name, entry]) => checkEntry(name, entry));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const entry of entries) {
    if (entry.begin < end) throw wrongOffsets(entry, `to begin at ${end}, where the one before ends`);
    if (entry.begin > end) throw wrongOffsets(entry, `to begin at ${end}: bytes of no tensor lie between`);
    end = entry.end;
  }
  if (end > dataBytes) {
    const cut = entries.find((entry) => entry.end > dataBytes) as Entry;
    throw new RangeError(
      `the file is cut off: expected ${end} bytes of tensors, got ${dataBytes}; the first one that is not whole is ${show(cut.name)}`,
    );
  }
  if (end < dataBytes) throw new RangeError(`expected ${end} bytes of tensors, got ${dataBytes}: some are of none`);
  return { entries, metadata: metadata as Record<string, string> };
}

const wrongOffsets = ({ name, begin, end }: Entry, expected: string) =>
  wrongValue(`${show(name)}: data_offsets`, expected, [begin, end]);

function checkEntry(name: string, entry: unknown): Entry {
  const fail = (key: string, expected: string, got: unknown) => wrongValue(`${show(name)}: ${key}`, expected, got);
  if (!isObject(entry)) throw fail("entry", "an object of dtype, shape and data_offsets", entry);
  const { dtype, shape, data_offsets: offsets, ...rest } = entry;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw fail("entry", "dtype, shape and data_offsets", unknown);
  const type = typeof dtype === "string" ? fileType(dtype) : undefined;
  if (type === undefined) throw fail("dtype", `one of ${FILE_TYPES.join(", ")}`, dtype);
  if (!isCounts(shape)) throw fail("shape", "a list of whole numbers from 0", shape);
  if (!isCounts(offsets) || offsets.length !== 2) throw fail("data_offsets", "two whole numbers from 0", offsets);
  const [begin, end] = offsets as [number, number];
  const bits = BITS[type] * (shape.includes(0) ? 0 : sizeOf(shape));
  if (!Number.isSafeInteger(bits)) throw fail("shape", "at most 2^53 - 1 bits", shape);
  if (end - begin !== bits / 8) throw fail("data_offsets", `${bits / 8} bytes for its shape and dtype`, end - begin);
  return { name, dtype: type, shape, begin, end };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length <= MOST_AXES && value.every((x) => Number.isSafeInteger(x) && x >= 0);

const MOST_AXES = 64;

function parseObject(text: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new TypeError(`the header is not JSON: ${(error as Error).message}`, { cause: error });
  }
  if (!isObject(parsed)) throw new TypeError("the header is not a JSON object");
  const twice = duplicateKey(text);
  if (twice !== undefined) throw new TypeError(`two tensors are named ${show(twice.key)}`);
  return parsed;
}

/** The first key that an object has twice, of which JSON.parse keeps the last, and the line it is in. */
export function duplicateKey(json: string): { readonly key: string; readonly line: number } | undefined {
  const open: Set<string>[] = [];
  let found: { key: string; line: number } | undefined;
  visit(json, {
    onObjectBegin: () => void open.push(new Set()),
    onObjectEnd: () => void open.pop(),
    onObjectProperty(key, _, __, line) {
      const keys = open.at(-1);
      if (keys?.has(key)) found ??= { key, line: line + 1 };
      keys?.add(key);
    },
  });
  return found;
}
