/** Reads an `.npz` archive whose arrays are stored, not compressed. Archives are untrusted: everything is checked. */
import { show, wrongValue } from "../check.js";
import { checkUint8Array } from "../checkpoint/bytes.js";
import { crc32 } from "./crc32.js";
import { parseNpyHeader } from "./npy.js";

/** An array of an archive. */
export interface NpzArray {
  /** Its name, without `.npy`. */
  readonly name: string;
  /** NumPy's description of the element type, such as `<f4`. */
  readonly descr: string;
  /** Whether the first axis is the fastest one. */
  readonly fortranOrder: boolean;
  /** Lengths of the axes. */
  readonly shape: readonly number[];
  /** Its elements, as the header says. */
  readonly bytes: Uint8Array;
}

const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const MOST_COMMENT = 65_535;
const MOST_ARRAYS = 200_000;
const MASK = 0xffffffff;

/**
 * Reads an `.npz` archive, as `numpy.savez` and `nn-init init --format npz` write it. Nothing is copied.
 *
 * @param file all of its bytes.
 * @returns the arrays, in the order of the archive's list; their `bytes` are views of `file`.
 * @throws TypeError, RangeError for what is not such an archive: compressed or encrypted files (`numpy.savez_compressed`),
 * files that are not arrays of numbers, more than 200,000 files, two of one name, files that overlap or reach past the end,
 * a checksum that is another one.
 * @example
 * ```js
 * import { readNpz } from "nn-init/checkpoint";
 *
 * const empty = new Uint8Array(22); // the list of an archive without files
 * empty.set([0x50, 0x4b, 5, 6]);
 * console.log(readNpz(empty).length); // 0
 * ```
 */
export function readNpz(file: Uint8Array): readonly NpzArray[] {
  checkUint8Array("file", file);
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const { count, begin, end } = directoryOf(view);
  const entries = [...centralEntries(file, view, count, begin, end)];
  checkApart(entries);
  return entries.map((entry) => arrayOf(file, entry));
}

interface Directory {
  readonly count: number;
  readonly begin: number;
  readonly end: number;
}

function directoryOf(view: DataView): Directory {
  const at = endOf(view);
  if (at === undefined) throw new TypeError("npz: expected a zip archive, got no list of files at its end");
  const small = {
    count: view.getUint16(at + 10, true),
    bytes: view.getUint32(at + 12, true),
    begin: view.getUint32(at + 16, true),
  };
  const isLarge = small.count === 0xffff || small.bytes === MASK || small.begin === MASK;
  const { count, bytes, begin } = (isLarge ? directory64(view, at) : undefined) ?? small;
  if (count > MOST_ARRAYS) throw wrongValue("npz: files", `at most ${MOST_ARRAYS}`, count);
  if (begin + bytes > at) throw wrongValue("npz: list of files", `to end before offset ${at}`, begin + bytes);
  return { count, begin, end: begin + bytes };
}

/** Where the list's end begins: 22 bytes before the end of the file, or earlier by the length of a comment. */
function endOf(view: DataView): number | undefined {
  const first = Math.max(0, view.byteLength - END_BYTES - MOST_COMMENT);
  for (let at = view.byteLength - END_BYTES; at >= first; --at) {
    const comment = view.byteLength - END_BYTES - at;
    if (view.getUint32(at, true) === END && view.getUint16(at + 20, true) === comment) return at;
  }
  return undefined;
}

function directory64(view: DataView, at: number): { count: number; bytes: number; begin: number } | undefined {
  if (at < 20 || view.getUint32(at - 20, true) !== LOCATOR64) return undefined;
  const place = number64(view, at - 12);
  if (place + 56 > at || view.getUint32(place, true) !== END64) {
    throw wrongValue("npz: zip64", "the end of a zip64 list of files", place);
  }
  return { count: number64(view, place + 32), bytes: number64(view, place + 40), begin: number64(view, place + 48) };
}

/** @throws RangeError past 2^53 - 1. */
function number64(view: DataView, at: number): number {
  const value = Number(view.getBigUint64(at, true));
  if (Number.isSafeInteger(value)) return value;
  throw wrongValue("npz: zip64", "a whole number of at most 2^53 - 1", value);
}

interface StoredFile {
  readonly name: string;
  readonly crc: number;
  /** Where its header begins. */
  readonly local: number;
  /** Where its bytes begin and end. */
  readonly begin: number;
  readonly end: number;
}

