/** Shapes: lengths of axes, row-major. */
import { checkCount, wrongType, wrongValue } from "./check.js";

/** Elements of a tensor of this shape, or of some of its axes, which are checked elsewhere. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1);

/** Checks a shape and counts the elements of a tensor of it; [] is a scalar, a zero makes it empty. */
export function checkShape(shape: readonly number[]): number {
  if (!Array.isArray(shape)) throw wrongType("shape", "an array of lengths", shape);
  let size = 1;
  for (let axis = 0; axis < shape.length; ++axis) size *= checkCount(`shape[${axis}]`, shape[axis]);
  if (shape.includes(0)) return 0;
  if (!Number.isSafeInteger(size)) throw wrongValue("shape", "at most 2^53 - 1 elements", shape);
  return size;
}
