/// <reference lib="esnext.disposable" preserve="true" />
/** Where tensors go: memory of fixed capacity that never grows, so that views of it never detach. */
import { checkCount, wrongType, wrongValue } from "./check.js";
import { type ArrayOf, checkDType, type DType, FORMATS, view } from "./dtype.js";

/** The first page of every linear memory holds the kernels' constants and scratch. */
export const RESERVED = 65536;
const ALIGNMENT = 64; // a cache line
/** Pages of 64 KiB in the largest memory: the kernels' loops end at an address below 2^32. */
export const PAGES = 65535;
const MOST = PAGES * 65536 - RESERVED;

const memories = new WeakMap<ArrayBufferLike, WebAssembly.Memory>();

/** The linear memory that `buffer` is, if an arena made it. */
export function memoryOf(buffer: ArrayBufferLike): WebAssembly.Memory | undefined {
  return memories.get(buffer);
}

/** A part of a memory that something else made. */
export interface Region<Buffer extends ArrayBufferLike> {
  readonly buffer: Buffer;
  readonly begin: number;
}

/**
 * Linear memory for tensors: `init(shape, scheme, { arena })` draws in place and returns a view, without a copy.
 * Where there is no WebAssembly it is an ordinary ArrayBuffer with the same face.
 */
export class Arena<Buffer extends ArrayBufferLike = ArrayBuffer> {
  readonly #region: Region<Buffer>;
  readonly #capacity: number;
  #used = 0;

  /** @param bytes capacity, from 0 to 4 GiB less 128 KiB; each tensor takes up a multiple of 64 bytes of it. */
  constructor(bytes: number);
  /** @internal An arena on memory that is there already. */
  constructor(bytes: number, region: Region<Buffer>);
  constructor(bytes: number, region?: Region<Buffer>) {
    this.#capacity = checkCount("bytes", bytes);
    if (bytes > MOST) throw wrongValue("bytes", `at most ${MOST} (4 GiB less 128 KiB)`, bytes);
    this.#region = region ?? (make(bytes) as Region<ArrayBufferLike> as Region<Buffer>);
  }

  /** The memory that every view of this arena is a view of. */
  get buffer(): Buffer {
    return this.#region.buffer;
  }

  /** Bytes. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Bytes taken since the arena was made or reset, each tensor rounded up to 64. */
  get used(): number {
    return this.#used;
  }

  /** A view of the next `length` elements, by default f32; their values are whatever stood there. */
  allocate<D extends DType = "f32">(length: number, dtype?: D): ArrayOf<Buffer>[D] {
    const type = checkDType(dtype) as D;
    const bytes = FORMATS[type].bytes * checkCount("length", length);
    const free = this.#capacity - this.#used;
    if (bytes > free) {
      throw new RangeError(`arena: expected room for ${bytes} bytes, got ${free} free of ${this.#capacity}`);
    }
    const elements = view(type, this.#region.buffer, this.#region.begin + this.#used, length);
    this.#used = Math.min(this.#capacity, Math.ceil((this.#used + bytes) / ALIGNMENT) * ALIGNMENT);
    return elements;
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

/** @throws TypeError for what is no arena, saying so where it is one of a second copy of this package. */
export function checkArena(arena: unknown): void {
  if (arena instanceof Arena) return;
  const { constructor: { name = "" } = {} } = Object(arena) as { constructor?: { name?: string } };
  const expected =
    name === "Arena" ? "an Arena of this copy of nn-init: two copies are loaded, install one" : "an Arena";
  throw wrongType("arena", expected, arena);
}

function make(bytes: number): Region<ArrayBuffer> {
  if (typeof WebAssembly !== "object") return { buffer: reserve(() => new ArrayBuffer(bytes), bytes), begin: 0 };
  const pages = Math.ceil(bytes / 65536) + RESERVED / 65536;
  const memory = reserve(() => new WebAssembly.Memory({ initial: pages, maximum: pages }), bytes);
  memories.set(memory.buffer, memory);
  return { buffer: memory.buffer as ArrayBuffer, begin: RESERVED };
}

/** Makes memory, or says how much could not be had. */
export function reserve<T>(make: () => T, bytes: number): T {
  try {
    return make();
  } catch (error) {
    throw new RangeError(`bytes: this runtime could not reserve ${bytes} bytes`, { cause: error });
  }
}
