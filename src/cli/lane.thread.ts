/**
 * A lane whose thread draws, measures and hashes, so that files do not wait for each other. Bytes are hashed while they are in
 * the cache of the core that drew them; this thread only writes.
 */
import type { CheckpointFile, CheckpointTensor } from "../checkpoint/file.js";
import type { Seed } from "../stream.js";
import type { Io } from "./io.js";
import { type Buffers, buffersIn, type Cut, type Lane, type MadeFile } from "./lane.js";
import { AskedThread } from "./thread.js";

/** What the thread of draw.worker.ts works for. */
export interface LaneJob {
  readonly seed: Seed;
  /** Whether values are measured. */
  readonly measured: boolean;
  readonly cut: Cut;
}

/** What the thread is told: a file begins, which has no answer; bytes of it are wanted; a part or all pieces are drawn. */
export type DrawQuestion = { readonly file: CheckpointFile } | BytesQuestion | "part" | "finish";

/** Asks for bytes of the file, from `begin` on, in the thread's memory, from `at` on: its next piece, or again. */
interface BytesQuestion {
  readonly wanted: "piece" | "again";
  readonly begin: number;
  readonly at: number;
  readonly length: number;
}

/** The thread's first message: where its pieces lie. */
export interface LaneMemory {
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;
}

/** As many lanes, once their threads are up. */
export async function openThreadLanes(count: number, job: LaneJob, io: Pick<Io, "scripts">): Promise<readonly Lane[]> {
  const threads = Array.from({ length: count }, () => new AskedThread<DrawQuestion>("draw", io, job));
  try {
    return await Promise.all(
      threads.map(async (thread) => new ThreadLane(thread, (await thread.next()) as LaneMemory, job.cut)),
    );
  } catch (error) {
    for (const thread of threads) thread.end();
    throw error;
  }
}

class ThreadLane implements Lane {
  readonly buffers: Buffers;
  readonly #thread: AskedThread<DrawQuestion>;
  readonly #origin: number;

  constructor(thread: AskedThread<DrawQuestion>, { buffer, byteOffset }: LaneMemory, cut: Cut) {
    this.#thread = thread;
    this.#origin = byteOffset;
    this.buffers = buffersIn(buffer, byteOffset, cut);
  }

  start({ name, byteLength, header, tensors }: CheckpointFile): void {
    this.#thread.tell({ file: { name, byteLength, header, etag: "", tensors: tensors.map(dataOf) } });
  }

  make(begin: number, piece: Uint8Array) {
    const made = this.#ask("piece", begin, piece);
    return { drawn: made, hashed: made };
  }

  endPart(): Promise<string> {
    return this.#thread.ask("part") as Promise<string>;
  }

  draw(begin: number, out: Uint8Array): Promise<void> {
    return this.#ask("again", begin, out);
  }

  async #ask(wanted: BytesQuestion["wanted"], begin: number, { byteOffset, length }: Uint8Array): Promise<void> {
    await this.#thread.ask({ wanted, begin, at: byteOffset - this.#origin, length });
  }

  finish(): Promise<MadeFile> {
    return this.#thread.ask("finish") as Promise<MadeFile>;
  }

  end(): void {
    this.#thread.end();
  }
}

/** What drawing and measuring read of a tensor: the rest would be copied for nothing. */
const dataOf = ({ begin, end, name, shape, dtype, scheme, distribution, copyOf, plannedSlices }: CheckpointTensor) =>
  ({ begin, end, name, shape, dtype, scheme, distribution, copyOf, plannedSlices }) as CheckpointTensor;
