/// <reference lib="esnext.disposable" preserve="true" />
/**
 * Pools of threads: the same bits for any number of them. Each pool has one shared linear memory and its own workers; work
 * is dispatched by atomics, so a call of a blocking pool returns when its tensor is there.
 */
import { hasWorkers, parallelism, spawn as spawnDefault } from "#spawn";
import type { Arena } from "./arena.js";
import { checkCount, checkOptions, wrongType, wrongValue } from "./check.js";
import type { ArrayOf, DType, FillableOf, Values } from "./dtype.js";
import { hasSimd } from "./engine/module/probe.js";
import { advised } from "./engine/pool/advice.js";
import { type Spawn, WorkerPool } from "./engine/pool/pool.js";
import type { Source } from "./engine/source.js";
import {
  carryOut,
  carryOutAsync,
  type Drawable,
  type DrawOptions,
  FILL_KEYS,
  type FillPlace,
  INIT_KEYS,
  type InitPlace,
  requestFill,
  requestInit,
} from "./request.js";

/** The options of `openPool` and `openPoolAsync`. */
export interface PoolOptions {
  /** From 1 to 256, the calling thread included. Default: as many as the machine runs at once. */
  readonly threads?: number;
  /**
   * Makes a worker that runs `nn-init/threads/worker`, for bundlers that cannot resolve this package's own URL of it:
   * `() => new Worker(new URL("./worker.js", import.meta.url), { type: "module" })`.
   */
  readonly worker?: () => WorkerLike;
  /** Milliseconds without progress on a piece of work after which its worker counts as dead. Default 10,000. */
  readonly patience?: number;
}

/** What `Worker` of browsers and of node:worker_threads have in common. */
export interface WorkerLike {
  postMessage(message: unknown): void;
  terminate(): unknown;
}

/** The options of a pool's `init`. */
export type PoolInitOptions<D extends DType = DType, Buffer extends ArrayBufferLike = ArrayBuffer> = DrawOptions<D> &
  InitPlace<Buffer>;
/** The options of a pool's `fill`. */
export type PoolFillOptions<D extends DType = DType> = DrawOptions<D> & FillPlace;

/** What both kinds of pool have. */
class Base {
  /** @internal */
  protected readonly workers: WorkerPool;

  /** @internal */
  constructor(options: PoolOptions) {
    checkOptions("options", options, ["threads", "worker", "patience"]);
    const threads = checkCount("threads", options.threads ?? Math.min(256, parallelism()));
    if (threads < 1 || threads > 256) throw wrongValue("threads", "a whole number from 1 to 256", threads);
    const patience = checkCount("patience", options.patience ?? 10_000);
    const { worker } = options;
    if (worker !== undefined && typeof worker !== "function") throw wrongType("worker", "a function", worker);
    checkRuntime(worker !== undefined);
    try {
      this.workers = new WorkerPool(threads, worker === undefined ? spawnDefault : spawnBy(worker), patience);
    } catch (error) {
      throw new RangeError(`threads: they could not be started: ${advised(error)}`, { cause: error });
    }
  }

  /** Threads that draw, the calling one included. */
  get threads(): number {
    return this.workers.threads;
  }

  /** Workers that are up by now; work does not wait for the others. */
  get ready(): number {
    return this.workers.ready;
  }

  /**
   * An arena in the memory that the threads share: tensors in it are drawn in place.
   *
   * @param bytes capacity; the arenas of one pool share 4 GiB.
   */
  arena(bytes: number): Arena<SharedArrayBuffer> {
    return this.workers.arena(bytes);
  }

