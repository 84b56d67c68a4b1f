/** Writing one file of a checkpoint: drawn piece by piece, hashed and written meanwhile. */
import type { SingleBar } from "cli-progress";
import type { Checkpoint } from "../checkpoint/checkpoint.js";
import type { CheckpointFile } from "../checkpoint/file.js";
import type { Buffers } from "./drawing.js";
import { Hasher } from "./hash.js";
import type { Io } from "./io.js";
import type { Target } from "./target.js";

/** What writing one file needs. */
export interface FileWriting {
  readonly checkpoint: Pick<Checkpoint, "reader">;
  readonly io: Io;
  /** Called with each piece when it is drawn: its offset in the file, and its bytes. */
  drawn(file: CheckpointFile, begin: number, piece: Uint8Array<SharedArrayBuffer>): void;
}

/** What the writing of files has in common. */
export interface Writing extends FileWriting {
  readonly checkpoint: Checkpoint;
}

/** The same, with a bar that moves with each piece. */
export const withBar = <T extends FileWriting>(writing: T, bar: SingleBar | undefined): T => ({
  ...writing,
  drawn(...piece) {
    writing.drawn(...piece);
    bar?.increment(piece[2].length);
  },
});

/**
 * Draws one piece after the other while another thread hashes earlier ones and the system writes them. At most one piece
 * per buffer is in flight.
 *
 * @returns the SHA-256 of the file, in hexadecimal.
 */
export async function writeThrough(
  file: CheckpointFile,
  target: Pick<Target, "write">,
  buffers: Buffers,
  { checkpoint, io, drawn }: FileWriting,
): Promise<string> {
  const hasher = new Hasher(io);
  const ring = buffers.map((bytes) => ({ bytes, done: Promise.resolve() as Promise<unknown> }));
  const draw = checkpoint.reader(file);
  let turn = 0;
  try {
    for (let begin = 0; begin < file.byteLength; ) {
      const slot = ring[turn++ % ring.length] as (typeof ring)[number];
      await slot.done;
      const piece = draw(begin, slot.bytes.subarray(0, file.byteLength - begin));
      drawn(file, begin, piece);
      slot.done = Promise.all([hasher.update(piece), target.write(piece)]);
      slot.done.catch(() => {}); // awaited when the buffer is used again, or at the end
      begin += piece.length;
    }
    for (const { done } of ring) await done;
    return await hasher.digest();
  } finally {
    await Promise.allSettled(ring.map(({ done }) => done)); // before the file may be closed
    hasher.end();
  }
}
