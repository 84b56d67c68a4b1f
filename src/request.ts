/**
 * A call of `init` or `fill` as a request: what to draw, from which key, into which memory. Everything is checked here,
 * before a value is written. Any engine can carry a request out.
 */
import { type Arena, checkArena, memoryOf, RESERVED } from "./arena.js";
import { checkCount, show, wrongType, wrongValue } from "./check.js";
import { type Distribution, needsKey } from "./distribution.js";
import { type ArrayOf, checkDType, type DType, type FillableOf, FORMATS, type Values, view } from "./dtype.js";
import { type Draw, draws } from "./engine/compose.js";
import type { AsyncDrawer, Drawer } from "./engine/engine.js";
import { checkSubnormal } from "./engine/subnormal.js";
import { checkRoom } from "./engine/workspace.js";
import { checkDistribution } from "./given.js";
import { checkFits } from "./moments.js";
import type { Scheme, SchemeName } from "./scheme/options.js";
import { resolveKept } from "./scheme/scheme.js";
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
  readonly seed?: Seed | undefined;
  /**
   * The tensor's full name, such as "encoder.0.fc1.weight"; not empty. It is required next to a seed if anything is
   * random: tensors of equal seed and name would be equal.
   */
  readonly name?: string | undefined;
  /** Element type. Default "f32". */
  readonly dtype?: D | undefined;
}

export interface ArenaOption<Buffer extends ArrayBufferLike = ArrayBuffer> {
  /** Memory for the new tensor. Default: an array of its own. */
  readonly arena?: Arena<Buffer> | undefined;
}

export interface StartOption {
  /**
   * Index in the flat tensor of the element that is written to array[0], so that an array can hold a slice of the
   * tensor. Default 0; the array must then be exactly as long as the tensor.
   */
  readonly start?: number | undefined;
}

/** The option names of `init` and `fill` on a pool; the main entry adds `engine`. */
export const INIT_KEYS = ["seed", "name", "dtype", "arena"];
export const FILL_KEYS = ["seed", "name", "dtype", "start"];

/** Draws that together write an array. Each must be carried out before the next is asked for. */
export interface Request<T> {
  readonly draws: Iterable<Draw>;
  /** What the call returns. */
  readonly out: T;
  /** Throws if the caller's array was transferred or shrunk since the request was made. */
  checkArray?(): void;
}

/** Carries a request out and returns its `out`; this thread waits. */
export function carryOut<T>(by: Drawer, { draws, out, checkArray }: Request<T>): T {
  for (const { source, start, out } of draws) by.draw(source, start, out);
  checkArray?.();
  return out;
}

/** Carries a request out without blocking this thread, which can meanwhile take the array away. */
export async function carryOutAsync<T>(by: AsyncDrawer, { draws, out, checkArray }: Request<T>): Promise<T> {
  checkArray?.();
  try {
    for (const { source, start, out } of draws) await by.drawAsync(source, start, out);
  } finally {
    checkArray?.(); // what it throws says more than the error of a write that failed
  }
  return out;
}

function requestOf<T>(draws: Iterable<Draw>, out: T, written: Values): Request<T> {
  const { length } = written;
  const checkArray = () => {
    if (written.length === length) return;
    throw wrongType("array", `one that keeps its ${length} elements until they are drawn`, "one that lost its memory");
  };
  return { draws, out, checkArray };
}

export function requestInit<D extends DType, Buffer extends ArrayBufferLike>(
  shape: readonly number[],
  scheme: SchemeLike,
  { arena, seed, name, dtype: asked }: DrawOptions<D> & ArenaOption<Buffer>,
): Request<ArrayOf<Buffer>[D]> {
  if (arena !== undefined) checkArena(arena);
  const { size, distribution, key, dtype } = requestTensor(shape, scheme, seed, name, asked);
  const out = arena === undefined ? allocate(shape, size, dtype) : arena.allocate(size, dtype);
  return requestOf(draws(distribution, key, dtype, 0, out), out as ArrayOf<Buffer>[D], out);
}

