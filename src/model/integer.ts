/** Tensors of whole numbers: which distributions they can have, and their values. */
import { show } from "../check.js";
import { isPlaced, type ModelDistribution } from "../computed/computed.js";
import { intervalOf } from "../computed/extent.js";
import { writePlaced } from "../computed/place.js";
import { INTEGERS, type IntegerType, type IntegerValues } from "./element.js";
import { rangeError } from "./fault.js";

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
