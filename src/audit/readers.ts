/** Reads for an audit from sources of bytes, on this thread, each of which may have to be waited for. */

import type { ByteSource } from "../checkpoint/bytes.js";
import { fileError } from "../checkpoint/place.js";
import { type Extent, type Reading, shortened, type Wanted } from "../checkpoint/stored.js";
import { reasonOf } from "../model/fault.js";
import { faultOf, type StoredComputed } from "./computed.js";
import { hashOfExtent } from "./hash.js";
import { type StoredMatrix, singularValue } from "./matrix.js";
import { type Scanned, type StoredPiece, scan } from "./scan.js";
import type { Readers } from "./tensors.js";

/** Readings in work at once: while one waits for its bytes, the other counts. */
const LANES = 2;
/** Most bytes of floats of a matrix in memory. */
const MATRIX_BYTES = 2 ** 26;
/** After so many bytes, other code of the thread has its turn. It may abort the audit. */
const TURN_BYTES = 2 ** 26;

/** Callbacks while bytes are read. */
export interface Watch {
  /** Called with the number of bytes of tensors that were read since the last call. */
  readonly progress: (bytes: number) => void;
  /** Called before each read. @throws to end the audit. */
  readonly check: () => void;
}

export class SourceReaders implements Readers {
  readonly #sources: ReadonlyMap<string, ByteSource>;
  readonly #watch: Watch;
  readonly #waiting: (() => void)[] = [];
  #busy = 0;
  #sinceTurn = 0;

  /** @param sources by their names. */
  constructor(sources: ReadonlyMap<string, ByteSource>, watch: Watch) {
    this.#sources = sources;
    this.#watch = watch;
  }

  scan(piece: StoredPiece): Promise<Scanned> {
    return this.run(scan(piece), this.#watch.progress);
  }

  hash(extent: Extent): Promise<string> {
    return this.run(hashOfExtent(extent));
  }

  singularValue(matrix: StoredMatrix): Promise<number> {
    return this.run(singularValue(matrix, MATRIX_BYTES));
  }

  computedFault(computed: StoredComputed): Promise<string> {
    return this.run(faultOf(computed));
  }

  /** Carries out a reading when its turn comes. */
  async run<T>(reading: Reading<T>, progress?: (bytes: number) => void): Promise<T> {
    if (this.#busy >= LANES) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#busy += 1;
    try {
      for (;;) {
        const { done, value } = reading.next();
        if (done) return value;
        await this.#fill(value);
        progress?.(value.to.length);
      }
    } finally {
      const next = this.#waiting.shift(); // gets this one's place
      if (next === undefined) this.#busy -= 1;
      else next();
    }
  }

  async #fill({ path, at, to }: Wanted): Promise<void> {
    this.#watch.check();
    to.set(await readFrom(this.#sources.get(path) as ByteSource, path, at, at + to.length));
    this.#sinceTurn += to.length;
    if (this.#sinceTurn < TURN_BYTES) return;
    this.#sinceTurn = 0;
    await turn();
  }
}

/** @throws Error naming the source: for one that fails, or that gives other than these bytes. */
export async function readFrom(source: ByteSource, path: string, begin: number, end: number): Promise<Uint8Array> {
  let bytes: unknown;
  try {
    bytes = await source.read(begin, end);
  } catch (error) {
    throw fileError(path, `cannot read bytes ${begin} to ${end}: ${reasonOf(error)}`, error);
  }
  if (!(bytes instanceof Uint8Array)) throw fileError(path, "expected read to give a Uint8Array");
  if (bytes.length < end - begin) throw fileError(path, shortened().message);
  if (bytes.length > end - begin) {
    throw fileError(path, `expected ${end - begin} bytes from read, got ${bytes.length}`);
  }
  return bytes;
}

function turn(): Promise<void> {
  const { setTimeout } = globalThis as { setTimeout?: (call: () => void, milliseconds: number) => unknown };
  return typeof setTimeout === "function" ? new Promise((resolve) => setTimeout(resolve, 0)) : Promise.resolve();
}
