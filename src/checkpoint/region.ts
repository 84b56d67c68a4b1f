/** A slice of a tensor along any of its axes, as the ranks of tensor parallelism hold. */
import { checkCount, show, wrongType, wrongValue } from "../check.js";
import type { Draw } from "../engine/engine.js";
import { BLOCK } from "../kernel/bits.js";
import type { DrawPiece } from "./draw.js";

/** Indices [begin, end) of an axis; null for all of them. */
export type AxisRange = readonly [begin: number, end: number] | null;

/**
 * Checks the ranges of a shape's axes and completes them.
 *
 * @param ranges for the first axes; the others are whole.
 * @throws TypeError, RangeError naming the axis.
 */
export function checkRanges(
  ranges: readonly AxisRange[],
  shape: readonly number[],
): readonly (readonly [number, number])[] {
  if (!Array.isArray(ranges)) throw wrongType("ranges", "a list with [begin, end] or null for each axis", ranges);
  if (ranges.length > shape.length) {
    throw wrongValue("ranges", `at most ${shape.length}, one for each axis of shape ${show(shape)}`, ranges.length);
  }
  return shape.map((length, axis) => {
    const range = ranges[axis] ?? null;
    if (range === null) return [0, length];
    const name = `ranges[${axis}]`;
    if (!Array.isArray(range) || range.length !== 2) throw wrongType(name, "[begin, end] or null", range);
    const [begin, end] = [checkCount(`${name}[0]`, range[0]), checkCount(`${name}[1]`, range[1])];
    if (begin > end || end > length) throw wrongValue(name, `[begin, end] with begin <= end <= ${length}`, range);
    return [begin, end];
  });
}

/**
 * The draws that fill `out` with a slice, row-major.
 *
 * @param out the bytes of the slice, at a multiple of an element's size.
 * @param size bytes of an element.
 */
export function* drawsOfRegion(
  ranges: readonly (readonly [number, number])[],
  shape: readonly number[],
  out: Uint8Array<ArrayBufferLike>,
  size: number,
  draw: DrawPiece,
): Generator<Draw, void> {
  if (out.length === 0) return;
  const length = runLength(ranges, shape);
  const scratch = new Uint8Array(length * size < SPAN ? SPAN : 0);
  let at = 0;
  for (const { first, count, stride } of spans(ranges, shape, length, SPAN / size)) {
    if (count === 1) {
      yield* draw(out.subarray(at, at + length * size), first);
      at += length * size;
      continue;
    }
    const span = scratch.subarray(0, ((count - 1) * stride + length) * size);
    yield* draw(span, first);
    for (let run = 0; run < count; ++run, at += length * size) {
      out.set(span.subarray(run * stride * size, (run * stride + length) * size), at);
    }
  }
}

const SPAN = 0x20000; // bytes that are drawn at once where runs lie less than a block apart

/** The elements that lie next to each other: those of the last axis that is cut, with the whole axes after it. */
function runLength(ranges: readonly (readonly [number, number])[], shape: readonly number[]): number {
  let length = 1;
  for (let axis = shape.length - 1; axis >= 0; --axis) {
    const [begin, end] = ranges[axis] as readonly [number, number];
    length *= end - begin;
    if (end - begin < (shape[axis] as number)) return length;
  }
  return length;
}

/** `count` runs, whose first elements lie `stride` apart, drawn at once. */
interface Span {
  readonly first: number;
  readonly count: number;
  readonly stride: number;
}

/**
 * The runs of a slice. A draw makes its words from the beginning of a block on, so runs that lie less than a block apart
 * are drawn at once, as many as `most` elements hold.
 */
function* spans(
  ranges: readonly (readonly [number, number])[],
  shape: readonly number[],
  length: number,
  most: number,
): Generator<Span, void> {
  let open: { first: number; count: number; stride: number } | undefined;
  for (const first of firsts(ranges, shape, length)) {
    if (open !== undefined) {
      const step = first - (open.first + (open.count - 1) * open.stride);
      const fits = step - length < BLOCK && first + length - open.first <= most;
      if (fits && (open.count === 1 || step === open.stride)) {
        open.stride = step;
        open.count += 1;
        continue;
      }
      yield open;
    }
    open = { first, count: 1, stride: 0 };
  }
  if (open !== undefined) yield open;
}

/** The first element of each run, in order. */
function* firsts(
  ranges: readonly (readonly [number, number])[],
  shape: readonly number[],
  length: number,
): Generator<number, void> {
  // Axes before `inner` are walked; those from it on make up one run.
  let inner = shape.length;
  for (let run = 1; run < length; ) {
    inner -= 1;
    const [begin, end] = ranges[inner] as readonly [number, number];
    run *= end - begin;
  }
  const index = ranges.map(([begin]) => begin);
  for (;;) {
    yield index.reduce((element, at, axis) => element * (shape[axis] as number) + at, 0);
    let axis = inner - 1;
    for (; axis >= 0; --axis) {
      const [begin, end] = ranges[axis] as readonly [number, number];
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < end) break;
      index[axis] = begin;
    }
    if (axis < 0) return;
  }
}
