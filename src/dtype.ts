/** Element types: what an element is made of, and the arrays that hold it. */
import { checkOneOf } from "./check.js";

/**
 * f32 and f64: IEEE 754 binary32 and binary64. f16 (binary16) and bf16 (bfloat16): the f32 value, rounded to the nearest,
 * ties to even; in arrays of 16-bit patterns, `Uint16Array`.
 */
export type DType = "f32" | "f64" | "f16" | "bf16";

/** The array of each dtype's elements. */
export interface ArrayOf<Buffer extends ArrayBufferLike = ArrayBufferLike> {
  f32: Float32Array<Buffer>;
  f64: Float64Array<Buffer>;
  f16: Uint16Array<Buffer>;
  bf16: Uint16Array<Buffer>;
}

/** The arrays that `fill` writes a dtype to: those, and for f16 a Float16Array where the runtime has it. */
export interface FillableOf extends Omit<ArrayOf, "f16"> {
  f16: Uint16Array | Float16ArrayLike;
}

/** A Float16Array, for programs whose TypeScript does not know that type. */
export interface Float16ArrayLike extends ArrayBufferView {
  readonly [Symbol.toStringTag]: "Float16Array";
  readonly length: number;
}

export type Values<Buffer extends ArrayBufferLike = ArrayBufferLike> = ArrayOf<Buffer>[DType];

interface Constructor {
  readonly name: string;
  new (length: number): Values<ArrayBuffer>;
  new <Buffer extends ArrayBufferLike>(buffer: Buffer, byteOffset: number, length: number): Values<Buffer>;
}

interface Format {
  /** Of an element. */
  readonly bytes: number;
  /** Words of the stream that an element of a law that draws is made from. */
  readonly words: number;
  /** The largest finite value. */
  readonly largest: number;
  /** Bits of a normal number behind its leading one. */
  readonly digits: number;
  /** The exponent of the smallest normal number. */
  readonly least: number;
  readonly array: Constructor;
  /** Other arrays that `fill` takes, by their brands. */
  readonly also?: string;
}

export const FORMATS: { readonly [D in DType]: Format } = {
  f32: { bytes: 4, words: 1, largest: 3.4028234663852886e38, digits: 23, least: -126, array: Float32Array },
  f64: { bytes: 8, words: 2, largest: Number.MAX_VALUE, digits: 52, least: -1022, array: Float64Array },
  f16: { bytes: 2, words: 1, largest: 65504, digits: 10, least: -14, array: Uint16Array, also: "Float16Array" },
  bf16: { bytes: 2, words: 1, largest: 3.3895313892515355e38, digits: 7, least: -126, array: Uint16Array },
};

export const DTYPES = Object.keys(FORMATS) as readonly DType[];

export function checkDType(dtype: unknown): DType {
  return dtype === undefined ? "f32" : checkOneOf("dtype", dtype, DTYPES);
}

/** Elements of memory that is there. */
export function view<D extends DType, Buffer extends ArrayBufferLike>(
  dtype: D,
  buffer: Buffer,
  byteOffset: number,
  length: number,
): ArrayOf<Buffer>[D] {
  return new FORMATS[dtype].array(buffer, byteOffset, length) as ArrayOf<Buffer>[D];
}
