/** Element types of a model's tensors: the dtypes that are drawn, and integers, which are constant or counted. */
import { DTYPES, type DType, FORMATS } from "../dtype.js";

/**
 * Integer element types, for counters, masks and indices. A plan gives them `zeros`, `ones`, `constant`, `arange` or
 * `relativePosition`.
 */
export type IntegerType = "i64" | "i32" | "i16" | "i8" | "u8" | "bool";

/** The element type of a tensor in a model: a dtype that is drawn, or an integer type. */
export type ElementType = DType | IntegerType;

/** The array and the range of each integer type. i64 is limited to integers that a double holds. */
export const INTEGERS = {
  i64: { array: BigInt64Array, min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER },
  i32: { array: Int32Array, min: -0x80000000, max: 0x7fffffff },
  i16: { array: Int16Array, min: -0x8000, max: 0x7fff },
  i8: { array: Int8Array, min: -0x80, max: 0x7f },
  u8: { array: Uint8Array, min: 0, max: 255 },
  bool: { array: Uint8Array, min: 0, max: 1 },
} as const satisfies Record<IntegerType, unknown>;

export const ELEMENT_TYPES = [...DTYPES, ...Object.keys(INTEGERS)] as readonly ElementType[];

/** The values of an integer tensor: a BigInt64Array for i64, an Int32Array for i32, and so on; a Uint8Array for bool. */
export type IntegerValues = InstanceType<(typeof INTEGERS)[IntegerType]["array"]>;

export const isInteger = (type: ElementType): type is IntegerType => Object.hasOwn(INTEGERS, type);

/** Bytes of one element. */
export const bytesOf = (type: ElementType): number =>
  isInteger(type) ? INTEGERS[type].array.BYTES_PER_ELEMENT : FORMATS[type].bytes;

/** Bytes as the array of an integer type, in place. */
export function integerView(
  type: IntegerType,
  { buffer, byteOffset, byteLength }: Uint8Array<ArrayBufferLike>,
): IntegerValues {
  const { array } = INTEGERS[type];
  return new array(buffer as ArrayBuffer, byteOffset, byteLength / array.BYTES_PER_ELEMENT);
}
