/**
 * How the threads of a pool share work: a job and a few words in a control buffer that all of them see and change by
 * atomic operations. No messages are sent, because a thread that waits in Atomics.wait receives none.
 *
 * 1. Publish. The caller adds 1 to SEQUENCE, which makes it odd: no worker may begin to read. It waits until ACTIVE is 0,
 *    writes the job, adds 1 again and wakes the workers, which wait for SEQUENCE to change.
 * 2. Join. A worker that wakes adds 1 to ACTIVE, and only then looks at SEQUENCE: if it is even and new, it reads the job.
 *    When the worker is done it subtracts 1. So a worker that wakes late never reads a job that is being written.
 * 3. Claim. A job is divided into numbered pieces. A thread claims the next one by adding 1 to NEXT, and stops at PIECES.
 *    A blocking caller claims pieces too, so nobody waits for a worker that is not up yet.
 * 4. Finish. Each finished piece adds 1 to DONE. The caller waits until DONE is PIECES.
 * 5. Fail. The caller's waits are bounded. A worker writes which piece it holds to CLAIMED and counts finished pieces in
 *    TICKS; if no count changes for the pool's `patience`, the caller closes the pool. A worker that throws sets its STATE to
 *    FAILED and leaves a message.
 * 6. Close. The caller sets STOP and adds 2 to SEQUENCE, which wakes all workers; they see STOP and end.
 */

import type { Independent } from "../../distribution.js";
import { DTYPES, type DType, FORMATS } from "../../dtype.js";
import { BLOCK } from "../../kernel/bits.js";
import { drawInPlace, type Instance } from "../kernels.js";
import { multiplySlab, reflectPanel } from "../orthogonal.js";
import type { IndependentSource } from "../source.js";
import { panelCount, slabCount, type Workspace } from "../workspace.js";

// Words of the control buffer.
export const SEQUENCE = 0; // even: the job may be read; odd: it is being written
export const STOP = 1; // 1: workers end
export const ACTIVE = 2; // number of workers that may be reading the job
const NEXT = 3; // the next piece to claim
export const PIECES = 4; // number of pieces of the job
export const DONE = 5; // number of finished pieces
const JOB = 8; // where the job begins, as doubles
const WORKERS = 64; // where the words of worker 0 begin; each worker has WORKER_WORDS
const WORKER_WORDS = 4;
// Words of a worker.
const STATE = 0; // 0 until it is up, then READY or FAILED
const CLAIMED = 1; // 1 + the number of the piece that it holds; 0: none
const TICKS = 2; // number of pieces that it has finished

const MESSAGES = 8192; // where the messages of failed workers begin, in bytes: behind the words of 256 workers
const MESSAGE_BYTES = 1024;

export const READY = 1;
export const FAILED = 2;

/** Elements in a piece: 16 blocks, or 32 where an element takes two words. That is 20 to 160 microseconds of work. */
export const PIECE_ELEMENTS = 16 * BLOCK;

export type Job = ElementsJob | MatrixJob;

/** Draws elements [start, start + length) of a source to an address of the shared memory. */
export interface ElementsJob {
  readonly source: IndependentSource;
  readonly start: number;
  readonly length: number;
  readonly address: number;
}

/** One phase in the making of an orthogonal matrix. Its pieces are panels of reflectors, or slabs of the result. */
export interface MatrixJob {
  readonly phase: "reflect" | "multiply";
  readonly workspace: Workspace;
}

/** The order of a workspace's numbers in the control buffer. */
const WORKSPACE: readonly (keyof Workspace)[] = [
  ...(["elementBytes", "rows", "columns", "gain", "tall", "vectors", "elements"] as const),
  ...(["triangles", "signs", "q", "slabs", "slabBytes", "end"] as const),
];
const JOB_KINDS = ["elements", "reflect", "multiply"] as const;
const DISTRIBUTIONS = ["constant", "uniform", "normal", "truncated"] as const;

export class Control {
  readonly buffer: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly #doubles: Float64Array;

  constructor(workers: number, buffer?: SharedArrayBuffer) {
    this.buffer = buffer ?? new SharedArrayBuffer(MESSAGES + MESSAGE_BYTES * Math.max(1, workers));
    this.words = new Int32Array(this.buffer);
    this.#doubles = new Float64Array(this.buffer, 4 * JOB, 16);
  }

  /** Writes a job. Only allowed while the sequence is odd and no worker is active. */
  write(job: Job): void {
    if ("phase" in job) {
      const { phase, workspace } = job;
      this.#doubles.set([JOB_KINDS.indexOf(phase), ...WORKSPACE.map((name) => workspace[name])]);
      this.words[PIECES] = phase === "reflect" ? panelCount(workspace) : slabCount(workspace);
    } else {
      const { source, start, length, address } = job;
      const { seedLow, seedHigh, streamLow, streamHigh } = source.key;
      const place = [start, length, address, DTYPES.indexOf(source.dtype)];
      const distribution = [DISTRIBUTIONS.indexOf(source.distribution.kind), ...doublesOf(source.distribution)];
      const kind = JOB_KINDS.indexOf("elements");
      this.#doubles.set([kind, seedLow, seedHigh, streamLow, streamHigh, ...place, ...distribution]);
      this.words[PIECES] = Math.ceil(((start % PIECE_ELEMENTS) + length) / PIECE_ELEMENTS);
    }
    this.words[NEXT] = 0;
    this.words[DONE] = 0;
  }

