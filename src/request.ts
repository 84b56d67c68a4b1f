/** What a call draws, from which key, into which memory: all that is checked and decided before a value is written. */
import { Arena, memoryOf, PAGES, RESERVED } from "./arena.js";
import { checkCount, show, wrongType, wrongValue } from "./check.js";
import { checkReach, type Fill, lawsOf, needsKey } from "./distribution.js";
import { type ArrayOf, checkDType, type DType, type FillableOf, FORMATS, type Values } from "./dtype.js";
import { type Draw, draws } from "./engine/compose.js";
import { lay } from "./engine/orthogonal.js";
import { resolve, type Scheme } from "./scheme/scheme.js";
import { checkShape } from "./shape.js";
import { checkName, checkSeed, type Key, key, randomSeed, type Seed } from "./stream.js";

export interface DrawOptions<D extends DType = DType> {
  /** From 0 to 2^64 - 1. Equal seed and name mean equal values. Without one, every call draws afresh. */
  readonly seed?: Seed;
  /** The tensor's full name, such as "encoder.0.fc1.weight". Required with a seed by every law that draws. */
  readonly name?: string;
  /** Default "f32". */
  readonly dtype?: D;
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

/** Elements [start, start + out.length) of a tensor, to be written to `out`: the draws that do it, in turn. */
export interface Prepared<T extends Values = Values> {
  readonly draws: Iterable<Draw>;
  readonly out: T;
}

export function prepareInit<D extends DType, Buffer extends ArrayBufferLike>(
  shape: readonly number[],
  scheme: Scheme,
  options: DrawOptions<D> & InitPlace<Buffer>,
): Prepared<ArrayOf<Buffer>[D]> {
  const { arena } = options;
  if (arena !== undefined && !(arena instanceof Arena)) throw wrongType("arena", "an Arena", arena);
  const { size, fill, key, dtype } = prepareTensor(shape, scheme, options);
  const out = arena === undefined ? allocate(shape, size, dtype) : arena.allocate(size, dtype);
  return { draws: draws(fill, key, dtype, 0, out), out: out as ArrayOf<Buffer>[D] };
}

export function prepareFill<D extends DType>(
  array: FillableOf[D],
  shape: readonly number[],
  scheme: Scheme,
  options: DrawOptions<D> & FillPlace,
): Prepared {
  const out = checkArray(array, checkDType(options.dtype));
  const { size, fill, key, dtype } = prepareTensor(shape, scheme, options);
  const start = options.start === undefined ? 0 : checkCount("start", options.start);
  if (options.start === undefined && array.length !== size) {
    throw wrongValue("array.length", `${size} for shape ${show(shape)}, or a start`, array.length);
  }
  if (start + array.length > size) {
    throw wrongValue("start", `at most ${size} - ${array.length} for shape ${show(shape)}`, start);
  }
  return { draws: draws(fill, key, dtype, start, out), out };
}

function prepareTensor(shape: readonly number[], scheme: Scheme, options: DrawOptions) {
  const size = checkShape(shape);
  const dtype = checkDType(options.dtype);
  const fill = resolve(scheme, shape);
  checkReach(fill, dtype);
  checkRoom(fill, dtype);
  return { size, fill, key: keyFor(fill, options), dtype };
}

/** That matrices can be made in the memory that there is. */
function checkRoom(fill: Fill, dtype: DType): void {
  for (const law of lawsOf(fill)) {
    if (law.law !== "orthogonal") continue;
    const { end } = lay(law, dtype, RESERVED, 1);
    const most = PAGES * 65536;
    if (end <= most) continue;
    const matrix = `${law.rows} x ${law.columns}, which takes ${end}`;
    throw new RangeError(`shape: expected a matrix that is made in ${most} bytes, got ${matrix}`);
  }
}

const NO_KEY: Key = { seedLow: 0, seedHigh: 0, streamLow: 0, streamHigh: 0 };

function keyFor(fill: Fill, { seed, name }: DrawOptions): Key {
  if (seed !== undefined) checkSeed(seed);
  if (name !== undefined) checkName(name);
  if (!needsKey(fill)) return NO_KEY;
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
function checkArray(array: unknown, dtype: DType): Values {
  const { array: kind, also } = FORMATS[dtype];
  const brand = array instanceof kind ? kind.name : kindOf(array);
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

/** An array of another realm is none by instanceof, but by its brand, which takes longer to ask for. */
const kindOf = (value: unknown): string | undefined =>
  ArrayBuffer.isView(value) ? Object.prototype.toString.call(value).slice(8, -1) : undefined;
