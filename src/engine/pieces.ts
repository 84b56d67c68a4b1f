/** Divides a run of elements into pieces at the borders of blocks. */
import { BLOCK } from "../kernel/bits.js";

/** Elements that a block of the stream makes, at this many words for an element. */
export const elementsPerBlock = (words: number): number => BLOCK / words;

/** Elements [begin, end), counted from the start of a block, that go to out[at] and what follows. */
interface Piece {
  readonly blockLow: number;
  readonly blockHigh: number;
  readonly begin: number;
  readonly end: number;
  readonly at: number;
}

/**
 * Calls `visit` for each piece of elements [start, start + length), in order. A piece lies within `blocks` blocks of
 * `size` elements. start + length is at most 2^53.
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
