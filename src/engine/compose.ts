/** Any distribution as a sequence of draws that an engine knows; here, the parts of a split tensor. */
import { type Distribution, isStructured, type Split, type Unsplit } from "../distribution.js";
import { type DType, FORMATS, type Values } from "../dtype.js";
import { BLOCK } from "../kernel/bits.js";
import type { Key } from "../stream.js";
import type { Draw } from "./engine.js";
import type { Source } from "./source.js";
import { drawsOfStructured } from "./structured.js";

export type { Draw };

const MIXED_PIECE = 8 * BLOCK; // elements of a piece in which parts alternate
const MATRIX_ORIGINS = 0x1000000000; // 2^36 elements of the stream from one part's matrix to the next: more than memory holds

/**
 * The draws that make elements [start, start + out.length) of a tensor. The caller must carry each out before it asks for
 * the next: what was drawn may be read in between.
 */
export function draws(distribution: Distribution, key: Key, dtype: DType, start: number, out: Values): Iterable<Draw> {
  if (distribution.kind === "split") return drawsOfSplit(distribution, key, dtype, start, out);
  if (isStructured(distribution)) return drawsOfStructured({ distribution, key, dtype, origin: 0, start, out });
  return [{ source: { distribution, key, dtype }, start, out }];
}

/** Independent parts use the element's index in the whole tensor, so that splitting does not change the stream. */
function* drawsOfSplit(split: Split, key: Key, dtype: DType, start: number, out: Values): Generator<Draw, void> {
  const end = start + out.length;
  const parts: Split["parts"] = split.parts.map((part) =>
    isStructured(part.distribution) ? { ...part, distribution: ZERO } : part,
  );
  yield* drawsOfIndependent({ kind: "split", parts }, key, dtype, start, out);
  for (const [index, { distribution }] of split.parts.entries()) {
    if (!isStructured(distribution)) continue;
    const matrix = new FORMATS[dtype].array(distribution.elements);
    yield* drawsOfStructured({ distribution, key, dtype, origin: index * MATRIX_ORIGINS, start: 0, out: matrix });
    let taken = 0; // elements of the matrix in earlier runs
    for (const run of runs(split, 0, end)) {
      if (run.part !== index) continue;
      const [begin, border] = [Math.max(start, run.begin), Math.min(end, run.end)];
      if (begin < border)
        out.set(matrix.subarray(taken + begin - run.begin, taken + border - run.begin), begin - start);
      taken += run.end - run.begin;
    }
  }
}

/** Stands for a structured part until its matrix is copied in. */
const ZERO: Unsplit = { kind: "constant", value: 0 };

function* drawsOfIndependent(split: Split, key: Key, dtype: DType, start: number, out: Values): Generator<Draw, void> {
  const sources = split.parts.map(({ distribution }) => ({ distribution, key, dtype }) as Source);
  if (split.parts.every(({ length }) => length >= BLOCK)) {
    for (const { part, begin, end } of runs(split, start, start + out.length)) {
      yield { source: sources[part] as Source, start: begin, out: out.subarray(begin - start, end - start) };
    }
    return;
  }
  // A draw makes whole blocks, which is wasteful for short runs. Each distribution draws whole pieces instead, and its own
  // runs are copied from them.
  const piece = new FORMATS[dtype].array(Math.min(MIXED_PIECE, out.length));
  for (let at = 0; at < out.length; at += MIXED_PIECE) {
    const drawn = piece.subarray(0, Math.min(MIXED_PIECE, out.length - at));
    for (const [index, source] of sources.entries()) {
      yield { source, start: start + at, out: drawn };
      for (const { part, begin, end } of runs(split, start + at, start + at + drawn.length)) {
        if (part === index) out.set(drawn.subarray(begin - start - at, end - start - at), begin - start);
      }
    }
  }
}

/** Elements [start, end) as runs of consecutive elements that belong to the same part. */
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
