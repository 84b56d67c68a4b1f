/**
 * Whether a tensor's values are those that are computed for it: values that follow from their places, that repeat others or
 * that are made from another tensor are read again and compared one by one.
 */
import type { FileType } from "../checkpoint/safetensors.js";
import { type Computed, isPlaced, type OfDraw, type Placed } from "../computed/computed.js";
import { writePlaced } from "../computed/place.js";
import { readAt } from "../file/checkpoint.js";
import { digits } from "../math/digits.js";
import { log } from "../math/functions.js";
import type { Extent } from "./compare.js";
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

/** An open file, by its path. */
export type FileOf = (path: string) => number;

const PIECE_BYTES = 3 * 2 ** 18; // a multiple of every element's size

/** What is wrong with the values, in words; "" for nothing. */
export function faultOf(fileOf: FileOf, stored: StoredComputed): string {
  const { computed, type } = stored;
  if (anyDecoderOf(type) === undefined) return `expected ${computed.kind} values, got ${type}`;
  if (isPlaced(computed)) return placedFault(fileOf, stored, computed);
  if (computed.kind === "repeated") return repeatedFault(fileOf, stored, computed);
  return computed.kind === "scaled" ? scaledFault(fileOf, stored, computed) : normsFault(fileOf, stored, computed);
}

/** The values of an extent, piece by piece. */
function* valuesIn(fileOf: FileOf, { path, at, bytes, type }: Extent & { readonly type: FileType }) {
  const decode = anyDecoderOf(type);
  if (decode === undefined) return;
  const size = bitsOf(type) / 8;
  const buffer = new Uint8Array(Math.min(PIECE_BYTES, bytes));
  for (let done = 0; done < bytes; done += buffer.length) {
    const piece = buffer.subarray(0, Math.min(buffer.length, bytes - done));
    readAt(fileOf(path), piece, at + done); // asked for each time, since another tensor's file may be opened in between
    yield { values: decode(piece), first: done / size };
  }
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

function placedFault(fileOf: FileOf, stored: StoredComputed, computed: Placed): string {
  for (const { values, first } of valuesIn(fileOf, stored)) {
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

function repeatedFault(
  fileOf: FileOf,
  stored: StoredComputed,
  { length, times }: Extract<Computed, { kind: "repeated" }>,
): string {
  const run = new Float64Array(length); // the first one of those that are equal
  for (const { values, first } of valuesIn(fileOf, stored)) {
    for (let i = 0; i < values.length; ++i) {
      const [value, place] = [values[i] as number, (first + i) % length];
      if (Math.floor((first + i) / length) % times === 0) run[place] = value;
      else if (!Object.is(run[place], value)) return `${differs(first + i, value, run[place] as number)}, repeated`;
    }
  }
  return "";
}

function scaledFault(
  fileOf: FileOf,
  stored: StoredComputed,
  { scale, source: name }: Extract<Computed, { kind: "scaled" }>,
): string {
  const { source, type } = stored;
  if (source === undefined) return `expected ${scale} times ${name}, which is not in the file`;
  if (source.type !== type || source.bytes !== stored.bytes)
    return `expected ${scale} times ${name}, got another type or shape`;
  const others = valuesIn(fileOf, source);
  for (const { values, first } of valuesIn(fileOf, stored)) {
    const other = others.next().value?.values ?? new Float64Array(0);
    for (let i = 0; i < values.length; ++i) {
      const [value, expected] = [values[i] as number, scale * (other[i] as number)];
      if (!(Math.abs(value - expected) <= 2 * roundingOf(type, expected))) return differs(first + i, value, expected);
    }
  }
  return "";
}

const NORM_ERROR = 2 ** -16; // relative, of sums of squares in binary32

function normsFault(
  fileOf: FileOf,
  stored: StoredComputed,
  { length, inner, source: name }: Extract<Computed, { kind: "norms" }>,
): string {
  const { source, type } = stored;
  if (source === undefined) return `expected the norms of ${name}, which is not in the file`;
  const squares = new Float64Array(length);
  for (const { values, first } of valuesIn(fileOf, source)) {
    for (let i = 0; i < values.length; ++i) {
      const place = Math.floor((first + i) / inner) % length;
      squares[place] = (squares[place] as number) + (values[i] as number) * (values[i] as number);
    }
  }
  for (const { values, first } of valuesIn(fileOf, stored)) {
    for (let i = 0; i < values.length; ++i) {
      const [value, expected] = [values[i] as number, Math.sqrt(squares[first + i] as number)];
      const most = roundingOf(type, expected) + NORM_ERROR * expected;
      if (!(Math.abs(value - expected) <= most)) return differs(first + i, value, expected);
    }
  }
  return "";
}
