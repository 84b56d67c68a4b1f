/// <reference lib="esnext.disposable" preserve="true" />
/** Memory for tensors, of a fixed capacity. It never grows, so views of it never detach. */
import { checkCount, wrongType, wrongValue } from "./check.js";
import { type ArrayOf, checkDType, type DType, FORMATS, view } from "./dtype.js";

/** Bytes at the start of every linear memory that hold the kernels' constants and scratch: its first page. */
export const RESERVED = 65536;
const ALIGNMENT = 64; // bytes of a cache line
/** Pages of 64 KiB in the largest memory: one less than WebAssembly allows, so that end addresses stay below 2^32. */
export const PAGES = 65535;
const MAX_CAPACITY = PAGES * 65536 - RESERVED;

const memories = new WeakMap<ArrayBufferLike, WebAssembly.Memory>();

/** @internal The linear memory behind `buffer`, if an arena made it. */
export function memoryOf(buffer: ArrayBufferLike): WebAssembly.Memory | undefined {
  return memories.get(buffer);
}

/** The bytes that an arena hands out: those of `buffer` from `begin` on. */
interface Backing<Buffer extends ArrayBufferLike> {
  readonly buffer: Buffer;
  readonly begin: number;
}

/**
 * Linear memory of a fixed capacity for tensors: `init(shape, scheme, { arena })` draws in place and returns a view,
 * without a copy. Without WebAssembly, or where its memory cannot be reserved, an arena is an ordinary ArrayBuffer with
 * the same methods.
 *
 * Its views are borrowed: after `reset`, later tensors overwrite them. Give a copy (`view.slice()`) to what keeps an array
 * without copying it, such as `tf.tensor` on TensorFlow.js's cpu backend.
 *
 * @example
 * ```js
 * import { Arena, init, normal } from "nn-init";
 *
 * const arena = new Arena(2 ** 20); // bytes
 * const w = init([256, 128], normal({ std: 0.02 }), { seed: 42, name: "w", arena });
 * console.log(w.buffer === arena.buffer, arena.used); // true 131072
 * ```
 */
export class Arena<Buffer extends ArrayBufferLike = ArrayBuffer> {
  readonly #backing: Backing<Buffer>;
  readonly #capacity: number;
  #used = 0;

  /**
   * @param bytes capacity, from 0 to 4 GiB - 128 KiB. Each tensor takes up a multiple of 64 bytes of it.
   * @throws TypeError, RangeError for another capacity, or if the runtime cannot reserve that much memory.
   */
  constructor(bytes: number);
  /** @internal An arena on existing memory. */
  constructor(bytes: number, backing: Backing<Buffer>);
  constructor(bytes: number, backing?: Backing<Buffer>) {
    this.#capacity = checkCount("bytes", bytes);
    if (bytes > MAX_CAPACITY) throw wrongValue("bytes", `at most ${MAX_CAPACITY}`, bytes);
    this.#backing = backing ?? (newBacking(bytes) as Backing<ArrayBufferLike> as Backing<Buffer>);
  }

  /**
   * The buffer of every view that this arena hands out. With WebAssembly, its first 64 KiB belong to the kernels; what is
   * written there is lost, and changes no value.
   */
  get buffer(): Buffer {
    return this.#backing.buffer;
  }

  /** Capacity in bytes. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Bytes handed out since the arena was made or reset, each tensor rounded up to a multiple of 64. */
  get used(): number {
    return this.#used;
  }

  /**
   * Hands out the next `length` elements as a view. They are not cleared: they keep the values that lie in memory.
   *
   * @param length number of elements.
   * @param dtype element type; default "f32".
   * @throws RangeError if fewer bytes are free.
   */
  allocate<D extends DType = "f32">(length: number, dtype?: D): ArrayOf<Buffer>[D] {
    const type = checkDType(dtype) as D;
    const bytes = FORMATS[type].bytes * checkCount("length", length);
    const free = this.#capacity - this.#used;
    if (bytes > free) {
      throw new RangeError(`arena: expected room for ${bytes} bytes, got ${free} free of ${this.#capacity}`);
    }
    const { buffer, begin } = this.#backing;
    const elements = view(type, buffer, begin + this.#used, length);
    this.#used = Math.min(this.#capacity, Math.ceil((this.#used + bytes) / ALIGNMENT) * ALIGNMENT);
    return elements;
  }

  /** Frees all memory for new tensors. Earlier views stay valid, but later tensors overwrite their values. */
  reset(): void {
    this.#used = 0;
  }

  /** Same as `reset`, for `using arena = new Arena(...)`. The memory itself is freed once no view of it is left. */
  [Symbol.dispose](): void {
    this.reset();
  }
}

/** @throws TypeError if `arena` is not an Arena; the message tells if it is an Arena of another copy of nn-init. */
export function checkArena(arena: unknown): void {
  if (arena instanceof Arena) return;
  const { constructor: { name = "" } = {} } = Object(arena) as { constructor?: { name?: string } };
  const expected =
    name === "Arena" ? "an Arena of this copy of nn-init: two copies are loaded, install one" : "an Arena";
  throw wrongType("arena", expected, arena);
}

function newBacking(bytes: number): Backing<ArrayBuffer> {
  const memory = newMemory(bytes + RESERVED);
  if (memory === undefined) return { buffer: reserve(() => new ArrayBuffer(bytes), bytes), begin: 0 };
  memories.set(memory.buffer, memory);
  return { buffer: memory.buffer as ArrayBuffer, begin: RESERVED };
}

/**
 * @internal Linear memory of at least `bytes` bytes. Undefined without WebAssembly, or if the runtime cannot reserve it: that
 * takes 10 GB of addresses in V8, where `ulimit -v` can allow less.
 */
export function newMemory(bytes: number): WebAssembly.Memory | undefined {
  const pages = Math.ceil(bytes / 65536);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch {
    return undefined;
  }
}

/** Calls `make`; if it fails, throws an error that tells how much memory it asked for. */
export function reserve<T>(make: () => T, bytes: number): T {
  try {
    return make();
  } catch (error) {
    throw new RangeError(`bytes: this runtime could not reserve ${bytes} bytes`, { cause: error });
  }
}
