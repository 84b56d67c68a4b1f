/// <reference lib="esnext.disposable" preserve="true" />
/**
 * Pools of threads, which draw the same bits with any number of threads. Each pool has one shared linear memory and its
 * own workers. Work is handed out by atomic operations, so a blocking call returns when its tensor is there.
 */
import { hasWorkers, parallelism, spawn as spawnDefault } from "#spawn";
import type { Arena } from "./arena.js";
import { checkCallback, checkCount, checkOptions, wrongType, wrongValue } from "./check.js";
import type { ArrayOf, DType, FillableOf, Values } from "./dtype.js";
import { hasSimd } from "./engine/module/probe.js";
import { withHint } from "./engine/pool/hint.js";
import { type Spawn, WorkerPool } from "./engine/pool/pool.js";
import type { Source } from "./engine/source.js";
import {
  type ArenaOption,
  carryOut,
  carryOutAsync,
  type DrawOptions,
  FILL_KEYS,
  INIT_KEYS,
  requestFill,
  requestInit,
  type SchemeLike,
  type StartOption,
} from "./request.js";

/** The options of `openPool` and `openPoolAsync`. */
export interface PoolOptions {
  /** Number of threads, 1 to 256, the calling thread included. Default: as many as the machine runs at once. */
  readonly threads?: number | undefined;
  /**
   * Makes a worker that runs `nn-init/threads/worker`. Needed if a bundler does not resolve this package's own worker:
   * `() => new Worker(new URL("./worker.js", import.meta.url), { type: "module" })`, where worker.js is a file of yours
   * that imports `nn-init/threads/worker`. Default: the package starts its own workers.
   */
  readonly worker?: (() => WorkerLike) | undefined;
  /**
   * Milliseconds after which a worker that holds a piece of work counts as dead, if no worker finishes one in that time.
   * Default 10,000.
   */
  readonly patience?: number | undefined;
}

/** What a `Worker` of browsers and one of node:worker_threads have in common. */
export interface WorkerLike {
  /** Sends a message to the worker. A pool sends one, with its shared memory. */
  postMessage(message: unknown): void;
  /** Ends the worker. A pool calls it when it is closed. */
  terminate(): unknown;
}

/** The options of a pool's `init`: those of `init` in nn-init, without `engine`. */
export type PoolInitOptions<D extends DType = DType, Buffer extends ArrayBufferLike = ArrayBuffer> = DrawOptions<D> &
  ArenaOption<Buffer>;
/** The options of a pool's `fill`: those of `fill` in nn-init, without `engine`. */
export type PoolFillOptions<D extends DType = DType> = DrawOptions<D> & StartOption;

/** What both kinds of pool have in common. */
class Pool {
  /** @internal */
  protected readonly workers: WorkerPool;

  /** @internal */
  constructor(options: PoolOptions) {
    checkOptions("options", options, ["threads", "worker", "patience"]);
    const threads = checkCount("threads", options.threads ?? Math.min(256, parallelism()));
    if (threads < 1 || threads > 256) throw wrongValue("threads", "a whole number from 1 to 256", threads);
    const patience = checkCount("patience", options.patience ?? 10_000);
    const worker = checkCallback("worker", options.worker);
    checkRuntime(worker !== undefined);
    try {
      this.workers = new WorkerPool(threads, worker === undefined ? spawnDefault : spawnBy(worker), patience);
    } catch (error) {
      throw new RangeError(`threads: expected ${threads} to start, got an error: ${withHint(error)}`, { cause: error });
    }
  }

  /** Number of threads, the calling thread included. */
  get threads(): number {
    return this.workers.threads;
  }

  /** Number of workers that are up, from 0 to threads - 1. A call does not wait for the others, it works without them. */
  get ready(): number {
    return this.workers.ready;
  }

  /**
   * An arena in the memory that the threads share. Tensors in it are drawn in place, without a copy.
   *
   * @param bytes capacity. All arenas of a pool share 4 GiB.
   * @throws RangeError if the pool has less memory left, or the runtime cannot reserve it; Error if the pool is closed.
   */
  arena(bytes: number): Arena<SharedArrayBuffer> {
    return this.workers.arena(bytes);
  }

