/** Element types of a model's tensors: the dtypes that are drawn, and integers, which are constant or counted. */
import { show } from "../check.js";
import { isPlaced, type ModelDistribution } from "../computed/computed.js";
import { intervalOf } from "../computed/extent.js";
import { writePlaced } from "../computed/place.js";
import { DTYPES, type DType, FORMATS } from "../dtype.js";
import { rangeError } from "./fault.js";

/**
 * Integer element types, for counters, masks and indices. A plan gives them `zeros`, `ones`, `constant`, `arange` or
 * `relativePosition`.
 */
export type IntegerType = "i64" | "i32" | "i16" | "i8" | "u8" | "bool";

/** The element type of a tensor in a model: a dtype that is drawn, or an integer type. */
export type ElementType = DType | IntegerType;

/** The array and the range of each integer type. i64 is limited to integers that a double holds. */
const INTEGERS = {
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

/**
 * Checks that the values of an integer tensor are whole numbers within the range of its type.
 *
 * @throws RangeError unless they are one constant, or counted along an axis.
 */
export function checkIntegers(distribution: ModelDistribution, type: IntegerType): void {
  const { min, max } = INTEGERS[type];
  const values = integerEnds(distribution);
  if (values.every((value) => Number.isInteger(value) && value >= min && value <= max)) return;
  const { kind } = distribution;
  const got =
    kind === "constant" ? distribution.value : values.some(Number.isNaN) ? `the distribution ${kind}` : values;
  const expected = `a constant, arange or relativePosition of whole numbers from ${min} to ${max}`;
  throw rangeError(`scheme: expected ${expected}, because the type is ${type}, got ${show(got)}`);
}

/** Numbers that are whole and within a range if all values are; NaN for values that need not be whole. */
function integerEnds(distribution: ModelDistribution): readonly number[] {
  switch (distribution.kind) {
    case "constant":
      return [distribution.value];
    case "arange":
      return [distribution.start, distribution.step * Math.sign(distribution.length - 1), ...intervalOf(distribution)];
    case "relativePosition":
      return intervalOf(distribution);
    default:
      return [Number.NaN];
  }
}

const AT_ONCE = 0x4000; // elements

/** Writes elements [start, start + out.length) of an integer tensor whose distribution was checked. */
export function writeIntegers(distribution: ModelDistribution, start: number, out: IntegerValues): void {
  const numbers = new Float64Array(Math.min(AT_ONCE, out.length));
  for (let at = 0; at < out.length; at += AT_ONCE) {
    const some = numbers.subarray(0, Math.min(AT_ONCE, out.length - at));
    if (isPlaced(distribution)) writePlaced(distribution, start + at, some);
    else some.fill(distribution.kind === "constant" ? distribution.value : Number.NaN);
    if (out instanceof BigInt64Array) out.set(BigInt64Array.from(some, BigInt), at);
    else out.set(some, at);
  }
}

/** Bytes as the array of an integer type, in place. */
export function integerView(
  type: IntegerType,
  { buffer, byteOffset, byteLength }: Uint8Array<ArrayBufferLike>,
): IntegerValues {
  const { array } = INTEGERS[type];
  return new array(buffer as ArrayBuffer, byteOffset, byteLength / array.BYTES_PER_ELEMENT);
}
