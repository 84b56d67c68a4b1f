/**
 * The words through which a pool's threads understand each other, in a SharedArrayBuffer of their own: a job, cut into
 * pieces that each thread claims by one atomic addition, and a state for each worker. No messages: a thread that waits
 * in Atomics receives none.
 */

import type { Independent } from "../../distribution.js";
import { DTYPES, type DType, FORMATS } from "../../dtype.js";
import { BLOCK } from "../../kernel/bits.js";
import { drawInPlace, type Instance } from "../kernels.js";
import { drawSlab, reflectBlock } from "../orthogonal.js";
import type { IndependentSource } from "../source.js";
import { blocksOf, slabsOf, type Workspace } from "../workspace.js";

// Words of the control buffer.
export const SEQUENCE = 0; // even: a job may be read; odd: it is being written; workers wait for it to change
export const STOP = 1; // 1: workers end
export const ACTIVE = 2; // workers that may be reading the job
const NEXT = 3; // the next piece to claim
export const PIECES = 4; // of the job
export const DONE = 5; // pieces
const JOB = 8; // doubles, from this word on
const WORKERS = 64; // words of worker i from here on, WORDS each
const WORDS = 4;
const STATE = 0;
const CLAIMED = 1; // 1 + the piece it works on; 0: none
const TICKS = 2; // pieces it has finished
const MESSAGES = 8192; // bytes: what worker i threw, from here on, MESSAGE each; room for 256 workers before
const MESSAGE = 256;

// What a worker says of itself; 0 until it is up.
export const READY = 1;
export const FAILED = 2;

/** Elements in a piece: 16 blocks, or 32 where an element takes two words: some 20 to 160 microseconds of work. */
export const PIECE_ELEMENTS = 16 * BLOCK;

export type Job = Elements | Step;

/** Elements to be drawn. */
export interface Elements {
  readonly source: IndependentSource;
  /** Elements [start, start + length) of the tensor. */
  readonly start: number;
  readonly length: number;
  /** Where they go in the shared memory, in bytes. */
  readonly address: number;
}

/** A step in the making of a matrix, whose pieces are blocks of reflectors or slabs of the result. */
export interface Step {
  readonly step: "reflect" | "multiply";
  readonly space: Workspace;
}

/** The order of a workspace's numbers in the control buffer. */
const WORKSPACE: readonly (keyof Workspace)[] = [
  ...(["bytes", "rows", "columns", "gain", "tall", "vectors", "elements"] as const),
  ...(["triangles", "signs", "q", "slabs", "slabBytes", "end"] as const),
];
const KINDS = ["elements", "reflect", "multiply"] as const;

const LAWS = ["constant", "uniform", "normal", "truncated"] as const;

export class Control {
  readonly buffer: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly #doubles: Float64Array;

  constructor(workers: number, buffer?: SharedArrayBuffer) {
    this.buffer = buffer ?? new SharedArrayBuffer(MESSAGES + MESSAGE * Math.max(1, workers));
    this.words = new Int32Array(this.buffer);
    this.#doubles = new Float64Array(this.buffer, 4 * JOB, 16);
  }

  /** Writes a job; only while no worker is active and the sequence is odd. */
  write(job: Job): void {
    if ("step" in job) {
      const { step, space: workspace } = job;
      this.#doubles.set([KINDS.indexOf(step), ...WORKSPACE.map((name) => workspace[name])]);
      this.words[PIECES] = step === "reflect" ? blocksOf(workspace) : slabsOf(workspace);
    } else {
      const { source, start, length, address } = job;
      const { seedLow, seedHigh, streamLow, streamHigh } = source.key;
      const place = [start, length, address, DTYPES.indexOf(source.dtype)];
      const kind = [LAWS.indexOf(source.distribution.kind), ...numbersOf(source.distribution)];
      this.#doubles.set([KINDS.indexOf("elements"), seedLow, seedHigh, streamLow, streamHigh, ...place, ...kind]);
      this.words[PIECES] = Math.ceil(((start % PIECE_ELEMENTS) + length) / PIECE_ELEMENTS);
    }
    this.words[NEXT] = 0;
    this.words[DONE] = 0;
  }

