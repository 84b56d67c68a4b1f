/** What one file in progress needs: memory for its pieces, and who draws, measures and hashes them. */
import type { Checkpoint } from "../checkpoint/checkpoint.js";
import type { CheckpointFile } from "../checkpoint/file.js";
import type { Hasher } from "./hash.js";
import { BLOCK_BYTES, FileMeasuring, type GroupMoments } from "./init.measure.js";

/** Bytes of a piece: drawn and written as one. */
export const PIECE_BYTES = 2 ** 21;
/** Bytes of a piece that one thread draws, measures and hashes at a time: what a second-level cache holds. */
export const STEP_BYTES = BLOCK_BYTES;

/** How files are cut while they are made. */
export interface Cut {
  /** The most bytes of a piece: drawn and written as one. */
  readonly pieceBytes: number;
  /** Pieces of a file in flight. */
  readonly buffers: number;
  /** Whether parts of the file, of several pieces, are hashed for themselves, besides the file. */
  readonly parts: boolean;
}

/** For a file that takes one piece after the other, which all threads draw. */
export const FILE_CUT: Cut = { pieceBytes: PIECE_BYTES, buffers: 4, parts: false };

/** For one of several files, each of which has a thread: their memory adds up. */
export const FOLDER_CUT: Cut = { ...FILE_CUT, pieceBytes: PIECE_BYTES / 2 };

/** One piece each. */
export type Buffers = readonly Uint8Array[];

/** The pieces in memory that holds them one after the other. */
export const buffersIn = (memory: ArrayBufferLike, origin: number, { buffers, pieceBytes }: Cut): Buffers =>
  Array.from({ length: buffers }, (_, i) => new Uint8Array(memory, origin + i * pieceBytes, pieceBytes));

/** What is known of a file once its last piece is drawn. */
export interface MadeFile {
  /** In hexadecimal. */
  readonly sha256: string;
  readonly measured: readonly GroupMoments[];
}

/** A piece that is being made. */
interface Making {
  readonly drawn: Promise<void>;
  /** It settles when nothing reads the piece any more but what writes it. */
  readonly hashed: Promise<void>;
}

/** What draws the bytes of a file from an offset on. */
export type Reader = Pick<Checkpoint, "reader">;

/** Makes the pieces of one file after another. */
export interface Lane {
  readonly buffers: Buffers;
  /** Begins a file, and forgets what there was of another. */
  start(file: CheckpointFile, reader: Reader): void;
  /** Draws the bytes of the file from an offset on into a part of a buffer. The pieces of a file come in their order. */
  make(begin: number, piece: Uint8Array): Making;
  /** The hash of the pieces since the part before, in hexadecimal. */
  endPart(): Promise<string>;
  /** Draws bytes of the file again, in any order, into a buffer. They are neither measured nor hashed. */
  draw(begin: number, out: Uint8Array): Promise<void>;
  /** After the last piece. */
  finish(): Promise<MadeFile>;
  /** No more files will come. */
  end(): void;
}

interface LaneParts {
  readonly buffers: Buffers;
  readonly hasher: Hasher;
  /** The most bytes that are drawn and hashed at a time. */
  readonly step: number;
  /** Whether values are measured. */
  readonly measured: boolean;
}

/** Draws in this thread, or by a pool that this thread waits for. */
export class OwnLane implements Lane {
  readonly buffers: Buffers;
  readonly #parts: LaneParts;
  #draw: ReturnType<Reader["reader"]> = (_, out) => out;
  #drawAgain = this.#draw; // apart, since it keeps the matrix that it has come to
  #measuring: FileMeasuring | undefined;

  constructor(parts: LaneParts) {
    this.#parts = parts;
    this.buffers = parts.buffers;
  }

  start(file: CheckpointFile, reader: Reader): void {
    this.#draw = reader.reader(file);
    this.#drawAgain = reader.reader(file);
    this.#measuring = this.#parts.measured ? new FileMeasuring(file.tensors) : undefined;
    this.#parts.hasher.start();
  }

  make(begin: number, piece: Uint8Array): Making {
    const { hasher, step } = this.#parts;
    const hashed: Promise<void>[] = [];
    for (let at = 0; at < piece.length; at += step) {
      const part = this.#draw(begin + at, piece.subarray(at, at + step));
      this.#measuring?.measure(begin + at, part);
      hashed.push(hasher.update(part));
    }
    return { drawn: Promise.resolve(), hashed: Promise.all(hashed).then(() => {}) };
  }

  endPart(): Promise<string> {
    return this.#parts.hasher.endPart();
  }

  async draw(begin: number, out: Uint8Array): Promise<void> {
    this.#drawAgain(begin, out);
  }

  async finish(): Promise<MadeFile> {
    return { sha256: await this.#parts.hasher.digest(), measured: this.#measuring?.result() ?? [] };
  }

  end(): void {
    this.#parts.hasher.end();
  }
}