export function requestFill<T extends FillableOf[D], D extends DType>(
  array: T,
  shape: readonly number[],
  scheme: SchemeLike,
  { start: first, seed, name, dtype: asked }: DrawOptions<D> & StartOption,
): Request<T> {
  const { size, distribution, key, dtype } = requestTensor(shape, scheme, seed, name, asked);
  const start = first === undefined ? 0 : checkCount("start", first);
  // Last, since what is read before may be a getter that takes the array's memory away.
  const out = workingView(array, dtype);
  const { length } = out;
  if (length > size || (first === undefined && length < size)) {
    throw wrongValue("array.length", `${size} for shape ${show(shape)} (or less with a start)`, length);
  }
  if (start + length > size) {
    throw wrongValue("start", `at most ${size - length} for this array and shape ${show(shape)}`, start);
  }
  return requestOf(draws(distribution, key, dtype, start, out), array, out);
}

/** Takes options that were read once: a getter can give another value the second time. */
function requestTensor(
  shape: readonly number[],
  scheme: SchemeLike,
  ...[seed, name, asked]: [seed: Seed | undefined, name: string | undefined, dtype: DType | undefined]
) {
  const size = checkShape(shape);
  const dtype = checkDType(asked);
  const distribution = distributionOf(shape, size, scheme);
  checkFits(distribution, dtype);
  checkSubnormal(distribution, dtype);
  checkRoom(distribution, dtype);
  return { size, distribution, key: keyFor(distribution, seed, name), dtype };
}

const distributionOf = (shape: readonly number[], size: number, scheme: SchemeLike): Distribution =>
  "kind" in Object(scheme) ? checkDistribution(scheme, size) : resolveKept(shape, scheme as Scheme);

function keyFor(distribution: Distribution, seed: Seed | undefined, name: string | undefined): Key {
  if (seed !== undefined) checkSeed(seed);
  if (name !== undefined) checkName(name);
  if (!needsKey(distribution)) return key(0, "");
  if (seed === undefined) return key(randomSeed(), name ?? "");
  if (name === undefined) {
    throw wrongType("name", "the tensor's name next to its seed: equal ones give equal values", name);
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

const TYPED_ARRAY = Object.getPrototypeOf(Uint8Array.prototype);

/**
 * Reads a property that typed arrays inherit from the array's own slots: a property of the same name that the caller, or a
 * subclass, has defined does not count. Works for arrays of another realm (iframe, vm). The tag of anything else is undefined.
 */
const reader = <T>(name: string | symbol): ((array: object) => T) => {
  const { get } = Object.getOwnPropertyDescriptor(TYPED_ARRAY, name) as { get: () => T };
  return (array) => get.call(array);
};
const tagOf = reader<string | undefined>(Symbol.toStringTag);
const bufferOf = reader<ArrayBufferLike>("buffer");
const byteOffsetOf = reader<number>("byteOffset");
const lengthOf = reader<number>("length");

/** The caller's array as engines write it: a view of its own; of a Float16Array, the bit patterns of its elements. */
function workingView(array: object, dtype: DType): Values {
  const { array: kind, alternative } = FORMATS[dtype];
  const tag = tagOf(array);
  if (tag === undefined || (tag !== kind.name && tag !== alternative)) {
    throw wrongType("array", `a ${kind.name}${alternative ? ` or ${alternative}` : ""} for dtype ${dtype}`, array);
  }
  const [buffer, byteOffset, length] = [bufferOf(array), byteOffsetOf(array), lengthOf(array)];
  if (memoryOf(buffer) !== undefined && byteOffset < RESERVED && length > 0) {
    const expected = `at least ${RESERVED} in an arena`;
    throw wrongValue("array.byteOffset", expected, byteOffset);
  }
  try {
    return view(dtype, buffer, byteOffset, length);
  } catch {
    throw wrongType("array", "an array that is not detached", "one that lost its memory");
  }
}