  /** Ends the workers; later calls throw. Arenas and their views stay valid. Closing twice is no error. */
  close(): void {
    this.workers.close();
  }

  /** Closes the pool at the end of a block that begins with `using pool = openPool()`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** A pool whose calls block until the tensor is there, made by `openPool`. For Node, Deno, Bun and web workers. */
export class ThreadPool extends Pool {
  /**
   * A new tensor, with the same values as `init` of nn-init.
   *
   * @param shape lengths of the axes; [] is a scalar.
   * @param scheme a scheme, the name of a scheme that needs no options, or a distribution from `resolve`.
   * @param options seed, name, dtype and arena.
   * @throws TypeError, RangeError naming the argument, before anything is written; Error if the pool is closed or a
   * worker fails.
   */
  init<D extends DType = "f32", Buffer extends ArrayBufferLike = ArrayBuffer>(
    shape: readonly number[],
    scheme: SchemeLike,
    options: PoolInitOptions<D, Buffer> = {},
  ): ArrayOf<Buffer>[D] {
    checkOptions("options", options, INIT_KEYS);
    return carryOut(this, requestInit(shape, scheme, options));
  }

  /**
   * Writes a tensor, or a run of its elements, into `array`, with the same values as `fill` of nn-init.
   *
   * @param array of the dtype's type, as long as the tensor; shorter with `start`.
   * @param shape lengths of the axes of the whole tensor.
   * @param scheme a scheme, the name of a scheme that needs no options, or a distribution from `resolve`.
   * @param options seed, name, dtype and start.
   * @returns the array.
   * @throws TypeError, RangeError naming the argument, before anything is written; Error if the pool is closed or a
   * worker fails.
   */
  fill<T extends FillableOf[D], D extends DType = "f32">(
    array: T,
    shape: readonly number[],
    scheme: SchemeLike,
    options: PoolFillOptions<D> = {},
  ): T {
    checkOptions("options", options, FILL_KEYS);
    return carryOut(this, requestFill<T, D>(array, shape, scheme, options));
  }

  /** @internal */
  draw(source: Source, start: number, out: Values): void {
    this.workers.draw(source, start, out);
  }
}

/**
 * A pool whose calls return promises, made by `openPoolAsync`. For pages, whose main thread may not block. Calls are carried
 * out one after the other, in the order in which they were made.
 */
export class AsyncThreadPool extends Pool {
  #last: Promise<unknown> = Promise.resolve();

  /**
   * A promise of a new tensor, with the same values as `init` of nn-init.
   *
   * @param shape lengths of the axes; [] is a scalar.
   * @param scheme a scheme, the name of a scheme that needs no options, or a distribution from `resolve`.
   * @param options seed, name, dtype and arena.
   * @throws (rejects with) TypeError, RangeError naming the argument, before anything is written; Error if the pool is
   * closed or a worker fails.
   */
  async init<D extends DType = "f32", Buffer extends ArrayBufferLike = ArrayBuffer>(
    shape: readonly number[],
    scheme: SchemeLike,
    options: PoolInitOptions<D, Buffer> = {},
  ): Promise<ArrayOf<Buffer>[D]> {
    checkOptions("options", options, INIT_KEYS);
    const request = requestInit(shape, scheme, options);
    return this.#enqueue(() => carryOutAsync(this.workers, request));
  }

  /**
   * Writes a tensor, or a run of its elements, into `array`, with the same values as `fill` of nn-init. The array is being
   * written until the promise settles.
   *
   * @param array of the dtype's type, as long as the tensor; shorter with `start`.
   * @param shape lengths of the axes of the whole tensor.
   * @param scheme a scheme, the name of a scheme that needs no options, or a distribution from `resolve`.
   * @param options seed, name, dtype and start.
   * @returns a promise of the array.
   * @throws (rejects with) TypeError, RangeError naming the argument, before anything is written; Error if the pool is
   * closed or a worker fails.
   */
  async fill<T extends FillableOf[D], D extends DType = "f32">(
    array: T,
    shape: readonly number[],
    scheme: SchemeLike,
    options: PoolFillOptions<D> = {},
  ): Promise<T> {
    checkOptions("options", options, FILL_KEYS);
    const request = requestFill<T, D>(array, shape, scheme, options);
    return this.#enqueue(() => carryOutAsync(this.workers, request));
  }

