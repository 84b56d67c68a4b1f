/** What a call draws, from which key, into which memory: all that is checked and decided before a value is written. */
import { Arena, memoryOf, RESERVED } from "./arena.js";
import { checkCount, checkOneOf, show, wrongType, wrongValue } from "./check.js";
import { DTYPES, type DType, draws, type Fill } from "./fill.js";
import { resolve, type Scheme } from "./scheme.js";
import { checkShape } from "./shape.js";
import { checkName, checkSeed, type Key, key, randomSeed, type Seed } from "./stream.js";

export interface DrawOptions {
  /** From 0 to 2^64 - 1. Equal seed and name mean equal values. Without one, every call draws afresh. */
  readonly seed?: Seed;
  /** The tensor's full name, such as "encoder.0.fc1.weight". Required with a seed by every law that draws. */
  readonly name?: string;
  /** Default "f32". */
  readonly dtype?: DType;
}

export interface InitPlace<Buffer extends ArrayBufferLike = ArrayBuffer> {
  /** Where the tensor goes. Default: an array of its own. */
  readonly arena?: Arena<Buffer>;
}

export interface FillPlace {
  /** The element of the tensor that array[0] is. Default 0, and the array is as long as the tensor. */
  readonly start?: number;
}

/** The options of a call by the default engine or a pool; the main entry takes `engine` besides. */
export const INIT_KEYS = ["seed", "name", "dtype", "arena"];
export const FILL_KEYS = ["seed", "name", "dtype", "start"];

/** Elements [start, start + out.length) of a tensor, to be written to `out`. */
export interface Plan<T extends Float32Array> {
  readonly fill: Fill;
  readonly key: Key;
  readonly start: number;
  readonly out: T;
}

export function planInit(
  shape: readonly number[],
  scheme: Scheme,
  options: DrawOptions & InitPlace<ArrayBufferLike>,
): Plan<Float32Array> {
  const { arena } = options;
  if (arena !== undefined && !(arena instanceof Arena)) throw wrongType("arena", "an Arena", arena);
  const { size, fill, key } = planTensor(shape, scheme, options);
  return { fill, key, start: 0, out: arena === undefined ? allocate(shape, size) : arena.allocate(size) };
}

export function planFill<T extends Float32Array>(
  array: T,
  shape: readonly number[],
  scheme: Scheme,
  options: DrawOptions & FillPlace,
): Plan<T> {
  checkArray(array);
  const { size, fill, key } = planTensor(shape, scheme, options);
  const start = options.start === undefined ? 0 : checkCount("start", options.start);
  if (options.start === undefined && array.length !== size) {
    throw wrongValue("array.length", `${size} for shape ${show(shape)}, or a start`, array.length);
  }
  if (start + array.length > size) {
    throw wrongValue("start", `at most ${size} - ${array.length} for shape ${show(shape)}`, start);
  }
  return { fill, key, start, out: array };
}

function planTensor(shape: readonly number[], scheme: Scheme, options: DrawOptions) {
  const size = checkShape(shape);
  checkOneOf("dtype", options.dtype ?? "f32", DTYPES);
  const fill = resolve(scheme, shape);
  return { size, fill, key: keyFor(fill, options) };
}

const NO_KEY: Key = { seedLow: 0, seedHigh: 0, streamLow: 0, streamHigh: 0 };

function keyFor(fill: Fill, { seed, name }: DrawOptions): Key {
  if (seed !== undefined) checkSeed(seed);
  if (name !== undefined) checkName(name);
  if (!draws(fill)) return NO_KEY;
  if (seed === undefined) return key(randomSeed(), name ?? "");
  if (name === undefined) {
    throw wrongType("name", "the tensor's name beside its seed: equal seed and name mean equal values", name);
  }
  return key(seed, name);
}

function allocate(shape: readonly number[], size: number): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(size);
  } catch (error) {
    const message = `shape: expected a size that this runtime can allocate, got ${show(shape)} (${4 * size} bytes)`;
    throw new RangeError(message, { cause: error });
  }
}

function checkArray(array: unknown): void {
  if (!ArrayBuffer.isView(array) || !isFloat32Array(array)) {
    throw wrongType("array", "a Float32Array for dtype f32", array);
  }
  const { buffer, byteOffset, byteLength } = array;
  if (memoryOf(buffer) !== undefined && byteOffset < RESERVED && byteLength > 0) {
    const expected = `at least ${RESERVED} in an arena, whose first page is the kernels'`;
    throw wrongValue("array.byteOffset", expected, byteOffset);
  }
  if (byteLength > 0 || buffer.byteLength > 0) return;
  try {
    new Uint8Array(buffer); // an empty buffer passes, a detached one throws
  } catch {
    throw wrongType("array", "a Float32Array that is not detached", "one whose buffer was transferred");
  }
}

/** An array of another realm is none by instanceof, but by its brand, which takes longer to ask for. */
function isFloat32Array(view: ArrayBufferView): boolean {
  return view instanceof Float32Array || Object.prototype.toString.call(view) === "[object Float32Array]";
}