  read(): Job {
    const kind = JOB_KINDS[this.#doubles[0] as number];
    const at = (i: number) => this.#doubles[i + 1] as number;
    if (kind === "reflect" || kind === "multiply") {
      const numbers = WORKSPACE.map((name, i) => [name, at(i)]);
      return { phase: kind, workspace: Object.fromEntries(numbers) as unknown as Workspace };
    }
    return {
      source: {
        key: { seedLow: at(0), seedHigh: at(1), streamLow: at(2), streamHigh: at(3) },
        distribution: distributionOf(DISTRIBUTIONS[at(8)] as Independent["kind"], at(9), at(10), at(11), at(12)),
        dtype: DTYPES[at(7)] as DType,
      },
      start: at(4),
      length: at(5),
      address: at(6),
    };
  }

  /** Claims pieces of the job and does them until none is left. @param worker its index; undefined for the caller. */
  work(job: Job, instance: Instance, worker?: number): void {
    const { words } = this;
    const own = worker === undefined ? undefined : WORKERS + WORKER_WORDS * worker;
    const perform = performer(job, instance, worker === undefined ? 0 : worker + 1);
    for (;;) {
      const piece = Atomics.add(words, NEXT, 1);
      if (piece >= (words[PIECES] as number)) return;
      if (own !== undefined) Atomics.store(words, own + CLAIMED, piece + 1);
      perform(piece);
      if (own !== undefined) {
        Atomics.store(words, own + CLAIMED, 0);
        Atomics.add(words, own + TICKS, 1);
      }
      if (Atomics.add(words, DONE, 1) + 1 === words[PIECES]) Atomics.notify(words, DONE);
    }
  }

  state(worker: number): number {
    return Atomics.load(this.words, WORKERS + WORKER_WORDS * worker + STATE);
  }

  setState(worker: number, state: number): void {
    Atomics.store(this.words, WORKERS + WORKER_WORDS * worker + STATE, state);
  }

  /** Whether the worker has claimed a piece and not finished it. */
  holdsPiece(worker: number): boolean {
    return Atomics.load(this.words, WORKERS + WORKER_WORDS * worker + CLAIMED) !== 0;
  }

  ticks(worker: number): number {
    return Atomics.load(this.words, WORKERS + WORKER_WORDS * worker + TICKS);
  }

  /** Records why a worker cannot go on, and wakes the caller. */
  fail(worker: number, message: string): void {
    const bytes = new Uint8Array(this.buffer, MESSAGES + MESSAGE_BYTES * worker, MESSAGE_BYTES);
    bytes.fill(0);
    bytes.set(new TextEncoder().encode(message).subarray(0, MESSAGE_BYTES));
    this.setState(worker, FAILED);
    Atomics.notify(this.words, DONE);
  }

  /** Why a worker failed. */
  message(worker: number): string {
    const bytes = new Uint8Array(this.buffer, MESSAGES + MESSAGE_BYTES * worker, MESSAGE_BYTES).slice();
    const end = bytes.indexOf(0);
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  }
}

/** The function that does a piece of the job. @param thread 0 for the caller, 1 + its index for a worker. */
function performer(job: Job, instance: Instance, thread: number): (piece: number) => void {
  if ("phase" in job) {
    const perform = job.phase === "reflect" ? reflectPanel : multiplySlab;
    return (piece) => perform(instance.kernels, job.workspace, piece, thread);
  }
  const { source, start, length, address } = job;
  const { bytes } = FORMATS[source.dtype];
  const base = start - (start % PIECE_ELEMENTS); // pieces begin and end at the borders of blocks
  return (piece) => {
    const begin = Math.max(start, base + piece * PIECE_ELEMENTS);
    const end = Math.min(start + length, base + (piece + 1) * PIECE_ELEMENTS);
    drawInPlace(instance, source, begin, address + bytes * (begin - start), end - begin);
  };
}

function doublesOf(distribution: Independent): number[] {
  switch (distribution.kind) {
    case "constant":
      return [distribution.value];
    case "uniform":
      return [distribution.low, distribution.high];
    case "normal":
      return [distribution.mean, distribution.std];
    case "truncated":
      return [distribution.mean, distribution.std, distribution.low, distribution.high];
  }
}

/** The inverse of `doublesOf`. */
function distributionOf(kind: Independent["kind"], a: number, b: number, c: number, d: number): Independent {
  switch (kind) {
    case "constant":
      return { kind, value: a };
    case "uniform":
      return { kind, low: a, high: b };
    case "normal":
      return { kind, mean: a, std: b };
    case "truncated":
      return { kind, mean: a, std: b, low: c, high: d };
  }
}
