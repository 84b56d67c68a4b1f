/** Element types of a model's tensors: the dtypes that are drawn, and whole numbers, which are only ever constant. */
import type { Distribution } from "../distribution.js";
import { DTYPES, type DType, FORMATS } from "../dtype.js";

/** Types of whole numbers, for counters and masks. */
export type IntegerType = "i64" | "i32" | "i16" | "i8" | "u8" | "bool";

/** The type of a tensor's elements. */
export type ElementType = DType | IntegerType;

/** The array that holds each type, and its least and largest number. */
const INTEGERS = {
  i64: { array: BigInt64Array, least: Number.MIN_SAFE_INTEGER, most: Number.MAX_SAFE_INTEGER },
  i32: { array: Int32Array, least: -0x80000000, most: 0x7fffffff },
  i16: { array: Int16Array, least: -0x8000, most: 0x7fff },
  i8: { array: Int8Array, least: -0x80, most: 0x7f },
  u8: { array: Uint8Array, least: 0, most: 255 },
  bool: { array: Uint8Array, least: 0, most: 1 },
} as const satisfies Record<IntegerType, unknown>;

export const ELEMENT_TYPES = [...DTYPES, ...Object.keys(INTEGERS)] as readonly ElementType[];

/** Values of a tensor of whole numbers. */
export type IntegerValues = InstanceType<(typeof INTEGERS)[IntegerType]["array"]>;

export const isInteger = (type: ElementType): type is IntegerType => Object.hasOwn(INTEGERS, type);

/** Bytes of an element. */
export const bytesOf = (type: ElementType): number =>
  isInteger(type) ? INTEGERS[type].array.BYTES_PER_ELEMENT : FORMATS[type].bytes;

/**
 * The one number that a tensor of an integer type is full of.
 *
 * @throws RangeError for a distribution that is no whole constant within the type.
 */
export function integerOf(distribution: Distribution, type: IntegerType): number {
  const value = distribution.kind === "constant" ? distribution.value : Number.NaN;
  const { least, most } = INTEGERS[type];
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`scheme: expected a constant from ${least} to ${most}, since its type is ${type}`);
}

/** The elements of a tensor's bytes, in the array of its type. */
export function elementsIn(
  type: IntegerType,
  { buffer, byteOffset, byteLength }: Uint8Array<ArrayBufferLike>,
): IntegerValues {
  const { array } = INTEGERS[type];
  return new array(buffer as ArrayBuffer, byteOffset, byteLength / array.BYTES_PER_ELEMENT);
}
