/**
 * What a call draws, from which key, into which memory: all that is checked and decided before a value is written; and
 * how it is carried out, by any engine.
 */
import { type Arena, checkArena, memoryOf, RESERVED } from "./arena.js";
import { brandOf, checkCount, show, wrongType, wrongValue } from "./check.js";
import { checkDistribution, type Distribution, needsKey } from "./distribution.js";
import { type ArrayOf, checkDType, type DType, type FillableOf, FORMATS, type Values } from "./dtype.js";
import { type Draw, draws } from "./engine/compose.js";
import type { AsyncDrawer, Drawer } from "./engine/engine.js";
import { checkRoom } from "./engine/workspace.js";
import { checkFits } from "./moments.js";
import type { Scheme, SchemeName } from "./scheme/options.js";
import { resolve } from "./scheme/scheme.js";
import { checkShape } from "./shape.js";
import { checkName, checkSeed, type Key, key, randomSeed, type Seed } from "./stream.js";

/** What `init` and `fill` draw: a scheme, the name of one whose options have defaults, or what `resolve` made of one. */
export type Drawable = Scheme | SchemeName | Distribution;

/** The options that every call takes. */
export interface DrawOptions<D extends DType = DType> {
  /** From 0 to 2^64 - 1. Equal seed and name give equal values. Without a seed, every call draws anew. */
  readonly seed?: Seed;
  /** The tensor's full name, such as "encoder.0.fc1.weight". Required beside a seed, unless nothing is random. */
  readonly name?: string;
  /** Element type. Default "f32". */
  readonly dtype?: D;
}

export interface InitPlace<Buffer extends ArrayBufferLike = ArrayBuffer> {
  /** Where the tensor goes. Default: a new array. */
  readonly arena?: Arena<Buffer>;
}

export interface FillPlace {
  /** The element of the tensor that array[0] is. Default 0; the array is then as long as the tensor. */
  readonly start?: number;
}

/** The option names of a call by a pool; the main entry adds `engine`. */
export const INIT_KEYS = ["seed", "name", "dtype", "arena"];
export const FILL_KEYS = ["seed", "name", "dtype", "start"];

/** The draws that write `out`, in order; each is carried out before the next is asked for. */
export interface Request<T> {
  readonly draws: Iterable<Draw>;
  readonly out: T;
}

/** Carries a request out on this thread, or by a pool that blocks it. */
export function carryOut<T>(by: Drawer, { draws, out }: Request<T>): T {
  for (const { source, start, out } of draws) by.draw(source, start, out);
  return out;
}

/** Carries a request out without blocking this thread. */
export async function carryOutAsync<T>(by: AsyncDrawer, { draws, out }: Request<T>): Promise<T> {
  for (const { source, start, out } of draws) await by.drawAsync(source, start, out);
  return out;
}

export function requestInit<D extends DType, Buffer extends ArrayBufferLike>(
  shape: readonly number[],
  drawable: Drawable,
  options: DrawOptions<D> & InitPlace<Buffer>,
): Request<ArrayOf<Buffer>[D]> {
  const { arena } = options;
  if (arena !== undefined) checkArena(arena);
  const { size, distribution, key, dtype } = requestTensor(shape, drawable, options);
  const out = arena === undefined ? allocate(shape, size, dtype) : arena.allocate(size, dtype);
  return { draws: draws(distribution, key, dtype, 0, out), out: out as ArrayOf<Buffer>[D] };
}

export function requestFill<T extends FillableOf[D], D extends DType>(
  array: T,
  shape: readonly number[],
  drawable: Drawable,
  options: DrawOptions<D> & FillPlace,
): Request<T> {
  const out = workingView(array, checkDType(options.dtype));
  const { size, distribution, key, dtype } = requestTensor(shape, drawable, options);
  const start = options.start === undefined ? 0 : checkCount("start", options.start);
  if (options.start === undefined && array.length !== size) {
    throw wrongValue("array.length", `${size} for shape ${show(shape)}, or a start`, array.length);
  }
  if (start + array.length > size) {
    throw wrongValue("start", `at most ${size} - ${array.length} for shape ${show(shape)}`, start);
  }
  return { draws: draws(distribution, key, dtype, start, out), out: array };
}

function requestTensor(shape: readonly number[], drawable: Drawable, options: DrawOptions) {
  const size = checkShape(shape);
  const dtype = checkDType(options.dtype);
  const distribution = distributionOf(shape, size, drawable);
  checkFits(distribution, dtype);
  checkRoom(distribution, dtype);
  return { size, distribution, key: keyFor(distribution, options), dtype };
}

const distributionOf = (shape: readonly number[], size: number, drawable: Drawable): Distribution =>
  typeof drawable === "object" && drawable !== null && "kind" in drawable
    ? checkDistribution(drawable, size)
    : resolve(shape, drawable);

const NO_KEY: Key = { seedLow: 0, seedHigh: 0, streamLow: 0, streamHigh: 0 };

function keyFor(distribution: Distribution, { seed, name }: DrawOptions): Key {
  if (seed !== undefined) checkSeed(seed);
  if (name !== undefined) checkName(name);
  if (!needsKey(distribution)) return NO_KEY;
  if (seed === undefined) return key(randomSeed(), name ?? "");
  if (name === undefined) {
    throw wrongType("name", "the tensor's name beside its seed: equal seed and name mean equal values", name);
  }
  return key(seed, name);
}

function allocate(shape: readonly number[], size: number, dtype: DType): Values<ArrayBuffer> {
  const { array, bytes } = FORMATS[dtype];
  try {
    return new array(size);
  } catch (error) {
    const message = `shape: expected a size that this runtime can allocate, got ${show(shape)} (${bytes * size} bytes)`;
    throw new RangeError(message, { cause: error });
  }
}

/** The array as the engines write it: a Float16Array by its bits. */
function workingView(array: unknown, dtype: DType): Values {
  const { array: kind, also } = FORMATS[dtype];
  const brand = array instanceof kind ? kind.name : ArrayBuffer.isView(array) ? brandOf(array) : undefined; // slower
  if (brand !== kind.name && (brand === undefined || brand !== also)) {
    throw wrongType("array", `a ${kind.name}${also ? ` or ${also}` : ""} for dtype ${dtype}`, array);
  }
  const { buffer, byteOffset, byteLength, length } = array as Values;
  if (memoryOf(buffer) !== undefined && byteOffset < RESERVED && byteLength > 0) {
    const expected = `at least ${RESERVED} in an arena, whose first page is the kernels'`;
    throw wrongValue("array.byteOffset", expected, byteOffset);
  }
  if (byteLength === 0 && buffer.byteLength === 0) {
    try {
      new Uint8Array(buffer); // an empty buffer passes, a detached one throws
    } catch {
      throw wrongType("array", "an array that is not detached", "one whose buffer was transferred");
    }
  }
  return brand === also ? new Uint16Array(buffer, byteOffset, length) : (array as Values);
}
