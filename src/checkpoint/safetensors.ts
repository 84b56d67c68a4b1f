/**
 * The safetensors format: the length of the header in 8 bytes, a JSON header, then the bytes of the tensors, little-endian
 * and row-major. Headers are untrusted input; everything in them is checked before it is used.
 */
import { checkCount, checkText, clipped, isObject, show, wrongValue } from "../check.js";
import { ELEMENT_TYPES, type ElementType } from "../model/element.js";
import { rangeError } from "../model/fault.js";
import { sizeOf } from "../shape.js";
import { perhaps } from "../spelling.js";
import { checkUint8Array } from "./bytes.js";
import { MOST_HEADER, notSafetensors } from "./format.js";
import { parseJson } from "./json.js";

/** Bits of one element, for every type that the format has. */
export const BITS = {
  ...{ F4: 4, F6_E2M3: 6, F6_E3M2: 6, F8_E4M3: 8, F8_E5M2: 8, F8_E8M0: 8, F8_E4M3FNUZ: 8, F8_E5M2FNUZ: 8 },
  ...{ F16: 16, BF16: 16, F32: 32, F64: 64, C64: 64 },
  ...{ BOOL: 8, U8: 8, I8: 8, U16: 16, I16: 16, U32: 32, I32: 32, U64: 64, I64: 64 },
} as const;

/** An element type as files name it. */
export type FileType = keyof typeof BITS;

const FILE_TYPES = Object.keys(BITS) as readonly FileType[];

/**
 * The type of a name, as a string literal of this program. Optimized code of V8 11.3 (Node 20) compared a string that a
 * worker's message had brought as unequal to the same literal in 3 of 100 runs (measured).
 */
export const fileType = (name: string): FileType | undefined =>
  FILE_TYPES[(FILE_TYPES as readonly string[]).indexOf(name)];

/** The name of an element type in files. */
export const storedAs = (type: ElementType): FileType => STORED[type];

const STORED = Object.fromEntries(ELEMENT_TYPES.map((type) => [type, type.toUpperCase()])) as Record<
  ElementType,
  FileType
>;

/** The element type of a name in files; undefined for types that cannot be drawn. */
export const elementOf = (stored: FileType): ElementType | undefined =>
  ELEMENT_TYPES.find((type) => storedAs(type) === stored);

/** A tensor in the header of a safetensors file. */
export interface LocatedTensor {
  /** Unique in the file. */
  readonly name: string;
  /** The element type as files name it: `F32`, `BF16`. */
  readonly dtype: FileType;
  /** Lengths of the axes, row-major. */
  readonly shape: readonly number[];
  /** Its first byte, counted from the end of the header. */
  readonly begin: number;
  /** The byte after its last. */
  readonly end: number;
}

/** What the header of a safetensors file says. */
export interface SafetensorsHeader {
  /** In the order of their bytes. */
  readonly tensors: readonly LocatedTensor[];
  /** Strings by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The metadata keys that record how to draw the file again. */
export const RECORD = { stream: "nn-init.stream", seed: "nn-init.seed", schemes: "nn-init.schemes" } as const;

/** The metadata key that the files of one checkpoint have in common, with one value. */
export const CHECKPOINT_KEY = "nn-init.checkpoint";

/**
 * The length of the header, from the first 8 bytes of a file.
 *
 * @param bytes the first 8 bytes, or more.
 * @param fileBytes size of the whole file.
 * @throws RangeError for a header that does not fit into the file.
 */
export function safetensorsHeaderLength(bytes: Uint8Array, fileBytes: number): number {
  checkUint8Array("bytes", bytes);
  checkCount("fileBytes", fileBytes);
  if (bytes.length < 8) throw new RangeError(`file: expected at least 8 bytes, got ${fileBytes}`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length <= MOST_HEADER && Number(length) + 8 <= fileBytes) return Number(length);
  const other = length > MOST_HEADER ? notSafetensors(bytes) : undefined;
  if (other !== undefined) throw new TypeError(`expected a safetensors file, got ${other}`);
  if (length > MOST_HEADER) throw wrongValue("header", `at most ${MOST_HEADER} bytes`, Number(length));
  throw wrongValue("header", `at most the ${fileBytes - 8} bytes that follow in the file`, Number(length));
}

/**
 * Checks a header.
 *
 * @param json the bytes of the header.
 * @param dataBytes bytes that follow the header in the file.
 * @throws TypeError, RangeError naming the tensor: duplicate names, unknown types, shapes that overflow, bytes that overlap,
 * belong to no tensor or are missing.
 */
export function parseSafetensorsHeader(json: Uint8Array, dataBytes: number): SafetensorsHeader {
  checkUint8Array("json", json);
  checkCount("dataBytes", dataBytes);
  if (json[0] !== 0x7b) {
    const [first] = json;
    const got = first === undefined ? "nothing" : `the byte 0x${first.toString(16).padStart(2, "0")}`;
    throw new TypeError(`header: expected a JSON object, with "{" as its first byte, got ${got}`);
  }
  const { __metadata__: metadata = {}, ...described } = parseObject(json);
  checkMetadata(metadata);
  const tensors = Object.entries(described).map(([name, entry]) => checkTensor(name, entry));
  tensors.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const tensor of tensors) {
    if (tensor.begin < end) throw wrongOffsets(tensor, `to begin at ${end}, where the tensor before it ends`);
    if (tensor.begin > end) throw wrongOffsets(tensor, `to begin at ${end}, since every byte belongs to a tensor`);
    end = tensor.end;
  }
  if (end > dataBytes) {
    const incomplete = tensors.find((tensor) => tensor.end > dataBytes) as LocatedTensor;
    const which = `the first incomplete tensor is ${show(incomplete.name)}`;
    throw rangeError(`the file is cut off: expected ${end} bytes of tensors, got ${dataBytes}; ${which}`);
  }
  if (end < dataBytes) {
    throw new RangeError(`file: expected ${end} bytes of tensors, got ${dataBytes}: the rest belongs to no tensor`);
  }
  return { tensors, metadata: metadata as Record<string, string> };
}

