/// <reference lib="esnext.disposable" preserve="true" />
/**
 * Drawing with several threads: the same bits, for any number of them. One shared linear memory and one pool of workers
 * an engine; jobs are dispatched by atomics, so a call returns when its tensor is there.
 */
import { parallelism, spawn as spawnDefault } from "#spawn";
import type { Arena } from "./arena.js";
import { checkCount, checkOptions, wrongType, wrongValue } from "./check.js";
import type { ArrayOf, DType, FillableOf } from "./dtype.js";
import type { Draw } from "./engine/compose.js";
import { hasSimd } from "./engine/module/probe.js";
import { Pool, type Spawn } from "./engine/pool/pool.js";
import {
  type DrawOptions,
  FILL_KEYS,
  type FillPlace,
  INIT_KEYS,
  type InitPlace,
  prepareFill,
  prepareInit,
} from "./request.js";
import type { Scheme } from "./scheme/scheme.js";

export interface ThreadsOptions {
  /** From 1 to 256, the calling thread included. Default: as many as the machine runs at once. */
  readonly threads?: number;
  /** Makes a worker that runs `nn-init/threads/worker`, for bundlers that cannot follow this package's own URL of it. */
  readonly worker?: () => WorkerLike;
  /** Milliseconds without progress on a piece of work after which its worker counts as dead. Default 10,000. */
  readonly patience?: number;
}

/** What `Worker` of browsers and of node:worker_threads have in common. */
export interface WorkerLike {
  postMessage(message: unknown): void;
  terminate(): unknown;
}

export type InitOptions<D extends DType = DType, Buffer extends ArrayBufferLike = ArrayBuffer> = DrawOptions<D> &
  InitPlace<Buffer>;
export type FillOptions<D extends DType = DType> = DrawOptions<D> & FillPlace;

/** What both kinds of engine have. */
class Base {
  /** @internal */
  protected readonly pool: Pool;

  /** @internal */
  constructor(options: ThreadsOptions) {
    checkOptions("options", options, ["threads", "worker", "patience"]);
    const threads = checkCount("threads", options.threads ?? Math.min(256, parallelism()));
    if (threads < 1 || threads > 256) throw wrongValue("threads", "a whole number from 1 to 256", threads);
    const patience = checkCount("patience", options.patience ?? 10_000);
    const { worker } = options;
    if (worker !== undefined && typeof worker !== "function") throw wrongType("worker", "a function", worker);
    checkRuntime();
    this.pool = new Pool(threads, worker === undefined ? spawnDefault : spawnBy(worker), patience);
  }

  /** Threads that draw, the calling one included. */
  get threads(): number {
    return this.pool.threads;
  }

  /** Workers that are up by now; work does not wait for the others. */
  get ready(): number {
    return this.pool.ready;
  }

  /** An arena in the memory that the threads share: tensors in it are drawn in place. */
  arena(bytes: number): Arena<SharedArrayBuffer> {
    return this.pool.arena(bytes);
  }

  /** Ends the workers; arenas and their views stay valid. */
  close(): void {
    this.pool.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** An engine whose calls block until the tensor is there. */
export class ThreadEngine extends Base {
  /** As `init` of nn-init. */
  init<D extends DType = "f32", Buffer extends ArrayBufferLike = ArrayBuffer>(
    shape: readonly number[],
    scheme: Scheme,
    options: InitOptions<D, Buffer> = {},
  ): ArrayOf<Buffer>[D] {
    checkOptions("options", options, INIT_KEYS);
    const { draws, out } = prepareInit(shape, scheme, options);
    for (const { tensor, start, out } of draws) this.pool.draw(tensor, start, out);
    return out;
  }

  /** As `fill` of nn-init. */
  fill<T extends FillableOf[D], D extends DType = "f32">(
    array: T,
    shape: readonly number[],
    scheme: Scheme,
    options: FillOptions<D> = {},
  ): T {
    checkOptions("options", options, FILL_KEYS);
    const { draws } = prepareFill(array, shape, scheme, options);
    for (const { tensor, start, out } of draws) this.pool.draw(tensor, start, out);
    return array;
  }
}

/** An engine whose calls promise the tensor: for pages, which may not block. Calls are carried out one by one. */
export class AsyncThreadEngine extends Base {
  #last: Promise<unknown> = Promise.resolve();

  /** As `init` of nn-init. */
  async initAsync<D extends DType = "f32", Buffer extends ArrayBufferLike = ArrayBuffer>(
    shape: readonly number[],
    scheme: Scheme,
    options: InitOptions<D, Buffer> = {},
  ): Promise<ArrayOf<Buffer>[D]> {
    checkOptions("options", options, INIT_KEYS);
    const { draws, out } = prepareInit(shape, scheme, options);
    await this.#next(draws);
    return out;
  }

  /** As `fill` of nn-init. `array` is written to until the promise is settled. */
  async fillAsync<T extends FillableOf[D], D extends DType = "f32">(
    array: T,
    shape: readonly number[],
    scheme: Scheme,
    options: FillOptions<D> = {},
  ): Promise<T> {
    checkOptions("options", options, FILL_KEYS);
    const { draws } = prepareFill(array, shape, scheme, options);
    await this.#next(draws);
    return array;
  }

  #next(draws: Iterable<Draw>): Promise<void> {
    const done = this.#last.then(async () => {
      for (const { tensor, start, out } of draws) await this.pool.drawAsync(tensor, start, out);
    });
    this.#last = done.catch(() => {}); // its caller hears of it
    return done;
  }
}

/**
 * A pool of threads whose calls block: for Node, Deno, Bun and web workers.
 *
 * @throws RangeError where the runtime has no shared memory or this thread may not wait.
 */
export function openEngine(options: ThreadsOptions = {}): ThreadEngine {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0); // 0 is not 1: returns at once where waiting is allowed
  } catch (error) {
    if (typeof SharedArrayBuffer === "undefined") checkRuntime();
    throw new RangeError("threads: this thread may not wait (a page); use openEngineAsync", { cause: error });
  }
  return new ThreadEngine(options);
}

/** A pool of threads whose calls return promises: for pages. */
export async function openEngineAsync(options: ThreadsOptions = {}): Promise<AsyncThreadEngine> {
  return new AsyncThreadEngine(options);
}

function checkRuntime(): void {
  if (typeof WebAssembly !== "object" || !hasSimd()) {
    throw new RangeError("threads: expected a runtime with WebAssembly SIMD");
  }
  if (typeof SharedArrayBuffer === "undefined") {
    const advice = "pages have it when they are cross-origin isolated (COOP and COEP headers)";
    throw new RangeError(`threads: expected a runtime with shared memory; ${advice}`);
  }
}

const spawnBy =
  (make: () => WorkerLike): Spawn =>
  (setup, died) => {
    const worker = make() as WorkerLike & Partial<Pick<EventTarget, "addEventListener">> & { on?: typeof listen };
    worker.addEventListener?.("error", (event) => died((event as ErrorEvent).message));
    worker.on?.("error", (error) => died(error.message));
    worker.postMessage(setup);
    return worker;
  };
declare function listen(event: "error", listener: (error: Error) => void): void;
