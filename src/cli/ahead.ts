/** Reading the blocks of a file one after the other, some ahead, since a bucket answers late. */
import { PIECE_BYTES } from "./drawing.js";
import type { Store } from "./store.js";

/** Bytes that are read at once: no more than a buffer of a piece holds. */
export const BLOCK_BYTES = PIECE_BYTES;
const AHEAD = 4; // blocks

interface ReadBlock {
  readonly begin: number;
  readonly bytes: Uint8Array;
}

/**
 * The blocks of a file, in order.
 *
 * @param isWanted whether a block is read. Default: all are.
 */
export async function* blocksOf(
  store: Store,
  name: string,
  fileBytes: number,
  isWanted: () => boolean = () => true,
): AsyncGenerator<ReadBlock> {
  const reading: Promise<ReadBlock>[] = [];
  const read = async (begin: number): Promise<ReadBlock> => {
    return { begin, bytes: await store.read(name, begin, Math.min(fileBytes, begin + BLOCK_BYTES)) };
  };
  for (let begin = 0; begin < fileBytes; begin += BLOCK_BYTES) {
    if (!isWanted()) continue;
    const block = read(begin);
    block.catch(() => {}); // thrown when its turn comes, if it does
    reading.push(block);
    if (reading.length === AHEAD) yield await (reading.shift() as Promise<ReadBlock>);
  }
  for (const block of reading) yield await block;
}
