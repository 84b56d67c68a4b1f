/** The beginning of a GGUF file, version 3: metadata, then a table of tensors. (ggml's docs/gguf.md) */
import { show, wrongValue } from "../../check.js";
import { sizeOf } from "../../shape.js";

/** How GGUF names and numbers the types of its metadata. */
export const VALUE_TYPES = {
  ...{ u8: 0, i8: 1, u16: 2, i16: 3, u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9, u64: 10, i64: 11, f64: 12 },
} as const;

/** A type of metadata that is not an array. */
export type ScalarType = Exclude<keyof typeof VALUE_TYPES, "array">;

/** A value of metadata, with its type. */
export type TypedValue =
  | { readonly type: ScalarType; readonly value: number | bigint | string | boolean }
  | { readonly type: "array"; readonly of: ScalarType; readonly value: TypedList };

/** The values of an array, which need not be in memory together. */
export interface TypedList extends Iterable<number | string | boolean> {
  readonly length: number;
}

/** Element types that are written, with ggml's numbers. */
export const GGML_TYPES = { f32: 0, f16: 1, bf16: 30 } as const;

export type GgufDType = keyof typeof GGML_TYPES;

/** A tensor in the table. */
interface GgufTensor {
  readonly name: string;
  /** Row-major: GGUF itself lists the lengths in reverse. */
  readonly shape: readonly number[];
  readonly dtype: GgufDType;
}

/** Every tensor begins at a multiple of it, counted from the end of the header. */
export const ALIGNMENT = 32;

const MOST_NAME = 63; // bytes of a tensor's name, as ggml's GGML_MAX_NAME has it

export const aligned = (offset: number): number => Math.ceil(offset / ALIGNMENT) * ALIGNMENT;

/**
 * The bytes before the tensors, padded. The tensors follow in this order, each padded.
 *
 * @throws RangeError for a name of a tensor that ggml would not read, and for a number that its type does not hold.
 */
export function ggufHeader(
  metadata: ReadonlyMap<string, TypedValue>,
  tensors: readonly GgufTensor[],
): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter();
  out.bytes(new TextEncoder().encode("GGUF"));
  out.number("u32", 3);
  out.number("u64", tensors.length);
  out.number("u64", metadata.size);
  for (const [name, value] of metadata) {
    out.text(name);
    out.typed(name, value);
  }
  let offset = 0;
  for (const { name, shape, dtype } of tensors) {
    if (new TextEncoder().encode(name).length > MOST_NAME) {
      throw wrongValue("tensor", `a name of at most ${MOST_NAME} bytes, as ggml reads`, name);
    }
    out.text(name);
    out.number("u32", shape.length);
    for (const length of [...shape].reverse()) out.number("u64", length);
    out.number("u32", GGML_TYPES[dtype]);
    out.number("u64", offset);
    offset = aligned(offset + sizeOf(shape) * (dtype === "f32" ? 4 : 2));
  }
  out.pad(ALIGNMENT);
  return out.result();
}

const SIZES: Readonly<Record<Exclude<ScalarType, "string">, number>> = {
  ...{ u8: 1, i8: 1, bool: 1, u16: 2, i16: 2, u32: 4, i32: 4, f32: 4, u64: 8, i64: 8, f64: 8 },
};

/** @throws RangeError for a number that a type does not hold: a view would store other digits of it, or infinity. */
function checkHeld(name: string, type: Exclude<ScalarType, "string">, value: number | bigint): void {
  const fail = (expected: string) => wrongValue(`gguf: ${show(name)}`, `${expected}, as it is ${type}`, value);
  if (type === "f32" || type === "f64") {
    const held = type === "f32" ? Math.fround(Number(value)) : Number(value);
    if (!Number.isFinite(held)) throw fail("a finite number");
    if (held === 0 && Number(value) !== 0) throw fail("0 or a number of at least 1.4e-45 in magnitude");
    return;
  }
  const [low, high] = RANGES[type];
  const isWhole = typeof value === "bigint" || Number.isInteger(value);
  if (!isWhole || value < low || value > high) throw fail(`a whole number from ${low} to ${high}`);
}

const RANGES: Readonly<
  Record<Exclude<ScalarType, "string" | "f32" | "f64">, readonly [number | bigint, number | bigint]>
> = {
  ...{ bool: [0, 1], u8: [0, 0xff], u16: [0, 0xffff], u32: [0, 0xffffffff], u64: [0, 0xffffffffffffffffn] },
  ...{ i8: [-0x80, 0x7f], i16: [-0x8000, 0x7fff], i32: [-0x80000000, 0x7fffffff] },
  i64: [-0x8000000000000000n, 0x7fffffffffffffffn],
};

/** Bytes that grow, little-endian. */
class ByteWriter {
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  result(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  bytes(bytes: Uint8Array): void {
    const at = this.#room(bytes.length); // first: it may replace the array
    this.#bytes.set(bytes, at);
  }

  text(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.number("u64", bytes.length);
    this.bytes(bytes);
  }

  typed(name: string, typed: TypedValue): void {
    this.number("u32", VALUE_TYPES[typed.type]);
    if (typed.type !== "array") {
      this.#scalar(name, typed.type, typed.value);
      return;
    }
    this.number("u32", VALUE_TYPES[typed.of]);
    this.number("u64", typed.value.length);
    for (const value of typed.value) this.#scalar(name, typed.of, value);
  }

  pad(alignment: number): void {
    this.#room((alignment - (this.#length % alignment)) % alignment);
  }

  #scalar(name: string, type: ScalarType, value: number | bigint | string | boolean): void {
    if (type === "string") {
      this.text(String(value));
      return;
    }
    const number = typeof value === "bigint" ? value : Number(value);
    checkHeld(name, type, number);
    this.number(type, number);
  }

  number(type: Exclude<ScalarType, "string">, value: number | bigint): void {
    const at = this.#room(SIZES[type]);
    const view = this.#view;
    if (type === "u64" || type === "i64") view.setBigUint64(at, BigInt(value), true);
    else if (type === "f32") view.setFloat32(at, Number(value), true);
    else if (type === "f64") view.setFloat64(at, Number(value), true);
    else if (SIZES[type] === 4) view.setUint32(at, Number(value), true);
    else if (SIZES[type] === 2) view.setUint16(at, Number(value), true);
    else view.setUint8(at, Number(value));
  }

  /** The offset of so many more bytes, which are 0. */
  #room(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }
}
