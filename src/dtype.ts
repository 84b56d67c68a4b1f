/** Element types: what one element is, and the arrays that hold it. */
import { checkOneOf } from "./check.js";

if (new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1) {
  throw new Error("nn-init: expected a little-endian machine");
}

/**
 * Element type: "f32" and "f64" are IEEE 754 binary32 and binary64; "f16" is binary16 and "bf16" is bfloat16. An f16 or
 * bf16 value is the f32 value rounded to nearest, ties to even, and comes as a 16-bit pattern in a `Uint16Array`.
 */
export type DType = "f32" | "f64" | "f16" | "bf16";

/** The array type of each dtype. `Buffer` is the type of memory behind it, such as an arena's. */
export interface ArrayOf<Buffer extends ArrayBufferLike = ArrayBufferLike> {
  /** binary32. */
  f32: Float32Array<Buffer>;
  /** binary64. */
  f64: Float64Array<Buffer>;
  /** Bit patterns of binary16. */
  f16: Uint16Array<Buffer>;
  /** Bit patterns of bfloat16. */
  bf16: Uint16Array<Buffer>;
}

/** The array types that `fill` accepts for each dtype: those of `ArrayOf` and, for f16, also a `Float16Array`. */
export interface FillableOf extends Omit<ArrayOf, "f16"> {
  /** Bit patterns of binary16, or a `Float16Array`. */
  f16: Uint16Array | Float16ArrayLike;
}

/** A `Float16Array`, declared here because the TypeScript libraries of many programs do not know that type. */
export interface Float16ArrayLike extends ArrayBufferView {
  readonly [Symbol.toStringTag]: "Float16Array";
  /** Number of elements. */
  readonly length: number;
}

/** An array of any dtype's elements. */
export type Values<Buffer extends ArrayBufferLike = ArrayBufferLike> = ArrayOf<Buffer>[DType];

interface Constructor {
  readonly name: string;
  new (length: number): Values<ArrayBuffer>;
  new <Buffer extends ArrayBufferLike>(buffer: Buffer, byteOffset: number, length: number): Values<Buffer>;
}

interface Format {
  /** Bytes of an element. */
  readonly bytes: number;
  /** Words of the stream that make one random element. */
  readonly words: number;
  /** The largest finite value. */
  readonly largest: number;
  /** Bits of the significand after the leading 1. */
  readonly fractionBits: number;
  /** Exponent of the smallest normal number. */
  readonly minExponent: number;
  readonly array: Constructor;
  /** Name of another array type that `fill` accepts; a name, since not every runtime has the type. */
  readonly alternative?: string;
}

export const FORMATS: { readonly [D in DType]: Format } = {
  f32: {
    bytes: 4,
    words: 1,
    largest: 3.4028234663852886e38,
    fractionBits: 23,
    minExponent: -126,
    array: Float32Array,
  },
  f64: {
    bytes: 8,
    words: 2,
    largest: Number.MAX_VALUE,
    fractionBits: 52,
    minExponent: -1022,
    array: Float64Array,
  },
  f16: {
    bytes: 2,
    words: 1,
    largest: 65504,
    fractionBits: 10,
    minExponent: -14,
    array: Uint16Array,
    alternative: "Float16Array",
  },
  bf16: {
    bytes: 2,
    words: 1,
    largest: 3.3895313892515355e38,
    fractionBits: 7,
    minExponent: -126,
    array: Uint16Array,
  },
};

export const DTYPES = Object.keys(FORMATS) as readonly DType[];

/** The dtype that a caller asked for, or "f32". */
export function checkDType(dtype: unknown): DType {
  return dtype === undefined ? "f32" : checkOneOf("dtype", dtype, DTYPES);
}

/** An array of `length` elements of the dtype over existing memory. */
export function view<D extends DType, Buffer extends ArrayBufferLike>(
  dtype: D,
  buffer: Buffer,
  byteOffset: number,
  length: number,
): ArrayOf<Buffer>[D] {
  return new FORMATS[dtype].array(buffer, byteOffset, length) as ArrayOf<Buffer>[D];
}