  /** @internal */
  drawAsync(source: Source, start: number, out: Values): Promise<void> {
    return this.#enqueue(() => this.workers.drawAsync(source, start, out));
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {}); // the caller of this work gets the error, the next one does not
    return done;
  }
}

/**
 * Opens a pool of threads whose calls block: for Node, Deno, Bun and web workers. Close it when it is no longer needed; an
 * open pool does not keep a Node program alive.
 *
 * @param options number of threads, what makes a worker, and after how long one counts as dead.
 * @throws TypeError, RangeError for a wrong option; RangeError if the runtime has no WebAssembly SIMD, shared memory or
 * workers, or if this thread may not block.
 * @example
 * ```js
 * import { heNormal } from "nn-init";
 * import { openPool } from "nn-init/threads";
 *
 * const pool = openPool({ threads: 4 });
 * const arena = pool.arena(4 * 784 * 512);
 * const w = pool.init([784, 512], heNormal(), { seed: 42, name: "fc1.kernel", arena });
 * console.log(w.length, w[0]); // 401408 -0.038448259234428406
 * pool.close();
 * ```
 */
export function openPool(options: PoolOptions = {}): ThreadPool {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0); // 0 is not 1: returns at once, if it is allowed
  } catch (error) {
    if (typeof SharedArrayBuffer === "undefined") checkRuntime(true);
    const message = "threads: expected a thread that may block, got one that may not (the main thread of a page)";
    throw new RangeError(`${message}; use openPoolAsync`, { cause: error });
  }
  return new ThreadPool(options);
}

/**
 * Opens a pool of threads whose calls return promises: for pages. It works in every runtime that `openPool` works in.
 *
 * @param options number of threads, what makes a worker, and after how long one counts as dead.
 * @throws (rejects with) TypeError, RangeError for a wrong option; RangeError if the runtime has no WebAssembly SIMD, shared
 * memory or workers.
 * @example
 * ```js
 * import { heNormal } from "nn-init";
 * import { openPoolAsync } from "nn-init/threads";
 *
 * const pool = await openPoolAsync({ threads: 4 });
 * const w = await pool.init([784, 512], heNormal(), { seed: 42, name: "fc1.kernel" });
 * console.log(w.length, w[0]); // 401408 -0.038448259234428406
 * pool.close();
 * ```
 */
export async function openPoolAsync(options: PoolOptions = {}): Promise<AsyncThreadPool> {
  return new AsyncThreadPool(options);
}

/** @param ownWorkers whether the caller makes the workers. */
function checkRuntime(ownWorkers: boolean): void {
  const instead = "without threads, init and fill of nn-init draw the same values";
  if (typeof WebAssembly !== "object" || !hasSimd()) {
    throw new RangeError(`threads: expected a runtime with WebAssembly SIMD, got one that lacks it; ${instead}`);
  }
  if (typeof SharedArrayBuffer === "undefined") {
    const how = "a page has it when it is cross-origin isolated (the headers COOP and COEP)";
    throw new RangeError(`threads: expected a runtime with SharedArrayBuffer, got one that lacks it; ${how}`);
  }
  if (!ownWorkers && !hasWorkers()) {
    const where = "edge runtimes and service workers have none";
    throw new RangeError(`threads: expected a runtime with workers, got one that lacks them (${where}); ${instead}`);
  }
}

/** What the two kinds of worker report failures by: `addEventListener` in browsers, `on` in Node. */
type Listening = Partial<Pick<EventTarget, "addEventListener">> & {
  on?(event: "error", listener: (error: Error) => void): void;
};

const spawnBy =
  (make: () => WorkerLike): Spawn =>
  (setup, died) => {
    const worker = make() as WorkerLike & Listening;
    if (typeof worker?.postMessage !== "function") throw wrongType("worker", "a function that makes a Worker", worker);
    // A script that cannot be loaded gives an event without a message.
    worker.addEventListener?.("error", (event) => {
      died(new Error((event as ErrorEvent).message || "its script could not be loaded"));
    });
    worker.on?.("error", died);
    worker.postMessage(setup);
    return worker;
  };
