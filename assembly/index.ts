/**
 * The whole ABI. `bits` writes words; a law then maps words to values in place, so each can be called, and tested,
 * alone. Values have 32 bits, or 64 where the name says so; the last step to 16 bits is a kernel of its own.
 *
 * `out` is a byte address, `count` a number of elements from the start of a block: words, or values of one word, 1 to
 * 8192; values of two words, 1 to 4096. Whole tiles of 128 bytes are written: the caller owns the memory up to the next
 * multiple, which ends below 2^32. Kernels check nothing.
 */
export { bits } from "./bits";
export { constant, constant64 } from "./constant";
export { matmul32, matmul64 } from "./matmul";
export { normal } from "./normal";
export { normal64 } from "./normal64";
export { orthogonal32, orthogonal64, reflect32, reflect64 } from "./orthogonal";
export { roundBf16, roundF16 } from "./round";
export { truncated, truncated64, truncatedWide } from "./truncated";
export { uniform, uniform64 } from "./uniform";

/** Moves bytes within the memory: what was drawn in scratch, to where it belongs. */
export function copy(to: usize, from: usize, bytes: usize): void {
  memory.copy(to, from, bytes);
}