const wrongOffsets = ({ name, begin, end }: LocatedTensor, expected: string) =>
  wrongValue(`${show(name)}: data_offsets`, expected, [begin, end]);

function checkTensor(name: string, entry: unknown): LocatedTensor {
  const fail = (key: string, expected: string, got: unknown) => wrongValue(`${show(name)}: ${key}`, expected, got);
  if (!isObject(entry)) throw fail("entry", "an object with dtype, shape and data_offsets", entry);
  const { dtype, shape, data_offsets: offsets, ...rest } = entry;
  const [other] = Object.keys(rest);
  if (other !== undefined) throw fail("entry", "the keys dtype, shape and data_offsets", other);
  const bits = sizeInBits(name, dtype, shape);
  if (!isCounts(offsets) || offsets.length !== 2) throw fail("data_offsets", "two whole numbers from 0", offsets);
  const [begin, end] = offsets as [number, number];
  if (end - begin !== bits / 8) throw fail("data_offsets", `${bits / 8} bytes for its shape and dtype`, end - begin);
  return { name, dtype: fileType(dtype as string) as FileType, shape: shape as number[], begin, end };
}

/** The size of a tensor in bits: an element may have fewer than 8. */
export function sizeInBits(name: string, dtype: unknown, shape: unknown): number {
  const fail = (key: string, expected: string, got: unknown) => wrongValue(`${show(name)}: ${key}`, expected, got);
  checkText("name", name);
  const type = fileType(dtype as string);
  if (type === undefined) throw fail("dtype", `one of ${FILE_TYPES.join(", ")}${perhaps(dtype, FILE_TYPES)}`, dtype);
  if (!isCounts(shape)) throw fail("shape", "at most 64 whole numbers from 0", shape);
  const bits = BITS[type] * sizeOf(shape);
  if (!Number.isSafeInteger(bits)) throw fail("shape", "at most 2^53 - 1 bits", shape);
  if (bits % 8 !== 0) throw fail("shape", `a whole number of bytes, as elements have ${BITS[type]} bits`, shape);
  return bits;
}

export function checkMetadata(metadata: unknown): Record<string, string> {
  if (isObject(metadata) && Object.values(metadata).every((value) => typeof value === "string")) {
    return metadata as Record<string, string>;
  }
  throw new TypeError("__metadata__: expected an object of strings");
}

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length <= MOST_AXES && value.every((x) => Number.isSafeInteger(x) && x >= 0);

const MOST_AXES = 64;

/** @param bytes that begin with "{". */
function parseObject(bytes: Uint8Array): Record<string, unknown> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new TypeError("the header is not valid JSON: its bytes are no UTF-8", { cause: error });
  }
  try {
    return parseJson(text) as Record<string, unknown>;
  } catch (error) {
    throw new TypeError(clipped(`the header is not valid JSON: ${(error as Error).message}`), { cause: error });
  }
}
