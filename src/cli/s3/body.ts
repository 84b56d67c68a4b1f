/** The bytes of a part as the body of a request: drawn while they are sent, so that no part lies in memory. */
import type { Hash } from "node:crypto";
import { Readable } from "node:stream";

/** Draws bytes of a file from an offset on. */
export type DrawBytes = (begin: number, out: Uint8Array) => Promise<void>;

/** Two pieces of memory: one is sent while the other is drawn. */
export type TwoPieces = readonly [Uint8Array, Uint8Array];

/** Bytes of a piece, at most: a request that is larger is still being drawn while it is sent. */
export const BODY_PIECE_BYTES = 2 ** 18;

/**
 * Bytes [begin, end) of a file, which `hash` takes in on their way. A request pipes its body: it asks for a piece when the system
 * has taken the one before, unless that was smaller than what the request holds back by itself (16 or 64 KiB), which only the last
 * one is.
 */
export class DrawnBody extends Readable {
  #at: number;
  #turn = 0;

  constructor(
    begin: number,
    private readonly end: number,
    private readonly pieces: TwoPieces,
    private readonly draw: DrawBytes,
    private readonly hash?: Hash,
  ) {
    super({ highWaterMark: 0 }); // nothing is drawn ahead
    this.#at = begin;
  }

  override async _read(): Promise<void> {
    if (this.#at === this.end) {
      this.push(null);
      return;
    }
    const piece = (this.pieces[this.#turn++ % 2] as Uint8Array).subarray(0, this.end - this.#at);
    try {
      await this.draw(this.#at, piece);
    } catch (error) {
      this.destroy(error as Error);
      return;
    }
    this.hash?.update(piece);
    this.#at += piece.length;
    this.push(Buffer.from(piece.buffer, piece.byteOffset, piece.length));
  }
}
