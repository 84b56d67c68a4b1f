/** Where tensors go: memory of fixed capacity that never grows, so that views of it never detach. */
import { checkCount, wrongValue } from "./check.js";

/** The first page of every linear memory holds the kernels' constants and scratch. */
export const RESERVED = 65536;
const ALIGNMENT = 64; // a cache line
const MOST = 2 ** 32 - RESERVED; // a 32-bit address space, less the reserved page

const memories = new WeakMap<ArrayBufferLike, WebAssembly.Memory>();

/** The linear memory that `buffer` is, if an arena made it. */
export function memoryOf(buffer: ArrayBufferLike): WebAssembly.Memory | undefined {
  return memories.get(buffer);
}

/**
 * Linear memory for tensors: `init(shape, scheme, { arena })` draws in place and returns a view, without a copy.
 * Where there is no WebAssembly it is an ordinary ArrayBuffer with the same face.
 */
export class Arena {
  readonly #buffer: ArrayBuffer;
  readonly #begin: number;
  readonly #capacity: number;
  #used = 0;

  /** @param bytes capacity, from 0 to 4 GiB less 64 KiB; each tensor takes up a multiple of 64 bytes of it. */
  constructor(bytes: number) {
    this.#capacity = checkCount("bytes", bytes);
    if (bytes > MOST) throw wrongValue("bytes", `at most ${MOST} (4 GiB less 64 KiB)`, bytes);
    this.#begin = typeof WebAssembly === "object" ? RESERVED : 0;
    this.#buffer = this.#begin === 0 ? reserve(() => new ArrayBuffer(bytes), bytes) : linear(bytes);
  }

  /** The memory that every view of this arena is a view of. */
  get buffer(): ArrayBuffer {
    return this.#buffer;
  }

  /** Bytes. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Bytes taken since the arena was made or reset, each tensor rounded up to 64. */
  get used(): number {
    return this.#used;
  }

  /** A view of the next `length` floats; their values are whatever stood there. */
  allocate(length: number): Float32Array<ArrayBuffer> {
    const bytes = 4 * checkCount("length", length);
    const free = this.#capacity - this.#used;
    if (bytes > free) {
      throw new RangeError(`arena: expected room for ${bytes} bytes, got ${free} free of ${this.#capacity}`);
    }
    const view = new Float32Array(this.#buffer, this.#begin + this.#used, length);
    this.#used = Math.min(this.#capacity, Math.ceil((this.#used + bytes) / ALIGNMENT) * ALIGNMENT);
    return view;
  }

  /** Gives all memory out anew. Views handed out before stay valid and see what is written there later. */
  reset(): void {
    this.#used = 0;
  }

  /** For `using arena = new Arena(...)`: as `reset`. The memory itself goes when no view of it is left. */
  [Symbol.dispose](): void {
    this.reset();
  }
}

function linear(bytes: number): ArrayBuffer {
  const pages = Math.ceil(bytes / 65536) + RESERVED / 65536;
  const memory = reserve(() => new WebAssembly.Memory({ initial: pages, maximum: pages }), bytes);
  memories.set(memory.buffer, memory);
  return memory.buffer as ArrayBuffer;
}

function reserve<T>(make: () => T, bytes: number): T {
  try {
    return make();
  } catch (error) {
    throw new RangeError(`bytes: this runtime could not reserve ${bytes} bytes`, { cause: error });
  }
}
