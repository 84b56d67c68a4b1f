/** A pool of workers on one shared linear memory. It draws the same bits with any number of threads. */
import { exportsOf } from "#exports";
import { Arena, PAGES, RESERVED, reserve } from "../../arena.js";
import { checkCount, printable, wrongValue } from "../../check.js";
import { FORMATS, type Values, view } from "../../dtype.js";
import type { AsyncDrawer, Drawer } from "../engine.js";
import { drawInPlace, drawOut, type Instance, instantiate, keepsSubnormals, SCRATCH_BYTES } from "../kernels.js";
import { copyOut, drawAlone } from "../orthogonal.js";
import { scalar } from "../scalar.js";
import { type IndependentSource, isIndependent, normalSource, type OrthogonalMatrix, type Source } from "../source.js";
import { canBeSubnormal } from "../subnormal.js";
import { layOutWorkspace } from "../workspace.js";
import { withHint } from "./hint.js";
import { ACTIVE, Control, DONE, FAILED, type Job, PIECE_ELEMENTS, PIECES, READY, SEQUENCE, STOP } from "./job.js";
import { sharedModule } from "./shared.js";
import type { Setup } from "./worker.js";

/** A worker that was started, of whatever kind the runtime has. */
export interface WorkerHandle {
  terminate(): unknown;
}

/** Starts a worker. Calls `died` if the worker ends before the pool is closed, as soon as the event loop runs. */
export type Spawn = (setup: Setup, died: (error: unknown) => void) => WorkerHandle;

/** Wait until this word of the control buffer is no longer this value, or for a while. */
interface Wait {
  readonly word: number;
  readonly value: number;
}

const PAGE = 65536;
const STAGE_BYTES = 8 * 4 * PIECE_ELEMENTS; // of one half of the stage
// What takes less time than waking workers, by npm run bench:threads.
const SMALL = 2 * PIECE_ELEMENTS; // elements
const SMALL_CONSTANT = 16 * PIECE_ELEMENTS; // elements, which memory takes as fast as one thread gives them
const SMALL_MATRIX = 0x1000000; // rows * columns^2, of the tall form: 256 x 256 is the first square

/**
 * The shared memory holds the kernels' constants and the caller's scratch (the first page), the scratch of each worker, the
 * stage through which arrays in other memory are filled, and then arenas and the workspace of matrices.
 */
export class WorkerPool implements Drawer, AsyncDrawer {
  readonly #memory: WebAssembly.Memory;
  readonly #control: Control;
  /** The calling thread's instance. */
  readonly #instance: Instance;
  /** Address of the stage. */
  readonly #stage: number;
  readonly #workers: WorkerHandle[] = [];
  readonly #patience: number;
  readonly #keepsSubnormals: boolean;
  /** The memory's buffers: growing it makes a new one, and arrays on the old ones stay valid. */
  readonly #buffers = new WeakSet<ArrayBufferLike>();
  /** Address of the first arena. */
  readonly #arenas: number;
  /** Bytes of the memory. */
  #end: number;
  /** What the pool is once it is closed, for messages. */
  #closed: string | undefined;
  #workspace: { readonly begin: number; readonly bytes: number } | undefined;