function* centralEntries(
  file: Uint8Array,
  view: DataView,
  count: number,
  begin: number,
  end: number,
): Generator<StoredFile> {
  const names = new Set<string>();
  let at = begin;
  for (let i = 0; i < count; ++i) {
    if (at + 46 > end || view.getUint32(at, true) !== CENTRAL) {
      throw wrongValue("npz: list of files", `${count} files`, i);
    }
    const [nameBytes, extraBytes, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true)) as [
      number,
      number,
      number,
    ];
    const next = at + 46 + nameBytes + extraBytes + comment;
    if (next > end) throw wrongValue("npz: list of files", `to end at offset ${end}`, next);
    const name = nameOf(file.subarray(at + 46, at + 46 + nameBytes));
    if (names.has(name)) throw wrongValue("npz: files", "each name once", name);
    names.add(name);
    yield entryAt(view, at, name, { begin: at + 46 + nameBytes, end: at + 46 + nameBytes + extraBytes });
    at = next;
  }
}

function nameOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new TypeError("npz: expected names in UTF-8", { cause });
  }
}

function entryAt(view: DataView, at: number, name: string, extra: { begin: number; end: number }): StoredFile {
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  if ((flags & 1) !== 0) throw wrongValue(`npz: ${show(name)}`, "a file that is not encrypted", "an encrypted one");
  if (method !== 0) {
    throw wrongValue(
      `npz: ${show(name)}`,
      "a stored file, as numpy.savez writes",
      `one compressed by method ${method}`,
    );
  }
  const fields = [24, 20, 42].map((offset) => view.getUint32(at + offset, true));
  const [size, stored, local] = wide(view, fields, extra) as [number, number, number];
  if (size !== stored) throw wrongValue(`npz: ${show(name)}: bytes`, `${size}, as it is stored`, stored);
  return { name, crc: view.getUint32(at + 16, true), local, ...bytesAt(view, name, local, size) };
}

/** Numbers of a header. Those whose bits are all ones stand in the zip64 field instead, in this order. */
function wide(view: DataView, fields: readonly number[], extra: { begin: number; end: number }): readonly number[] {
  if (!fields.includes(MASK)) return fields;
  for (let at = extra.begin; at + 4 <= extra.end; ) {
    const next = at + 4 + view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1 && next <= extra.end) {
      let place = at + 4;
      return fields.map((field) => {
        if (field !== MASK) return field;
        if (place + 8 > next) throw wrongValue("npz: zip64", "a number for each that is too large", next - at - 4);
        place += 8;
        return number64(view, place - 8);
      });
    }
    at = next;
  }
  return fields;
}

function bytesAt(view: DataView, name: string, local: number, size: number): { begin: number; end: number } {
  if (local + 30 > view.byteLength || view.getUint32(local, true) !== LOCAL) {
    throw wrongValue(`npz: ${show(name)}: offset`, "the header of a file", local);
  }
  const begin = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (begin + size <= view.byteLength) return { begin, end: begin + size };
  throw wrongValue(`npz: ${show(name)}: end`, `at most the ${view.byteLength} bytes of the archive`, begin + size);
}

/** Files that share bytes make a small archive large. */
function checkApart(entries: readonly StoredFile[]): void {
  let end = 0;
  for (const entry of [...entries].sort((a, b) => a.local - b.local)) {
    if (entry.local < end)
      throw wrongValue(`npz: ${show(entry.name)}: offset`, `at least ${end}, where the last ends`, entry.local);
    end = entry.end;
  }
}

function arrayOf(file: Uint8Array, { name, crc, begin, end }: StoredFile): NpzArray {
  if (!name.endsWith(".npy")) throw wrongValue("npz: files", "names that end in .npy", name);
  const npy = file.subarray(begin, end);
  const found = crc32(npy);
  if (found !== crc) throw wrongValue(`npz: ${show(name)}: checksum`, String(crc), found);
  const { headerBytes, dataBytes, ...literal } = parseNpyHeader(npy);
  if (headerBytes + dataBytes !== npy.length) {
    throw wrongValue(`npz: ${show(name)}: bytes`, `${dataBytes} for its shape`, npy.length - headerBytes);
  }
  return { ...literal, name: name.slice(0, -4), bytes: npy.subarray(headerBytes) };
}
