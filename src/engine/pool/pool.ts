/** A pool of workers on one shared linear memory. What it draws has the same bits for any number of threads. */
import { Arena, PAGES, RESERVED, reserve } from "../../arena.js";
import { checkCount, wrongValue } from "../../check.js";
import { FORMATS, type Values, view } from "../../dtype.js";
import type { AsyncDrawer, Drawer } from "../engine.js";
import { drawInPlace, drawOut, type Instance, instantiate, SCRATCH_BYTES } from "../kernels.js";
import { copyOut } from "../orthogonal.js";
import { type IndependentSource, isIndependent, normalSource, type OrthogonalMatrix, type Source } from "../source.js";
import { layOut } from "../workspace.js";
import { ACTIVE, Control, DONE, FAILED, type Job, PIECE_ELEMENTS, PIECES, READY, SEQUENCE, STOP } from "./job.js";
import { sharedModule } from "./shared.js";
import type { Setup } from "./worker.js";

/** A started worker, of whatever kind the runtime has. */
export interface Handle {
  terminate(): unknown;
}

/** Starts a worker; `died` is called, when the event loop next runs, if it ends before it is told to. */
export type Spawn = (setup: Setup, died: (why: string) => void) => Handle;

/** Resume once this word of the control is no longer this value, or after a while. */
interface Wait {
  readonly word: number;
  readonly value: number;
}

const PAGE = 65536;
const STAGE = 8 * 4 * PIECE_ELEMENTS; // bytes of each half of the stage, through which memory of the caller's own is filled
const SMALL = 2 * PIECE_ELEMENTS; // elements from which on waking a worker pays

export class WorkerPool implements Drawer, AsyncDrawer {
  readonly #memory: WebAssembly.Memory;
  readonly #control: Control;
  readonly #on: Instance;
  readonly #stage: number; // its address
  readonly #workers: Handle[] = [];
  readonly #patience: number;
  readonly #buffers = new WeakSet<ArrayBufferLike>(); // the memory's, one more for each time it grew
  readonly #first: number; // byte of the first arena
  #end: number;
  #closed: string | undefined;
  #spare: { readonly begin: number; readonly bytes: number } | undefined;

