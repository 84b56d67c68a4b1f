/** NumPy's format for one array: magic, version, and a Python dictionary in front of the bytes (NEP 1). */
import { show, wrongValue } from "../check.js";
import { checkUint8Array } from "../checkpoint/bytes.js";
import type { ElementType } from "../model/element.js";
import { sizeOf } from "../shape.js";

/** How NumPy names the element types that it has. It has no bfloat16. */
const DESCRIPTIONS: Readonly<Partial<Record<ElementType, string>>> = {
  ...{ f32: "<f4", f64: "<f8", f16: "<f2", i64: "<i8", i32: "<i4", i16: "<i2", i8: "|i1", u8: "|u1", bool: "|b1" },
};

/** What NumPy calls an element type; undefined where it has none. */
export const numpyType = (type: ElementType): string | undefined => DESCRIPTIONS[type];

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
const ALIGNMENT = 64; // of the bytes of the array, as NumPy has it
const MOST_AXES = 64; // as NumPy 2

/** The header of an array, and where its elements lie. */
export interface NpyHeader {
  /** NumPy's description of the element type: byte order, kind and bytes, such as `<f4`. */
  readonly descr: string;
  /** Whether the first axis is the fastest one. */
  readonly fortranOrder: boolean;
  /** Lengths of the axes. */
  readonly shape: readonly number[];
  /** Where the elements begin. */
  readonly headerBytes: number;
  /** Bytes of the elements. */
  readonly dataBytes: number;
}

/**
 * The first bytes of a `.npy` file, version 1. The elements follow, row-major.
 *
 * @throws RangeError for more axes than NumPy has, which no reader takes.
 */
export function npyHeader(descr: string, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  if (shape.length > MOST_AXES) throw wrongValue("shape", `at most ${MOST_AXES} axes, as NumPy has`, shape.length);
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((MAGIC.length + 4 + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(length).fill(0x20);
  bytes.set(MAGIC);
  bytes.set([1, 0, (length - 10) & 255, (length - 10) >> 8], MAGIC.length);
  bytes.set(new TextEncoder().encode(text), MAGIC.length + 4);
  bytes[length - 1] = 0x0a;
  return bytes;
}

const MOST_HEADER = 65_535; // bytes: all that version 1 can have, and more than any shape needs

/**
 * Reads the header of a `.npy` file. Nothing in it is believed before it is checked, and nothing in it is run: NumPy's header
 * is a Python literal, of which only the dictionary that NumPy writes is read.
 *
 * @param bytes the first bytes of the file, at least all of the header: 65,545 are always enough.
 * @throws TypeError, RangeError for what is not the header of an array of numbers: another magic, a version that is not 1, 2 or
 * 3, a header above 65,535 bytes, other keys, records and objects, more than 64 axes, a size past 2^53 - 1.
 * @example
 * ```js
 * import { parseNpyHeader } from "nn-init/checkpoint";
 *
 * const text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".padEnd(117) + "\n";
 * const bytes = new Uint8Array([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, 118, 0, ...new TextEncoder().encode(text)]);
 * console.log(parseNpyHeader(bytes).shape); // [ 2, 3 ]
 * ```
 */
export function parseNpyHeader(bytes: Uint8Array): NpyHeader {
  checkUint8Array("bytes", bytes);
  if (bytes.length < 10 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw new TypeError("npy: expected a file that begins with \\x93NUMPY, got another one");
  }
  const [version = 0] = bytes.subarray(6);
  if (version < 1 || version > 3) throw wrongValue("npy: version", "1, 2 or 3", version);
  const begin = version === 1 ? 10 : 12;
  if (bytes.length < begin) throw wrongValue("npy: header", `at least ${begin} bytes`, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MOST_HEADER) throw wrongValue("npy: header", `at most ${MOST_HEADER} bytes`, length);
  if (begin + length > bytes.length) {
    throw wrongValue("npy: header", `at most the ${bytes.length - begin} bytes that follow`, length);
  }
  const literal = checkHeader(textOf(bytes.subarray(begin, begin + length)));
  return { ...literal, headerBytes: begin + length, dataBytes: dataBytesOf(literal) };
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new TypeError("npy: header: expected UTF-8 text", { cause });
  }
}

const ENTRY = /\s*'(descr|fortran_order|shape)'\s*:\s*(?:'([^'\\]{1,32})'|(True|False)|\(([\d\s,]*)\))\s*(,|(?=\}))/y;

type NpyLiteral = Pick<NpyHeader, "descr" | "fortranOrder" | "shape">;

function checkHeader(text: string): NpyLiteral {
  const fail = (): never => {
    throw new TypeError(
      `npy: header: expected {'descr': ..., 'fortran_order': ..., 'shape': ...} of one type of numbers, got ${show(text.trim())}`,
    );
  };
  if (!text.startsWith("{")) fail();
  let descr: string | undefined;
  let fortranOrder: boolean | undefined;
  let shape: readonly number[] | undefined;
  ENTRY.lastIndex = 1;
  let end = 1;
  for (let entry = ENTRY.exec(text); entry !== null; entry = ENTRY.exec(text)) {
    const [, key, type, flag, tuple] = entry;
    if (key === "descr" && type !== undefined && descr === undefined) descr = type;
    else if (key === "fortran_order" && flag !== undefined && fortranOrder === undefined)
      fortranOrder = flag === "True";
    else if (key === "shape" && tuple !== undefined && shape === undefined) shape = checkTuple(tuple);
    else fail();
    end = ENTRY.lastIndex;
  }
  if (!/^\s*\}\s*$/.test(text.slice(end))) fail();
  if (descr === undefined || fortranOrder === undefined || shape === undefined) return fail();
  return { descr, fortranOrder, shape };
}

function checkTuple(text: string): readonly number[] {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.at(-1) === "") parts.pop();
  if (parts.length > MOST_AXES) throw wrongValue("npy: shape", `at most ${MOST_AXES} axes`, parts.length);
  return parts.map((part) => {
    const length = Number(part);
    if (/^\d{1,16}$/.test(part) && Number.isSafeInteger(length)) return length;
    throw wrongValue("npy: shape", "whole numbers from 0 to 2^53 - 1", part);
  });
}

/**
 * NumPy's descriptions of numbers: byte order, kind, bytes of one. Long doubles have 12 or 16 bytes; V is how files have types that
 * NumPy does not know, such as bfloat16; M and m are dates and durations, whose unit follows.
 */
const KINDS =
  /^[<>|=](?=b1$|[iu][1248]$|f(?:[248]|12|16)$|c(?:8|16|24|32)$|V\d{1,4}$|[Mm]8(?:\[\d{0,9}(?:[YMWDhms]|[munpfa]s)\])?$)[a-zA-Z](\d+)/;

function dataBytesOf({ descr, shape }: NpyLiteral): number {
  const [, size] = KINDS.exec(descr) ?? [];
  if (size === undefined || Number(size) === 0) throw wrongValue("npy: descr", "a type of numbers, such as <f4", descr);
  const bytes = Number(size) * sizeOf(shape);
  if (!Number.isSafeInteger(bytes)) throw wrongValue("npy: shape", "at most 2^53 - 1 bytes", shape);
  return bytes;
}
