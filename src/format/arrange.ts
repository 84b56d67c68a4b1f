/** The elements of a tensor in another order, as other formats store them: transposed, or with the rows of heads permuted. */
import { reserve } from "../arena.js";
import type { DrawPiece } from "../checkpoint/draw.js";
import type { Kept } from "../checkpoint/kept.js";
import { type DType, FORMATS, type Values } from "../dtype.js";
import type { Draw } from "../engine/engine.js";
import { sizeOf } from "../shape.js";

/** Axes that a tensor is split into, row-major, and their order in the file: `reshape(split).transpose(order)` in NumPy. */
interface Arrangement {
  readonly split: readonly number[];
  /** The axis of `split` that comes at each place. */
  readonly order: readonly number[];
}

/** What `drawer` needs to know of the tensor that it rearranges. */
interface Arranged extends Arrangement {
  readonly draw: DrawPiece;
  readonly dtype: DType;
  /** The name under which the whole is kept, if any part of the result needs the whole. */
  readonly name: string;
  readonly kept: Kept;
}

/**
 * The pieces of a tensor in another order. Axes that stay in front cut the tensor into periods that are rearranged one by
 * one, so a range costs the periods that it touches: a head of an attention's matrix, or all of a transposed matrix.
 */
export function arranged({ draw, dtype, name, kept, split, order }: Arranged): DrawPiece {
  const inner = innerOf(split, order);
  const period = sizeOf(inner.lengths) * inner.run;
  const { array, bytes: size } = FORMATS[dtype];
  const bytesAt = (values: Values) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const whole = sizeOf(split);
  return function* (bytes, start): Generator<Draw, void> {
    const out = new array(bytes.buffer, bytes.byteOffset, bytes.length / size);
    let scratch: Values | undefined;
    for (let at = 0; at < out.length; ) {
      const begin = start + at - ((start + at) % period);
      const from = start + at - begin;
      const count = Math.min(period - from, out.length - at);
      const key = `${name} as drawn`;
      let source = period === whole ? kept.get(key) : undefined;
      if (source === undefined) {
        scratch ??= reserve(() => new array(period), period * size);
        source = scratch;
        yield* draw(bytesAt(source), begin);
        if (period === whole) kept.set(key, source);
      }
      gather(source, out.subarray(at, at + count), from, inner);
      at += count;
    }
  };
}

/** Axes that move, in the order of the file: how long they are, and how far apart their elements lie in the model. */
interface Inner {
  readonly lengths: readonly number[];
  readonly strides: readonly number[];
  /** Elements that lie next to each other in both orders. */
  readonly run: number;
}

function innerOf(split: readonly number[], order: readonly number[]): Inner {
  let first = 0;
  while (first < order.length && order[first] === first) first += 1;
  let last = order.length;
  while (last > first && order[last - 1] === last - 1) last -= 1;
  const strideOf = (axis: number) => sizeOf(split.slice(axis + 1));
  const axes = order.slice(first, last);
  return {
    lengths: axes.map((axis) => split[axis] as number),
    strides: axes.map(strideOf),
    run: sizeOf(split.slice(last)),
  };
}

/** Fills `out` with the rearranged elements from `start` on. */
function gather(source: Values, out: Values, start: number, { lengths, strides, run }: Inner): void {
  const last = lengths.length - 1;
  const [length, stride] = [lengths[last] as number, strides[last] as number];
  const index = indexOfRun(Math.floor(start / run), lengths);
  let skipped = start % run;
  for (let at = 0; at < out.length; ) {
    const first = index.reduce((sum, i, axis) => sum + i * (strides[axis] as number), 0);
    // Along the last axis that moves, runs lie one stride apart.
    const runs = Math.min(length - (index[last] as number), Math.ceil((out.length - at + skipped) / run));
    if (run === 1) {
      for (let i = 0, place = first; i < runs; ++i, place += stride) out[at + i] = source[place] as number;
      at += runs;
    } else {
      for (let i = 0, place = first; i < runs; ++i, place += stride, skipped = 0) {
        const count = Math.min(run - skipped, out.length - at);
        out.set(source.subarray(place + skipped, place + skipped + count), at);
        at += count;
      }
    }
    advance(index, lengths, runs);
  }
}

/** Moves an index on by runs of the last axis, at most to its end. */
function advance(index: number[], lengths: readonly number[], runs: number): void {
  const last = index.length - 1;
  index[last] = (index[last] as number) + runs;
  for (let axis = last; axis > 0 && index[axis] === lengths[axis]; --axis) {
    index[axis] = 0;
    index[axis - 1] = (index[axis - 1] as number) + 1;
  }
}

function indexOfRun(run: number, lengths: readonly number[]): number[] {
  const index = new Array<number>(lengths.length);
  let rest = run;
  for (let axis = lengths.length - 1; axis >= 0; --axis) {
    const length = lengths[axis] as number;
    index[axis] = rest % length;
    rest = Math.floor(rest / length);
  }
  return index;
}
