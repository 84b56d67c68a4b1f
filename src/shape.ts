/** Shapes: the lengths of a tensor's axes, row-major (the last axis is contiguous). */
import { checkCount, wrongType, wrongValue } from "./check.js";

/** The product of lengths: 0 if one of them is 0, however large the others are. */
export const sizeOf = (shape: readonly number[]): number =>
  shape.includes(0) ? 0 : shape.reduce((size, length) => size * length, 1);

/**
 * Checks a shape and returns its number of elements: 1 for [], a scalar; 0 if any length is 0.
 *
 * @param next the argument that follows the shape: what stands in its place may be that one.
 */
export function checkShape(shape: readonly number[], next = "scheme"): number {
  if (!Array.isArray(shape)) {
    const swapped = /object|string/.test(typeof shape) && shape ? ` (the shape comes before the ${next})` : "";
    throw wrongType("shape", `an array of lengths${swapped}`, shape);
  }
  for (let axis = 0; axis < shape.length; ++axis) {
    const length = shape[axis] as number;
    if (!Number.isSafeInteger(length) || length < 0) checkCount(`shape[${axis}]`, length); // to make the name takes 30 ns
  }
  const size = sizeOf(shape);
  if (!Number.isSafeInteger(size)) throw wrongValue("shape", "at most 2^53 - 1 elements", shape);
  return size;
}

/** @returns the index of an axis, which may count from the end; undefined if there is no such axis. */
export function axisIn(axis: number, rank: number): number | undefined {
  const index = axis < 0 ? axis + rank : axis;
  return Number.isInteger(index) && index >= 0 && index < rank ? index : undefined;
}