  /** @param patience milliseconds without progress on a claimed piece after which its worker counts as dead */
  constructor(threads: number, spawn: Spawn, patience: number) {
    const workers = threads - 1;
    this.#stage = RESERVED + workers * SCRATCH_BYTES;
    this.#first = Math.ceil((this.#stage + 2 * STAGE) / PAGE) * PAGE;
    this.#end = this.#first;
    const descriptor = { initial: this.#end / PAGE, maximum: PAGES, shared: true };
    this.#memory = reserve(() => new WebAssembly.Memory(descriptor), this.#end);
    this.#control = new Control(workers);
    this.#on = instantiate(sharedModule(), this.#memory, RESERVED - SCRATCH_BYTES);
    this.#patience = patience;
    for (let index = 0; index < workers; ++index) {
      const scratch = RESERVED + index * SCRATCH_BYTES;
      const setup = { memory: this.#memory, control: this.#control.buffer, index, scratch };
      this.#workers.push(
        spawn(setup, (why) => {
          if (this.#closed === undefined && this.#control.state(index) !== FAILED) this.#control.fail(index, why);
        }),
      );
    }
  }

  get threads(): number {
    return this.#workers.length + 1;
  }

  /** Workers that are up and waiting for jobs. */
  get ready(): number {
    return this.#workers.filter((_, index) => this.#control.state(index) === READY).length;
  }

  /** A region of the shared memory, which grows by it; views made before stay valid. */
  arena(bytes: number): Arena<SharedArrayBuffer> {
    this.#checkOpen();
    const begin = this.#grow(checkCount("bytes", bytes));
    return new Arena(bytes, { buffer: this.#memory.buffer as ArrayBufferLike as SharedArrayBuffer, begin });
  }

  /** Bytes that the memory may still grow by. */
  get #free(): number {
    return PAGES * PAGE - this.#end;
  }

  /** More memory; its address. */
  #grow(bytes: number): number {
    const pages = Math.ceil(bytes / PAGE);
    if (bytes > this.#free) throw wrongValue("bytes", `at most ${this.#free}, what is left of the pool's 4 GiB`, bytes);
    reserve(() => this.#memory.grow(pages), bytes);
    const begin = this.#end;
    this.#end += pages * PAGE;
    this.#buffers.add(this.#memory.buffer);
    return begin;
  }

  /** Draws, taking pieces itself, and waits for the workers by blocking this thread. */
  draw(source: Source, start: number, out: Values): void {
    const { words } = this.#control;
    // Bounded waits: a worker that died notifies nobody.
    for (const { word, value } of this.#steps(source, start, out, true)) Atomics.wait(words, word, value, 10);
  }

  /** Draws by the workers alone, and waits for them without blocking this thread. */
  async drawAsync(source: Source, start: number, out: Values): Promise<void> {
    for (const { word, value } of this.#steps(source, start, out, false)) {
      // The timer bounds the wait, and keeps a Node program alive that has nothing else to do.
      const soon = new Promise((resolve) => setTimeout(resolve, Atomics.waitAsync === undefined ? 1 : 10));
      await Promise.race([Atomics.waitAsync?.(this.#control.words, word, value).value ?? soon, soon]);
    }
  }

  /** Ends the workers. Memory that was handed out stays. */
  close(): void {
    this.#closed ??= "it is closed";
    Atomics.store(this.#control.words, STOP, 1);
    Atomics.add(this.#control.words, SEQUENCE, 2);
    Atomics.notify(this.#control.words, SEQUENCE);
    for (const worker of this.#workers) worker.terminate();
  }

  /** The work of a draw, but for its waits. */
  *#steps(source: Source, start: number, out: Values, help: boolean): Generator<Wait, void> {
    this.#checkOpen();
    if (isIndependent(source)) yield* this.#points(source, start, out, help);
    else yield* this.#matrix(source as Source<OrthogonalMatrix>, start, out, help);
  }

  *#matrix(source: Source<OrthogonalMatrix>, start: number, out: Values, help: boolean): Generator<Wait, void> {
    const { distribution, dtype } = source;
    const workspace = layOut(
      distribution,
      dtype,
      this.#workspace(layOut(distribution, dtype, 0, this.threads).end),
      this.threads,
    );
    const { vectors: address, elements: length } = workspace;
    const jobs: Job[] = [
      { source: normalSource(source), start: distribution.origin, length, address },
      { step: "reflect", space: workspace },
      { step: "multiply", space: workspace },
    ];
    for (const job of jobs) {
      yield* this.#publish(job);
      yield* this.#finish(job, help || this.#workers.length === 0);
    }
    copyOut(this.#on, workspace, source, start, out);
  }

  /** The address of so many bytes in which matrices are made, one after the other. */
  #workspace(bytes: number): number {
    if (this.#spare === undefined || this.#spare.bytes < bytes) {
      if (bytes > this.#free) {
        const left = `${this.#free} bytes, what is left of the pool's 4 GiB`;
        throw wrongValue("shape", `a matrix that is made in ${left}`, `one that takes ${bytes}`);
      }
      this.#spare = { begin: this.#grow(bytes), bytes };
    }
    return this.#spare.begin;
  }

  *#points(source: IndependentSource, start: number, out: Values, help: boolean): Generator<Wait, void> {
    const { length, byteOffset } = out;
    const shared = this.#buffers.has(out.buffer);
    if (shared && byteOffset < this.#first && length > 0) {
      throw wrongValue(
        "array.byteOffset",
        `at least ${this.#first} in a pool's memory, which begins with its own`,
        byteOffset,
      );
    }
    if (length < SMALL || this.#workers.length === 0) {
      if (shared) drawInPlace(this.#on, source, start, byteOffset, length);
      else drawOut(this.#on, source, start, out);
      return;
    }
    if (shared) {
      const job = { source, start, length, address: byteOffset };
      yield* this.#publish(job);
      yield* this.#finish(job, help);
      return;
    }
    // Two halves in turn: one is copied out while the workers already draw the other.
    let copied: (() => void) | undefined;
    const most = STAGE / FORMATS[source.dtype].bytes;
    for (let at = 0, half = 0; at < length; at += most, half = 1 - half) {
      const count = Math.min(most, length - at);
      const address = this.#stage + half * STAGE;
      const job = { source, start: start + at, length: count, address };
      yield* this.#publish(job);
      copied?.();
      yield* this.#finish(job, help);
      copied = () => out.set(view(source.dtype, this.#memory.buffer, address, count), at);
    }
    copied?.();
  }

  *#publish(job: Job): Generator<Wait, void> {
    const { words } = this.#control;
    Atomics.add(words, SEQUENCE, 1); // odd: workers that wake up now wait on
    yield* this.#until(ACTIVE, () => Atomics.load(words, ACTIVE) === 0);
    this.#control.write(job);
    Atomics.add(words, SEQUENCE, 1);
    Atomics.notify(words, SEQUENCE);
  }

  *#finish(job: Job, help: boolean): Generator<Wait, void> {
    const { words } = this.#control;
    if (help) this.#control.work(job, this.#on);
    yield* this.#until(DONE, () => Atomics.load(words, DONE) === words[PIECES]);
  }

  /** Yields until it is so, as long as the workers get on. */
  *#until(word: number, met: () => boolean): Generator<Wait, void> {
    let ticks = -1;
    let since = 0;
    for (;;) {
      const value = Atomics.load(this.#control.words, word); // before the look: a change after it ends the wait at once
      if (met()) return;
      this.#checkOpen(); // also a call that waits while another closes the pool

      const now = performance.now();
      const all = this.#workers.reduce((sum, _, index) => sum + this.#control.ticks(index), 0);
      if (all !== ticks) {
        ticks = all;
        since = now;
      } else if (now - since > this.#patience) {
        const stuck = this.#workers.findIndex((_, index) => this.#control.holds(index));
        this.#break(`worker ${Math.max(0, stuck)} made no progress in ${this.#patience} ms and counts as dead`);
      }
      yield { word, value };
    }
  }

  #checkWorkers(): void {
    const failed = this.#workers.findIndex((_, index) => this.#control.state(index) === FAILED);
    if (failed >= 0) this.#break(`worker ${failed} failed: ${this.#control.message(failed)}`);
  }

  #checkOpen(): void {
    if (this.#closed !== undefined) throw new Error(`pool: expected an open one, but ${this.#closed}`);
    this.#checkWorkers();
  }

  #break(why: string): never {
    this.#closed = why;
    this.close();
    throw new Error(`pool: ${why}`);
  }
}
