/** Tensors of several laws, as draws of tensors of one. */
import { type DType, FORMATS, type Values } from "../dtype.js";
import type { Fill, Split } from "../fill.js";
import { BLOCK } from "../kernel/bits.js";
import type { Key } from "../stream.js";
import type { Tensor } from "../tensor.js";

/** Elements [start, start + out.length) of a tensor, to be written to `out`. */
export interface Draw {
  readonly tensor: Tensor;
  readonly start: number;
  readonly out: Values;
}

const CHUNK = 8 * BLOCK; // elements

/**
 * The draws that make elements [start, start + out.length) of a tensor of any fill; the caller carries each out before it
 * asks for the next. An element has the value that its part's law gives it at its place in the whole tensor.
 */
export function draws(fill: Fill, key: Key, dtype: DType, start: number, out: Values): Iterable<Draw> {
  return fill.law === "split"
    ? drawsOfParts(fill, key, dtype, start, out)
    : [{ tensor: { fill, key, dtype }, start, out }];
}

function* drawsOfParts(fill: Split, key: Key, dtype: DType, start: number, out: Values): Generator<Draw, void> {
  const tensors = fill.parts.map(({ law }) => ({ fill: law, key, dtype }));
  if (fill.parts.every(({ length }) => length >= BLOCK)) {
    for (const { part, begin, end } of runs(fill, start, start + out.length)) {
      yield { tensor: tensors[part] as Tensor, start: begin, out: out.subarray(begin - start, end - start) };
    }
    return;
  }
  // Short runs would each draw a block to its end: every law draws whole chunks instead, of which its runs are kept.
  const chunk = new FORMATS[dtype].array(Math.min(CHUNK, out.length));
  for (let at = 0; at < out.length; at += CHUNK) {
    const drawn = chunk.subarray(0, Math.min(CHUNK, out.length - at));
    for (const [index, tensor] of tensors.entries()) {
      yield { tensor, start: start + at, out: drawn };
      for (const { part, begin, end } of runs(fill, start + at, start + at + drawn.length)) {
        if (part === index) out.set(drawn.subarray(begin - start - at, end - start - at), begin - start);
      }
    }
  }
}

/** The parts that elements [start, end) belong to, run by run. */
function* runs({ parts }: Split, start: number, end: number) {
  const period = parts.reduce((sum, { length }) => sum + length, 0);
  for (let base = start - (start % period); base < end; base += period) {
    let first = base;
    for (const [part, { length }] of parts.entries()) {
      const begin = Math.max(start, first);
      first += length;
      if (begin < Math.min(first, end)) yield { part, begin, end: Math.min(first, end) };
    }
  }
}
