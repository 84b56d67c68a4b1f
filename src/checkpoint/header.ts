/** Writing headers of safetensors files. */
import { checkText, isObject, show, wrongType, wrongValue } from "../check.js";
import { MOST_HEADER } from "./format.js";
import { checkMetadata, type FileType, sizeInBits } from "./safetensors.js";

/** What a header says of a tensor; its bytes follow those of the tensor before it. */
export interface HeaderTensor {
  /** Unique in the file, and not `__metadata__`. */
  readonly name: string;
  /** The element type as files name it: `F32`, `BF16`. */
  readonly dtype: FileType;
  /** Lengths of the axes, row-major. */
  readonly shape: readonly number[];
}

/**
 * The first bytes of a safetensors file: the length of the header in 8 bytes, then the header in JSON, padded with spaces so
 * that the tensors begin at a multiple of 8. The bytes of the tensors follow, in this order and without gaps.
 *
 * @param tensors name, dtype and shape of each.
 * @param metadata strings by name. Readers of PyTorch files expect `format: "pt"`.
 * @throws TypeError, RangeError naming the tensor: for a name that is no string, two of one name, a dtype that the format does not
 * have, a shape whose size in bits is not a multiple of 8 or above 2^53 - 1, a header above 100,000,000 bytes; for metadata that is
 * not strings by name.
 * @example
 * ```js
 * import { safetensorsHeader } from "nn-init/checkpoint";
 *
 * const header = safetensorsHeader([{ name: "w", dtype: "F32", shape: [2, 3] }], { format: "pt" });
 * console.log(header.length, new TextDecoder().decode(header.subarray(8, 39))); // 96 {"__metadata__":{"format":"pt"}
 * ```
 */
export function safetensorsHeader(
  tensors: readonly HeaderTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  checkList(tensors);
  const own = JSON.stringify(checkWritten(metadata));
  const read = tensors.map(({ name, dtype, shape }, i) => ({
    name: checkName(i, name),
    dtype,
    shape: Array.isArray(shape) ? [...shape] : shape,
  }));
  return headerInPieces(
    read,
    ({ dtype }) => dtype,
    () => [own],
  );
}

/** @throws TypeError, RangeError for metadata that a file would lose, or that no reader takes. */
function checkWritten(metadata: unknown): Record<string, string> {
  if (metadata instanceof Map) throw wrongType("metadata", "an object of strings", metadata);
  const own = checkMetadata(metadata);
  for (const text of Object.entries(own).flat()) checkText("metadata", text);
  return own;
}

function checkName(i: number, name: unknown): string {
  if (typeof name !== "string") throw wrongType(`tensors[${i}]: name`, "a string", name);
  return name;
}

function checkList(tensors: unknown): void {
  if (Array.isArray(tensors) && tensors.every(isObject)) return;
  throw wrongType("tensors", "a list of objects with name, dtype and shape", tensors);
}

/**
 * As `safetensorsHeader`. Of very many tensors the header is never one string, of which there would be several copies.
 *
 * @param typeOf the element type of a tensor, as files name it.
 * @param metadata the JSON of an object of strings, in pieces; called twice.
 */
export function headerInPieces<T extends Pick<HeaderTensor, "name" | "shape">>(
  tensors: readonly T[],
  typeOf: (tensor: T) => FileType,
  metadata: () => Iterable<string>,
): Uint8Array<ArrayBuffer> {
  const offsets = offsetsOf(tensors, typeOf);
  const order = inOrderOfJson([METADATA, ...tensors.map(({ name }) => name)]);
  return framed(() => piecesOf(tensors, typeOf, metadata, offsets, order));
}

function* piecesOf<T extends Pick<HeaderTensor, "name" | "shape">>(
  tensors: readonly T[],
  typeOf: (tensor: T) => FileType,
  metadata: () => Iterable<string>,
  offsets: readonly number[],
  order: readonly number[],
): Generator<string> {
  let before = "{";
  for (const i of order) {
    if (i === 0) {
      yield `${before}"${METADATA}":`;
      yield* metadata();
    } else {
      const tensor = tensors[i - 1] as T;
      const { name, shape } = tensor;
      const entry = { dtype: typeOf(tensor), shape, data_offsets: [offsets[i - 1], offsets[i]] };
      yield `${before}${JSON.stringify(name)}:${JSON.stringify(entry)}`;
    }
    before = ",";
  }
  yield "}";
}

/** Where each tensor begins, and where the last one ends. */
function offsetsOf<T extends Pick<HeaderTensor, "name" | "shape">>(
  tensors: readonly T[],
  typeOf: (tensor: T) => FileType,
): readonly number[] {
  const names = new Set([METADATA]);
  const offsets = [0];
  let end = 0;
  for (const tensor of tensors) {
    const { name, shape } = tensor;
    end += sizeInBits(name, typeOf(tensor), shape) / 8;
    if (!Number.isSafeInteger(end)) throw wrongValue(`${show(name)}: end`, "at most 2^53 - 1 bytes", end);
    if (names.has(name)) throw wrongValue("name", "one that no other tensor has, and not __metadata__", name);
    names.add(name);
    offsets.push(end);
  }
  return offsets;
}

/** The places of names, in the order of `JSON.stringify`: whole numbers come first. */
export function inOrderOfJson(names: readonly string[]): readonly number[] {
  const isIndex = (i: number) => INDEX.test(names[i] as string) && Number(names[i]) < MOST_INDEX;
  const places = names.map((_, i) => i);
  const indices = places.filter(isIndex).sort((a, b) => Number(names[a]) - Number(names[b]));
  return indices.length === 0 ? places : [...indices, ...places.filter((i) => !isIndex(i))];
}

const METADATA = "__metadata__";
const INDEX = /^(0|[1-9]\d{0,9})$/;
const MOST_INDEX = 0xffffffff;

const SHORT = 0x20000; // bytes of a header that is made at once

function framed(pieces: () => Iterable<string>): Uint8Array<ArrayBuffer> {
  let short = "";
  let length = 0;
  for (const piece of pieces()) {
    length += utf8Length(piece);
    if (length < SHORT) short += piece;
  }
  const bytes = new Uint8Array(paddedLength(length)).fill(SPACE);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(bytes.length - 8), true);
  const encoder = new TextEncoder();
  let at = 8;
  for (const piece of length < SHORT ? [short] : pieces()) at += encoder.encodeInto(piece, bytes.subarray(at)).written;
  return bytes;
}

/**
 * The bytes of a header, from those of its JSON.
 *
 * @throws RangeError for one that is larger than the format allows.
 */
export function paddedLength(json: number): number {
  const padded = Math.ceil(json / 8) * 8;
  if (padded > MOST_HEADER) throw wrongValue("header", `at most ${MOST_HEADER} bytes`, padded);
  return 8 + padded;
}

/** The bytes of the JSON of a header, without the length before it and the spaces after it. */
export function jsonLength(header: Uint8Array): number {
  let end = header.length;
  while (header[end - 1] === SPACE) end -= 1;
  return end - 8;
}

const SPACE = 32;

const utf8Length = (text: string): number =>
  /[^\0-\x7f]/.test(text) ? new TextEncoder().encode(text).length : text.length;
