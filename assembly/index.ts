/**
 * The whole ABI. `bits` writes words; a law then maps words to values in place, so each can be called, and tested,
 * alone.
 *
 * `out` is a byte address, `count` a number of elements, 1 to 8192, from the start of a block. Whole tiles of 32
 * elements (128 bytes) are written: the caller owns the memory up to the next multiple, which ends below 2^32. Kernels
 * check nothing.
 */
export { bits } from "./bits";
export { constant } from "./constant";
export { normal } from "./normal";
export { truncated, truncatedWide } from "./truncated";
export { uniform } from "./uniform";

/** Moves bytes within the memory: what was drawn in scratch, to where it belongs. */
export function copy(to: usize, from: usize, bytes: usize): void {
  memory.copy(to, from, bytes);
}
