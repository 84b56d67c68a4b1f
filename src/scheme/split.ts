/** Cutting a shape along an axis, for tensors that are packed of several. */
import { checkPositive, wrongType, wrongValue } from "../check.js";
import { sizeOf } from "../shape.js";

export interface Cut {
  /** The axis along which the parts lie; negative ones count from the end. */
  readonly axis: number;
  /** Their number, all of one length; or their lengths, which add up to the axis's. */
  readonly parts: number | readonly number[];
}

export function checkCut({ axis, parts }: Cut): void {
  if (typeof axis !== "number") throw wrongType("axis", "an axis", axis);
  if (!Number.isInteger(axis)) throw wrongValue("axis", "a whole number", axis);
  if (!Array.isArray(parts)) checkPositive("parts", parts);
  else if (parts.length === 0) throw wrongValue("parts", "one length or more", parts);
  else parts.forEach((length, i) => void checkPositive(`parts[${i}]`, length));
}

export const countOf = ({ parts }: Cut): number => (typeof parts === "number" ? parts : parts.length);

/** The parts' shapes, and how many elements of each lie together. */
export function cutShape(shape: readonly number[], { axis, parts }: Cut): { shape: number[]; length: number }[] {
  const index = axis < 0 ? axis + shape.length : axis;
  const whole = shape[index];
  if (whole === undefined) throw wrongValue("axis", `an axis of ${shape.length}`, axis);
  const even = typeof parts === "number";
  const lengths = even ? Array.from({ length: parts }, () => whole / parts) : parts;
  if (even && whole % parts !== 0)
    throw wrongValue("parts", `a divisor of ${whole}, the length of axis ${axis}`, parts);
  if (!even && lengths.reduce((sum, length) => sum + length, 0) !== whole) {
    throw wrongValue("parts", `lengths that add up to ${whole}, the length of axis ${axis}`, parts);
  }
  const inner = sizeOf(shape.slice(index + 1));
  return lengths.map((length) => ({ shape: shape.with(index, length), length: length * inner }));
}
