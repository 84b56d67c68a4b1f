/**
 * Whether a tensor's values are those that are computed for it: values that follow from their places, that repeat others or
 * that are made from another tensor are read again and compared one by one.
 */
import type { FileType } from "../checkpoint/safetensors.js";
import type { Extent, Reading } from "../checkpoint/stored.js";
import { type Computed, isPlaced, type OfDraw, type Placed } from "../computed/computed.js";
import { writePlaced } from "../computed/place.js";
import { digits } from "../math/digits.js";
import { log } from "../math/functions.js";
import { anyDecoderOf } from "./decode.js";
import { roundingOf, SINGLE } from "./rounding.js";
import { bitsOf } from "./tally.js";

/** What is read again to compare it. */
export interface StoredComputed extends Extent {
  readonly type: FileType;
  readonly computed: Exclude<Computed, OfDraw>;
  /** The tensor that it is made from. */
  readonly source?: Extent & { readonly type: FileType };
}

const PIECE_BYTES = 3 * 2 ** 18; // a multiple of every element's size

/** What is wrong with the values, in words; "" for nothing. */
export function* faultOf(stored: StoredComputed): Reading<string> {
  const { computed, type } = stored;
  if (anyDecoderOf(type) === undefined) return `expected ${computed.kind} values, got ${type}`;
  if (isPlaced(computed)) return yield* placedFault(stored, computed);
  if (computed.kind === "repeated") return yield* repeatedFault(stored, computed);
  return yield* computed.kind === "scaled" ? scaledFault(stored, computed) : normsFault(stored, computed);
}

/** Some values of a tensor. */
interface SomeValues {
  readonly values: Float32Array | Float64Array;
  /** The place of the first one. */
  readonly first: number;
}

/** The values of an extent, piece by piece: each call reads the next ones; undefined after the last. */
function valuesOf({ path, at, bytes, type }: Extent & { readonly type: FileType }) {
  const decode = anyDecoderOf(type);
  const buffer = new Uint8Array(Math.min(PIECE_BYTES, bytes));
  let done = 0;
  return function* next(): Reading<SomeValues | undefined> {
    if (decode === undefined || done >= bytes) return undefined;
    const to = buffer.subarray(0, Math.min(buffer.length, bytes - done));
    yield { path, at: at + done, to };
    const first = done / (bitsOf(type) / 8);
    done += to.length;
    return { values: decode(to), first };
  };
}

const differs = (i: number, value: number, expected: number): string =>
  `element ${i} is ${digits(value, 9)}, expected ${digits(expected, 9)}`;

/** How far a value that was computed in binary32 can be from the one that is expected at a place. */
function slackOf(placed: Placed, i: number, expected: number): number {
  switch (placed.kind) {
    case "sinusoidal":
      return SINGLE * (1 + Math.floor(i / placed.width));
    case "powers": {
      const ends = [placed.start, placed.start + (placed.length - 1) * placed.step].map(Math.abs);
      return SINGLE * Math.abs(expected) * (1 + Math.abs(log(placed.base)) * Math.max(...ends));
    }
    case "logArange":
      return SINGLE;
    default:
      return 0;
  }
}

function* placedFault(stored: StoredComputed, computed: Placed): Reading<string> {
  const next = valuesOf(stored);
  for (let some = yield* next(); some !== undefined; some = yield* next()) {
    const { values, first } = some;
    const expected = new Float64Array(values.length);
    writePlaced(computed, first, expected);
    for (let i = 0; i < values.length; ++i) {
      const [value, other] = [values[i] as number, expected[i] as number];
      const most = roundingOf(stored.type, other) + slackOf(computed, first + i, other);
      if (!(Math.abs(value - other) <= most)) return differs(first + i, value, other);
    }
  }
  return "";
}

function* repeatedFault(
  stored: StoredComputed,
  { length, times }: Extract<Computed, { kind: "repeated" }>,
): Reading<string> {
  const run = new Float64Array(length); // the first one of those that are equal
  const next = valuesOf(stored);
  for (let some = yield* next(); some !== undefined; some = yield* next()) {
    const { values, first } = some;
    for (let i = 0; i < values.length; ++i) {
      const [value, place] = [values[i] as number, (first + i) % length];
      if (Math.floor((first + i) / length) % times === 0) run[place] = value;
      else if (!Object.is(run[place], value)) return `${differs(first + i, value, run[place] as number)}, repeated`;
    }
  }
  return "";
}

function* scaledFault(
  stored: StoredComputed,
  { scale, source: name }: Extract<Computed, { kind: "scaled" }>,
): Reading<string> {
  const { source, type } = stored;
  if (source === undefined) return `expected ${scale} times ${name}, which is not in the file`;
  if (source.type !== type || source.bytes !== stored.bytes)
    return `expected ${scale} times ${name}, got another type or shape`;
  const others = valuesOf(source);
  const next = valuesOf(stored);
  for (let some = yield* next(); some !== undefined; some = yield* next()) {
    const { values, first } = some;
    const other = (yield* others())?.values ?? new Float64Array(0);
    for (let i = 0; i < values.length; ++i) {
      const [value, expected] = [values[i] as number, scale * (other[i] as number)];
      if (!(Math.abs(value - expected) <= 2 * roundingOf(type, expected))) return differs(first + i, value, expected);
    }
  }
  return "";
}

const NORM_ERROR = 2 ** -16; // relative, of sums of squares in binary32

function* normsFault(
  stored: StoredComputed,
  { length, inner, source: name }: Extract<Computed, { kind: "norms" }>,
): Reading<string> {
  const { source, type } = stored;
  if (source === undefined) return `expected the norms of ${name}, which is not in the file`;
  const squares = new Float64Array(length);
  const others = valuesOf(source);
  for (let some = yield* others(); some !== undefined; some = yield* others()) {
    const { values, first } = some;
    for (let i = 0; i < values.length; ++i) {
      const place = Math.floor((first + i) / inner) % length;
      squares[place] = (squares[place] as number) + (values[i] as number) * (values[i] as number);
    }
  }
  const next = valuesOf(stored);
  for (let some = yield* next(); some !== undefined; some = yield* next()) {
    const { values, first } = some;
    for (let i = 0; i < values.length; ++i) {
      const [value, expected] = [values[i] as number, Math.sqrt(squares[first + i] as number)];
      const most = roundingOf(type, expected) + NORM_ERROR * expected;
      if (!(Math.abs(value - expected) <= most)) return differs(first + i, value, expected);
    }
  }
  return "";
}
