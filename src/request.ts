/**
 * A call of `init` or `fill` as a request: what to draw, from which key, into which memory. Everything is checked here,
 * before a value is written. Any engine can carry a request out.
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

/**
 * What `init` and `fill` can draw: a scheme, the name of a scheme that needs no options, or a distribution made by
 * `resolve`.
 */
export type SchemeLike = Scheme | SchemeName | Distribution;

/** Options that `init` and `fill` share, on one thread and on a pool. */
export interface DrawOptions<D extends DType = DType> {
  /**
   * A whole number from 0 to 2^64 - 1. Equal seeds and names give equal values. Without a seed, every call gives new
   * values.
   */
  readonly seed?: Seed;
  /**
   * The tensor's full name, such as "encoder.0.fc1.weight"; not empty. It is required next to a seed if anything is
   * random: tensors of equal seed and name would be equal.
   */
  readonly name?: string;
  /** Element type. Default "f32". */
  readonly dtype?: D;
}

export interface ArenaOption<Buffer extends ArrayBufferLike = ArrayBuffer> {
  /** Memory for the new tensor. Default: an array of its own. */
  readonly arena?: Arena<Buffer>;
}

export interface StartOption {
  /**
   * Index in the flat tensor of the element that is written to array[0], so that an array can hold a slice of the
   * tensor. Default 0; the array must then be exactly as long as the tensor.
   */
  readonly start?: number;
}

/** The option names of `init` and `fill` on a pool; the main entry adds `engine`. */
export const INIT_KEYS = ["seed", "name", "dtype", "arena"];
export const FILL_KEYS = ["seed", "name", "dtype", "start"];

/** Draws that together write `out`. Each must be carried out before the next is asked for. */
export interface Request<T> {
  readonly draws: Iterable<Draw>;
  readonly out: T;
}

/** Carries a request out and returns its `out`; this thread waits. */
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
  scheme: SchemeLike,
  options: DrawOptions<D> & ArenaOption<Buffer>,
): Request<ArrayOf<Buffer>[D]> {
  const { arena } = options;
  if (arena !== undefined) checkArena(arena);
  const { size, distribution, key, dtype } = requestTensor(shape, scheme, options);
  const out = arena === undefined ? allocate(shape, size, dtype) : arena.allocate(size, dtype);
  return { draws: draws(distribution, key, dtype, 0, out), out: out as ArrayOf<Buffer>[D] };
}

export function requestFill<T extends FillableOf[D], D extends DType>(
  array: T,
  shape: readonly number[],
  scheme: SchemeLike,
  options: DrawOptions<D> & StartOption,
): Request<T> {
  const out = workingView(array, checkDType(options.dtype));
  const { size, distribution, key, dtype } = requestTensor(shape, scheme, options);
  const start = options.start === undefined ? 0 : checkCount("start", options.start);
  if (array.length > size || (options.start === undefined && array.length < size)) {
    throw wrongValue("array.length", `${size} for shape ${show(shape)} (or less with a start)`, array.length);
  }
  if (start + array.length > size) {
    throw wrongValue("start", `at most ${size - array.length} for this array and shape ${show(shape)}`, start);
  }
  return { draws: draws(distribution, key, dtype, start, out), out: array };
}

function requestTensor(shape: readonly number[], scheme: SchemeLike, options: DrawOptions) {
  const size = checkShape(shape);
  const dtype = checkDType(options.dtype);
  const distribution = distributionOf(shape, size, scheme);
  checkFits(distribution, dtype);
  checkRoom(distribution, dtype);
  return { size, distribution, key: keyFor(distribution, options), dtype };
}

const distributionOf = (shape: readonly number[], size: number, scheme: SchemeLike): Distribution =>
  typeof scheme === "object" && scheme !== null && "kind" in scheme
    ? checkDistribution(scheme, size)
    : resolve(shape, scheme);

const NO_KEY: Key = { seedLow: 0, seedHigh: 0, streamLow: 0, streamHigh: 0 };

function keyFor(distribution: Distribution, { seed, name }: DrawOptions): Key {
  if (seed !== undefined) checkSeed(seed);
  if (name !== undefined) checkName(name);
  if (!needsKey(distribution)) return NO_KEY;
  if (seed === undefined) return key(randomSeed(), name ?? "");
  if (name === undefined) {
    throw wrongType("name", "the tensor's name next to its seed: equal seed and name give equal values", name);
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

/** The caller's array as engines write it: a Float16Array as the bit patterns of its elements. */
function workingView(array: unknown, dtype: DType): Values {
  const { array: kind, alternative } = FORMATS[dtype];
  // Arrays from another realm (iframe, vm) fail instanceof; their brand is slower to read, so it is tried second.
  const brand = array instanceof kind ? kind.name : ArrayBuffer.isView(array) ? brandOf(array) : undefined;
  if (brand !== kind.name && (brand === undefined || brand !== alternative)) {
    throw wrongType("array", `a ${kind.name}${alternative ? ` or ${alternative}` : ""} for dtype ${dtype}`, array);
  }
  const { buffer, byteOffset, byteLength, length } = array as Values;
  if (memoryOf(buffer) !== undefined && byteOffset < RESERVED && byteLength > 0) {
    const expected = `at least ${RESERVED} in an arena, whose first page belongs to the kernels`;
    throw wrongValue("array.byteOffset", expected, byteOffset);
  }
  if (byteLength === 0 && buffer.byteLength === 0) {
    try {
      new Uint8Array(buffer); // throws if the buffer is detached, not if it is empty
    } catch {
      throw wrongType("array", "an array that is not detached", "one whose buffer was transferred");
    }
  }
  return brand === alternative ? new Uint16Array(buffer, byteOffset, length) : (array as Values);
}