  read(): Job {
    const kind = KINDS[this.#doubles[0] as number];
    const at = (i: number) => this.#doubles[i + 1] as number;
    if (kind === "reflect" || kind === "multiply") {
      return {
        step: kind,
        space: Object.fromEntries(WORKSPACE.map((name, i) => [name, at(i)])) as unknown as Workspace,
      };
    }
    return {
      source: {
        key: { seedLow: at(0), seedHigh: at(1), streamLow: at(2), streamHigh: at(3) },
        distribution: distributionOf(LAWS[at(8)] as Independent["kind"], at(9), at(10), at(11), at(12)),
        dtype: DTYPES[at(7)] as DType,
      },
      start: at(4),
      length: at(5),
      address: at(6),
    };
  }

  /** Claims and draws pieces of the job until none is left; as worker `self`, says which. */
  work(job: Job, instance: Instance, self?: number): void {
    const { words } = this;
    const mine = self === undefined ? undefined : WORKERS + WORDS * self;
    const run = pieces(job, instance, self === undefined ? 0 : self + 1);
    for (;;) {
      const piece = Atomics.add(words, NEXT, 1);
      if (piece >= (words[PIECES] as number)) return;
      if (mine !== undefined) Atomics.store(words, mine + CLAIMED, piece + 1);
      run(piece);
      if (mine !== undefined) {
        Atomics.store(words, mine + CLAIMED, 0);
        Atomics.add(words, mine + TICKS, 1);
      }
      if (Atomics.add(words, DONE, 1) + 1 === words[PIECES]) Atomics.notify(words, DONE);
    }
  }

  state(worker: number): number {
    return Atomics.load(this.words, WORKERS + WORDS * worker + STATE);
  }

  setState(worker: number, state: number): void {
    Atomics.store(this.words, WORKERS + WORDS * worker + STATE, state);
  }

  /** Whether the worker has claimed a piece and not finished it. */
  holds(worker: number): boolean {
    return Atomics.load(this.words, WORKERS + WORDS * worker + CLAIMED) !== 0;
  }

  ticks(worker: number): number {
    return Atomics.load(this.words, WORKERS + WORDS * worker + TICKS);
  }

  /** Records why a worker cannot go on. */
  fail(worker: number, message: string): void {
    const bytes = new Uint8Array(this.buffer, MESSAGES + MESSAGE * worker, MESSAGE);
    bytes.fill(0);
    bytes.set(new TextEncoder().encode(message).subarray(0, MESSAGE));
    this.setState(worker, FAILED);
    Atomics.notify(this.words, DONE);
  }

  message(worker: number): string {
    const bytes = new Uint8Array(this.buffer, MESSAGES + MESSAGE * worker, MESSAGE).slice();
    const end = bytes.indexOf(0);
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  }
}

/** Carries out the job's piece of that number, as a thread of the pool. */
function pieces(job: Job, instance: Instance, thread: number): (piece: number) => void {
  if ("step" in job) {
    const make = job.step === "reflect" ? reflectBlock : drawSlab;
    return (piece) => make(instance.kernels, job.space, piece, thread);
  }
  const { source, start, length, address } = job;
  const { bytes } = FORMATS[source.dtype];
  const base = start - (start % PIECE_ELEMENTS); // pieces are cut at block borders
  return (piece) => {
    const begin = Math.max(start, base + piece * PIECE_ELEMENTS);
    const end = Math.min(start + length, base + (piece + 1) * PIECE_ELEMENTS);
    drawInPlace(instance, source, begin, address + bytes * (begin - start), end - begin);
  };
}

function numbersOf(distribution: Independent): number[] {
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

function distributionOf(kind: Independent["kind"], a: number, b: number, c: number, d: number): Independent {
  switch (kind) {
    case "constant":
      return { kind: kind, value: a };
    case "uniform":
      return { kind: kind, low: a, high: b };
    case "normal":
      return { kind: kind, mean: a, std: b };
    case "truncated":
      return { kind: kind, mean: a, std: b, low: c, high: d };
  }
}
