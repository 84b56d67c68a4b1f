/** Reading the pieces of a stored file one after the other, some ahead, since a bucket answers late. */
import { PIECE_BYTES } from "./lane.js";
import type { Store } from "./store.js";

const AHEAD = 4; // pieces

interface ReadPiece {
  readonly begin: number;
  readonly bytes: Uint8Array;
}

/**
 * The pieces of a file, in order.
 *
 * @param isWanted whether a piece is read. Default: all are.
 */
export async function* readAhead(
  store: Store,
  name: string,
  fileBytes: number,
  isWanted: () => boolean = () => true,
): AsyncGenerator<ReadPiece> {
  const reading: Promise<ReadPiece>[] = [];
  const read = async (begin: number): Promise<ReadPiece> => {
    return { begin, bytes: await store.read(name, begin, Math.min(fileBytes, begin + PIECE_BYTES)) };
  };
  for (let begin = 0; begin < fileBytes; begin += PIECE_BYTES) {
    if (!isWanted()) continue;
    const piece = read(begin);
    piece.catch(() => {}); // thrown when its turn comes, if it does
    reading.push(piece);
    if (reading.length === AHEAD) yield await (reading.shift() as Promise<ReadPiece>);
  }
  for (const piece of reading) yield await piece;
}