  /** Ends the workers. Arenas and their views stay valid. */
  close(): void {
    this.workers.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** A pool whose calls block until the tensor is there: for Node, Deno, Bun and web workers. */
export class ThreadPool extends Base {
  /** As `init` of nn-init: the same values. */
  init<D extends DType = "f32", Buffer extends ArrayBufferLike = ArrayBuffer>(
    shape: readonly number[],
    scheme: Drawable,
    options: PoolInitOptions<D, Buffer> = {},
  ): ArrayOf<Buffer>[D] {
    checkOptions("options", options, INIT_KEYS);
    return carryOut(this, requestInit(shape, scheme, options));
  }

  /** As `fill` of nn-init: the same values. */
  fill<T extends FillableOf[D], D extends DType = "f32">(
    array: T,
    shape: readonly number[],
    scheme: Drawable,
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

/** A pool whose calls return promises: for pages, which may not block. Calls are carried out one after the other. */
export class AsyncThreadPool extends Base {
  #last: Promise<unknown> = Promise.resolve();

  /** As `init` of nn-init: the same values. */
  async init<D extends DType = "f32", Buffer extends ArrayBufferLike = ArrayBuffer>(
    shape: readonly number[],
    scheme: Drawable,
    options: PoolInitOptions<D, Buffer> = {},
  ): Promise<ArrayOf<Buffer>[D]> {
    checkOptions("options", options, INIT_KEYS);
    const request = requestInit(shape, scheme, options);
    return this.#next(() => carryOutAsync(this.workers, request));
  }

  /** As `fill` of nn-init: the same values. `array` is written until the promise is settled. */
  async fill<T extends FillableOf[D], D extends DType = "f32">(
    array: T,
    shape: readonly number[],
    scheme: Drawable,
    options: PoolFillOptions<D> = {},
  ): Promise<T> {
    checkOptions("options", options, FILL_KEYS);
    const request = requestFill<T, D>(array, shape, scheme, options);
    return this.#next(() => carryOutAsync(this.workers, request));
  }

  /** @internal */
  drawAsync(source: Source, start: number, out: Values): Promise<void> {
    return this.#next(() => this.workers.drawAsync(source, start, out));
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {}); // its caller hears of it
    return done;
  }
}

/**
 * A pool of threads whose calls block: for Node, Deno, Bun and web workers.
 *
 * @throws RangeError where the runtime has no shared memory or this thread may not wait.
 */
export function openPool(options: PoolOptions = {}): ThreadPool {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0); // 0 is not 1: returns at once where waiting is allowed
  } catch (error) {
    if (typeof SharedArrayBuffer === "undefined") checkRuntime(true);
    throw new RangeError("threads: this thread may not wait (a page); use openPoolAsync", { cause: error });
  }
  return new ThreadPool(options);
}

/** A pool of threads whose calls return promises: for pages. */
export async function openPoolAsync(options: PoolOptions = {}): Promise<AsyncThreadPool> {
  return new AsyncThreadPool(options);
}

/** @param own whether the caller makes the workers. */
function checkRuntime(own: boolean): void {
  if (typeof WebAssembly !== "object" || !hasSimd()) {
    throw new RangeError("threads: expected a runtime with WebAssembly SIMD");
  }
  if (typeof SharedArrayBuffer === "undefined") {
    const advice = "pages have it when they are cross-origin isolated (COOP and COEP headers)";
    throw new RangeError(`threads: expected a runtime with shared memory; ${advice}`);
  }
  if (!own && !hasWorkers()) {
    throw new RangeError("threads: expected a runtime with workers; edge runtimes and service workers have none");
  }
}

/** A script that cannot be loaded gives an event without a message. */
const scriptError = ({ message }: ErrorEvent): string => message || "its script could not be loaded";

const spawnBy =
  (make: () => WorkerLike): Spawn =>
  (setup, died) => {
    const worker = make() as WorkerLike & Partial<Pick<EventTarget, "addEventListener">> & { on?: typeof listen };
    worker.addEventListener?.("error", (event) => died(advised(scriptError(event as ErrorEvent))));
    worker.on?.("error", (error) => died(advised(error)));
    worker.postMessage(setup);
    return worker;
  };
declare function listen(event: "error", listener: (error: Error) => void): void;
