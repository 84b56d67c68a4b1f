/** Cutting a run of elements at block borders. */
import { BLOCK } from "../kernel/bits.js";

/** Elements of a block of the stream, for a law that takes so many words an element. */
export const elementsIn = (words: number): number => BLOCK / words;

/** Elements [begin, end), counted from the start of a block, which go to out[at ...]. */
export interface Piece {
  readonly blockLow: number;
  readonly blockHigh: number;
  readonly begin: number;
  readonly end: number;
  readonly at: number;
}

/**
 * Calls `visit` for each piece of elements [start, start + length) in turn; a piece lies in `blocks` blocks of `size`
 * elements at most. start + length is at most 2^53.
 */
export function forEachPiece(
  start: number,
  length: number,
  size: number,
  blocks: number,
  visit: (piece: Piece) => void,
): void {
  for (let at = 0; at < length; ) {
    const begin = (start + at) % size;
    const block = (start + at - begin) / size;
    const end = Math.min(blocks * size, begin + length - at);
    visit({ blockLow: block >>> 0, blockHigh: Math.floor(block / 0x100000000), begin, end, at });
    at += end - begin;
  }
}
