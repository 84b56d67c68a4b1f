/** The two calls: `init` makes a tensor, `fill` writes into memory that the caller owns. */
import { Arena, memoryOf, RESERVED } from "./arena.js";
import { checkCount, checkOneOf, checkOptions, show, wrongType, wrongValue } from "./check.js";
import { type EngineName, engine } from "./engine.js";
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
  /** Default: the best there is. It cannot change a value. */
  readonly engine?: EngineName;
}

export interface InitOptions extends DrawOptions {
  /** Where the tensor goes. Default: an array of its own. */
  readonly arena?: Arena;
}

export interface FillOptions extends DrawOptions {
  /** The element of the tensor that array[0] is. Default 0, and the array is as long as the tensor. */
  readonly start?: number;
}

/**
 * A new tensor of this shape, flat and row-major; with `arena`, a view of it.
 *
 * @throws TypeError, RangeError naming the argument, before anything is written.
 */
export function init(shape: readonly number[], scheme: Scheme, options: InitOptions = {}): Float32Array<ArrayBuffer> {
  checkOptions("options", options, ["seed", "name", "dtype", "engine", "arena"]);
  const { arena } = options;
  if (arena !== undefined && !(arena instanceof Arena)) throw wrongType("arena", "an Arena", arena);
  const { size, law, drawn, by } = prepare(shape, scheme, options);
  const out = arena === undefined ? allocate(shape, size) : arena.allocate(size);
  by.draw(law, drawn, 0, out);
  return out;
}

/**
 * Writes a tensor of this shape, or with `start` the run of it that begins there, to `array`, and returns that.
 * A view of an arena is filled in place.
 *
 * @throws TypeError, RangeError naming the argument, before anything is written.
 */
export function fill<T extends Float32Array>(
  array: T,
  shape: readonly number[],
  scheme: Scheme,
  options: FillOptions = {},
): T {
  checkOptions("options", options, ["seed", "name", "dtype", "engine", "start"]);
  checkArray(array);
  const { size, law, drawn, by } = prepare(shape, scheme, options);
  const start = options.start === undefined ? 0 : checkCount("start", options.start);
  if (options.start === undefined && array.length !== size) {
    throw wrongValue("array.length", `${size} for shape ${show(shape)}, or a start`, array.length);
  }
  if (start + array.length > size) {
    throw wrongValue("start", `at most ${size} - ${array.length} for shape ${show(shape)}`, start);
  }
  by.draw(law, drawn, start, array);
  return array;
}

/** All that is checked and decided before a value is written. */
function prepare(shape: readonly number[], scheme: Scheme, options: DrawOptions) {
  const size = checkShape(shape);
  checkOneOf("dtype", options.dtype ?? "f32", DTYPES);
  const law = resolve(scheme, shape);
  return { size, law, drawn: keyFor(law, options), by: engine(options.engine) };
}

const NO_KEY: Key = { seedLow: 0, seedHigh: 0, streamLow: 0, streamHigh: 0 };

function keyFor(law: Fill, { seed, name }: DrawOptions): Key {
  if (seed !== undefined) checkSeed(seed);
  if (name !== undefined) checkName(name);
  if (!draws(law)) return NO_KEY;
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
  // By its brand: an array of another realm is none by instanceof.
  const brand = Object.prototype.toString.call(array);
  if (!ArrayBuffer.isView(array) || brand !== "[object Float32Array]") {
    throw wrongType("array", "a Float32Array for dtype f32", array);
  }
  const { buffer, byteOffset, byteLength } = array;
  if (memoryOf(buffer) !== undefined && byteOffset < RESERVED && byteLength > 0) {
    throw wrongValue(
      "array.byteOffset",
      `at least ${RESERVED} in an arena, whose first page is the kernels'`,
      byteOffset,
    );
  }
  if (byteLength > 0 || buffer.byteLength > 0) return;
  try {
    new Uint8Array(buffer); // an empty buffer passes, a detached one throws
  } catch {
    throw wrongType("array", "a Float32Array that is not detached", "one whose buffer was transferred");
  }
}