  /** @param patience milliseconds without a finished piece after which a worker that holds one counts as dead. */
  constructor(threads: number, spawn: Spawn, patience: number) {
    const workers = threads - 1;
    this.#stage = RESERVED + workers * SCRATCH_BYTES;
    this.#arenas = Math.ceil((this.#stage + 2 * STAGE_BYTES) / PAGE) * PAGE;
    this.#end = this.#arenas;
    const descriptor = { initial: this.#end / PAGE, maximum: PAGES, shared: true };
    this.#memory = reserve(() => new WebAssembly.Memory(descriptor), this.#end);
    this.#control = new Control(workers);
    this.#instance = instantiate(exportsOf(sharedModule(), this.#memory), this.#memory, RESERVED - SCRATCH_BYTES);
    this.#keepsSubnormals = keepsSubnormals(this.#instance);
    this.#patience = patience;
    for (let index = 0; index < workers; ++index) {
      const scratch = RESERVED + index * SCRATCH_BYTES;
      const { constants } = this.#instance;
      const setup = { memory: this.#memory, control: this.#control.buffer, index, scratch, constants };
      this.#workers.push(
        spawn(setup, (error) => {
          if (this.#closed !== undefined || this.#control.state(index) === FAILED) return;
          this.#control.fail(index, withHint(error));
        }),
      );
    }
  }

  /** Number of threads, the calling one included. */
  get threads(): number {
    return this.#workers.length + 1;
  }

  /** Number of workers that are up. */
  get ready(): number {
    return this.#workers.filter((_, index) => this.#control.state(index) === READY).length;
  }

  /** An arena in the shared memory, which grows by its size. Views made before stay valid. */
  arena(bytes: number): Arena<SharedArrayBuffer> {
    this.#checkOpen();
    const begin = this.#grow(checkCount("bytes", bytes));
    return new Arena(bytes, { buffer: this.#memory.buffer as ArrayBufferLike as SharedArrayBuffer, begin });
  }

  /** Bytes by which the memory may still grow. */
  get #free(): number {
    return PAGES * PAGE - this.#end;
  }

  /** Grows the memory, and returns the address of what is new. */
  #grow(bytes: number): number {
    const pages = Math.ceil(bytes / PAGE);
    if (bytes > this.#free) throw wrongValue("bytes", `at most ${this.#free}, the rest of the pool's 4 GiB`, bytes);
    reserve(() => this.#memory.grow(pages), bytes);
    const begin = this.#end;
    this.#end += pages * PAGE;
    this.#buffers.add(this.#memory.buffer);
    return begin;
  }

  /** Draws, and blocks this thread until the values are there. This thread works on pieces as well. */
  draw(source: Source, start: number, out: Values): void {
    const { words } = this.#control;
    // Waits are bounded: a worker that died wakes nobody.
    for (const { word, value } of this.#drawing(source, start, out, true)) Atomics.wait(words, word, value, 10);
  }

  /** Draws by the workers alone; this thread only waits, without blocking. */
  async drawAsync(source: Source, start: number, out: Values): Promise<void> {
    for (const { word, value } of this.#drawing(source, start, out, false)) {
      // The timer bounds the wait. In Node it also keeps the program alive, which Atomics.waitAsync does not.
      const soon = new Promise((resolve) => setTimeout(resolve, Atomics.waitAsync === undefined ? 1 : 10));
      await Promise.race([Atomics.waitAsync?.(this.#control.words, word, value).value ?? soon, soon]);
    }
  }

  /** Ends the workers. Arenas and their views stay valid. */
  close(): void {
    this.#closed ??= "one that was closed";
    Atomics.store(this.#control.words, STOP, 1);
    Atomics.add(this.#control.words, SEQUENCE, 2);
    Atomics.notify(this.#control.words, SEQUENCE);
    for (const worker of this.#workers) worker.terminate();
  }

  /** Draws, yielding each wait to the caller. @param helps whether the calling thread works on pieces. */
  *#drawing(source: Source, start: number, out: Values, helps: boolean): Generator<Wait, void> {
    this.#checkOpen();
    if (this.#isShared(out) && out.byteOffset < this.#arenas && out.length > 0) {
      const expected = `at least ${this.#arenas} in a pool's memory, whose first bytes are the pool's own`;
      throw wrongValue("array.byteOffset", expected, out.byteOffset);
    }
    if (!this.#keepsSubnormals && canBeSubnormal(source.distribution, source.dtype)) scalar.draw(source, start, out);
    else if (isIndependent(source)) yield* this.#drawIndependent(source, start, out, helps);
    else yield* this.#drawMatrix(source as Source<OrthogonalMatrix>, start, out, helps);
  }

  #isShared({ buffer }: Values): boolean {
    return this.#buffers.has(buffer);
  }

  *#drawMatrix(source: Source<OrthogonalMatrix>, start: number, out: Values, helps: boolean): Generator<Wait, void> {
    const { distribution, dtype } = source;
    const { threads } = this;
    const bytes = layOutWorkspace(distribution, dtype, 0, threads).end;
    const workspace = layOutWorkspace(distribution, dtype, this.#reserveWorkspace(bytes), threads);
    if (workspace.rows * workspace.columns * workspace.columns < SMALL_MATRIX || this.#workers.length === 0) {
      drawAlone(this.#instance, workspace, source, start, out);
      return;
    }
    const { vectors: address, elements: length } = workspace;
    const normal = { source: normalSource(source), start: distribution.origin, length, address };
    const jobs: Job[] = [
      { phase: "reflect", workspace },
      { phase: "multiply", workspace },
    ];
    if (length < SMALL) drawInPlace(this.#instance, normal.source, normal.start, address, length);
    else jobs.unshift(normal);
    for (const job of jobs) {
      yield* this.#publish(job);
      yield* this.#finish(job, helps);
    }
    copyOut(this.#instance, workspace, source, start, out);
  }

  /** The address of memory for a workspace. It is kept and used again, since matrices are made one at a time. */
  #reserveWorkspace(bytes: number): number {
    if (this.#workspace === undefined || this.#workspace.bytes < bytes) {
      if (bytes > this.#free) {
        const room = `${this.#free} bytes, the rest of the pool's 4 GiB`;
        throw new RangeError(`shape: expected a matrix that is made in ${room}, got one that takes ${bytes} bytes`);
      }
      this.#workspace = { begin: this.#grow(bytes), bytes };
    }
    return this.#workspace.begin;
  }

  *#drawIndependent(source: IndependentSource, start: number, out: Values, helps: boolean): Generator<Wait, void> {
    const { length, byteOffset } = out;
    const shared = this.#isShared(out);
    const small = source.distribution.kind === "constant" ? SMALL_CONSTANT : SMALL;
    if (length < small || this.#workers.length === 0) {
      if (shared) drawInPlace(this.#instance, source, start, byteOffset, length);
      else drawOut(this.#instance, source, start, out);
      return;
    }
    if (shared) {
      const job = { source, start, length, address: byteOffset };
      yield* this.#publish(job);
      yield* this.#finish(job, helps);
      return;
    }
    // The halves of the stage take turns: one is copied out while the workers draw the other.
    let copy: (() => void) | undefined;
    const most = STAGE_BYTES / FORMATS[source.dtype].bytes;
    for (let at = 0, half = 0; at < length; at += most, half = 1 - half) {
      const count = Math.min(most, length - at);
      const address = this.#stage + half * STAGE_BYTES;
      const job = { source, start: start + at, length: count, address };
      yield* this.#publish(job);
      copy?.();
      yield* this.#finish(job, helps);
      copy = () => out.set(view(source.dtype, this.#memory.buffer, address, count), at);
    }
    copy?.();
  }

  /** Gives a job to the workers (protocol: job.ts). */
  *#publish(job: Job): Generator<Wait, void> {
    const { words } = this.#control;
    Atomics.add(words, SEQUENCE, 1);
    yield* this.#waitUntil(ACTIVE, () => Atomics.load(words, ACTIVE) === 0);
    this.#control.write(job);
    Atomics.add(words, SEQUENCE, 1);
    Atomics.notify(words, SEQUENCE);
  }

  *#finish(job: Job, helps: boolean): Generator<Wait, void> {
    const { words } = this.#control;
    if (helps) this.#control.work(job, this.#instance);
    yield* this.#waitUntil(DONE, () => Atomics.load(words, DONE) === words[PIECES]);
  }

  /** Yields until the condition on a word holds. Throws if the pool was closed, or if the workers make no progress. */
  *#waitUntil(word: number, holds: () => boolean): Generator<Wait, void> {
    let ticks = -1;
    let since = 0;
    for (;;) {
      // Read before the condition: if the word changes after it, the wait ends at once.
      const value = Atomics.load(this.#control.words, word);
      if (holds()) return;
      this.#checkOpen();
      const now = performance.now();
      const all = this.#workers.reduce((sum, _, index) => sum + this.#control.ticks(index), 0);
      if (all !== ticks) {
        ticks = all;
        since = now;
      } else if (now - since > this.#patience) {
        const stuck = this.#workers.findIndex((_, index) => this.#control.holdsPiece(index));
        const worker = `worker ${Math.max(0, stuck)}`;
        this.#abandon(
          `one that closed when ${worker} made no progress within ${this.#patience} ms`,
          `expected ${worker} to make progress within ${this.#patience} ms, got none`,
          ", with more patience if the machine was only busy",
        );
      }
      yield { word, value };
    }
  }

  #checkOpen(): void {
    if (this.#closed !== undefined) {
      throw new Error(`pool: expected an open pool, got ${this.#closed}; open another`);
    }
    const failed = this.#workers.findIndex((_, index) => this.#control.state(index) === FAILED);
    if (failed < 0) return;
    const message = printable(this.#control.message(failed));
    this.#abandon(
      `one that closed when worker ${failed} failed (${message})`,
      `expected worker ${failed} to run, got its error: ${message}`,
    );
  }

  /** Closes the pool after a failure, and throws. @param closed what the pool is from now on, for later messages. */
  #abandon(closed: string, problem: string, how = ""): never {
    this.#closed = closed;
    this.close();
    throw new Error(`pool: ${problem}; the pool is closed now, open another${how}`);
  }
}
