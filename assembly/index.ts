/**
 * The whole ABI. `bits` writes random words; the kernel of a distribution then turns words into values, in place, so
 * that each can be called and tested alone. Values have 32 bits, or 64 if the name says so; separate kernels round them
 * to 16 bits.
 *
 * `out` is a byte address and `count` a number of elements from the start of a block: from 1 to 8192 words or values of
 * one word, or from 1 to 4096 values of two words. Kernels write whole tiles of 128 bytes, so the caller must own the
 * memory up to the next multiple of 128, which must end below 2^32. Kernels check nothing.
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

/** Moves bytes within the memory: what was drawn in the scratch moves to where it belongs. */
export function copy(to: usize, from: usize, bytes: usize): void {
  memory.copy(to, from, bytes);
}
