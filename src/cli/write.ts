/** Writing one file of a checkpoint: drawn piece by piece, hashed and written meanwhile. */
import type { Checkpoint } from "../checkpoint/checkpoint.js";
import type { CheckpointFile } from "../checkpoint/file.js";
import type { Lane, MadeFile, Reader } from "./lane.js";

/** What takes the pieces of a file. */
interface PieceTarget {
  /** Appends a piece, which must not change until the promise is settled. */
  write(piece: Uint8Array): Promise<void>;
}

/** What writing one file needs. */
export interface FileWriting {
  readonly checkpoint: Reader;
  readonly lane: Lane;
  /** Called with the bytes of each piece that is drawn. */
  readonly progressed?: ((bytes: number) => void) | undefined;
}

/** The same for a file of a checkpoint, any bytes of which can be drawn again. */
export interface Writing extends FileWriting {
  readonly checkpoint: Checkpoint;
}

/**
 * Has one piece drawn after the other while earlier ones are hashed and the system writes them. At most one piece per buffer is
 * in flight.
 */
export async function writeThrough(
  file: CheckpointFile,
  target: PieceTarget,
  { checkpoint, lane, progressed }: FileWriting,
): Promise<MadeFile> {
  const ring = lane.buffers.map((bytes) => ({ bytes, done: Promise.resolve() as Promise<unknown> }));
  let turn = 0;
  const write = async (piece: Uint8Array, drawn: Promise<void>) => {
    await drawn;
    progressed?.(piece.length);
    await target.write(piece);
  };
  lane.start(file, checkpoint);
  try {
    for (let begin = 0; begin < file.byteLength; ) {
      const slot = ring[turn++ % ring.length] as (typeof ring)[number];
      await slot.done;
      const piece = slot.bytes.subarray(0, file.byteLength - begin);
      const making = lane.make(begin, piece);
      slot.done = Promise.all([making.hashed, write(piece, making.drawn)]);
      slot.done.catch(() => {}); // awaited when the buffer is used again, or at the end
      begin += piece.length;
    }
    for (const { done } of ring) await done;
    return await lane.finish();
  } finally {
    await Promise.allSettled(ring.map(({ done }) => done)); // before the file may be closed
  }
}
