/**
 * Whether a tensor's values are those that are computed for it. Values that follow from their places, and those that are made
 * from another tensor, are compared one by one; functions of a draw by their interval and their distribution function.
 */
import type { FileType } from "../checkpoint/safetensors.js";
import { type Computed, isPlaced, type OfDraw, type Placed } from "../computed/computed.js";
import { intervalOf } from "../computed/extent.js";
import { uniformOf } from "../computed/image.js";
import { writePlaced } from "../computed/place.js";
import { readAt } from "../file/checkpoint.js";
import { digits } from "../math/digits.js";
import { log } from "../math/functions.js";
import { softplus } from "../math/transcendental.js";
import { certain, type Finding, type RegionSummary } from "./check.js";
import type { Extent } from "./compare.js";
import { anyDecoderOf } from "./decode.js";
import { scaleOf } from "./pattern.js";
import { HALF_STEP } from "./rounding.js";
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

/** By how much rounding to the type moves a value. */
function roundingOf(type: FileType, value: number): number {
  const [relative, smallest] = type === "F32" || type === "F64" ? [2 ** -22, 2 ** -149] : (HALF_STEP[type] ?? [0, 0]);
  return relative * Math.abs(value) + smallest;
}

const differs = (i: number, value: number, expected: number): string =>
  `element ${i} is ${digits(value, 9)}, expected ${digits(expected, 9)}`;

/** What arithmetic in binary32 makes of an angle or an exponent: libraries compute these values so. */
const SINGLE = 2 ** -20;

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

/** The distribution function of a function of a draw: P(a value is at most x). */
function cdfOf(computed: OfDraw): (x: number) => number {
  const uniform = uniformOf(computed);
  if (uniform.kind !== "uniform") return () => Number.NaN; // one value
  const { low, high } = uniform;
  const share = (u: number) => Math.min(1, Math.max(0, (u - low) / (high - low)));
  if (computed.kind === "logOfUniform") return (x) => share(Math.exp(x));
  return (x) => {
    const value = computed.softplus ? softplus(x) : x;
    return value < computed.floor || value <= 0 ? 0 : share(Math.log(value));
  };
}

/** Checks of a function of a draw: all values lie in its interval, and as many below each bin's edge as there should be. */
export function checkOfDraw(
  { moments, filled }: RegionSummary,
  computed: OfDraw,
  type: FileType,
  t: number,
): Finding[] {
  const { finite: n, min, max } = moments;
  if (n === 0) return [];
  const [low, high] = intervalOf(computed);
  const room = (x: number) => 2 * roundingOf(type, x) + 4 * SINGLE * Math.max(1, Math.abs(x));
  if (min < low - room(low) || max > high + room(high)) {
    const got = `values from ${digits(min, 6)} to ${digits(max, 6)}`;
    return [certain("range", `${got}, expected ${digits(low, 6)} to ${digits(high, 6)}`)];
  }
  return [shapeOf(n, filled, computed, type, t)];
}

/** Dvoretzky, Kiefer and Wolfowitz 1956; Massart 1990. An edge counts for the values that rounding may have moved over it. */
function shapeOf(n: number, filled: RegionSummary["filled"], computed: OfDraw, type: FileType, t: number): Finding {
  const scale = scaleOf(type);
  const below = cdfOf(computed);
  let [count, worst, where] = [0, 0, 0];
  filled.ranks.forEach((rank, i) => {
    count += filled.counts[i] as number;
    const edge = scale.high[rank] as number;
    const moved = 2 * roundingOf(type, edge) + 4 * SINGLE * Math.max(1, Math.abs(edge));
    const [least, most] = [below(edge - moved), below(edge + moved)];
    const off = Math.max(least - count / n, count / n - most);
    if (off > worst) [worst, where] = [off, edge];
  });
  const excess = worst / Math.sqrt(t / (2 * n));
  const sentence = `the share of values below ${digits(where, 4)} is off by ${digits(worst, 4)}`;
  return { check: "shape", excess, sentence };
}
