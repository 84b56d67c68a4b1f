/** Any distribution as a sequence of draws that an engine knows; here, the parts of a split tensor. */
import { type Distribution, isStructured, type Split, type Structured, textOf, type Unsplit } from "../distribution.js";
import { type DType, FORMATS, type Values } from "../dtype.js";
import { BLOCK } from "../kernel/bits.js";
import type { Key } from "../stream.js";
import type { Draw } from "./engine.js";
import type { Source } from "./source.js";
import { drawsOfStructured } from "./structured.js";

export type { Draw };

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

/**
 * Independent parts use the element's index in the whole tensor, so that splitting does not change the stream. A
 * structured part is a tensor of its own. The work is linear in the elements and the parts.
 */
function* drawsOfSplit(split: Split, key: Key, dtype: DType, start: number, out: Values): Generator<Draw, void> {
  const firsts = firstsOf(split);
  yield* drawsOfIndependent(runs(firsts, start, start + out.length), sourcesOf(split, key, dtype), start, out);
  for (const [index, { distribution }] of split.parts.entries()) {
    if (isStructured(distribution)) yield* drawsOfPart(distribution, firsts, index, key, dtype, start, out);
  }
}

/** Where each part begins in the tensor and, at the end, where the pattern repeats. */
function firstsOf({ parts }: Split): Float64Array {
  const firsts = new Float64Array(parts.length + 1);
  for (const [i, { length }] of parts.entries()) firsts[i + 1] = (firsts[i] as number) + length;
  return firsts;
}

/** Consecutive elements [begin, end) of one part. */
interface Run {
  readonly part: number;
  readonly begin: number;
  readonly end: number;
}

/** Elements [start, end) as runs. */
function* runs(firsts: Float64Array, start: number, end: number): Generator<Run, void> {
  const count = firsts.length - 1;
  const period = firsts[count] as number;
  let base = start - (start % period);
  let part = partAt(firsts, start - base);
  for (let begin = start; begin < end; ) {
    const border = Math.min(end, base + (firsts[part + 1] as number));
    if (begin < border) yield { part, begin, end: border };
    begin = border;
    if (++part === count) {
      part = 0;
      base += period;
    }
  }
}

/** The part that holds an element of the first period, by bisection. */
function partAt(firsts: Float64Array, element: number): number {
  let low = 0;
  for (let high = firsts.length - 1; high - low > 1; ) {
    const middle = (low + high) >>> 1;
    if ((firsts[middle] as number) <= element) low = middle;
    else high = middle;
  }
  return low;
}

/** The source of each part, one for all parts of equal distribution; undefined for a structured part. */
function sourcesOf({ parts }: Split, key: Key, dtype: DType): readonly (Source | undefined)[] {
  const known = new Map<Unsplit | string, Source>();
  return parts.map(({ distribution }) => {
    if (isStructured(distribution)) return undefined;
    const same = known.get(distribution);
    if (same !== undefined) return same;
    const text = textOf(distribution);
    const source = known.get(text) ?? { distribution, key, dtype };
    known.set(distribution, source).set(text, source);
    return source;
  });
}

const BATCH = 8 * BLOCK; // elements over which runs that are shorter than a block are drawn together

/** A run of a block or more is drawn where it lies; shorter runs of one source, which may share blocks, are drawn together. */
function* drawsOfIndependent(
  runs: Iterable<Run>,
  sources: readonly (Source | undefined)[],
  start: number,
  out: Values,
): Generator<Draw, void> {
  let batch = new Map<Source, Run[]>();
  let border = 0; // where the batch ends
  for (const run of runs) {
    const source = sources[run.part];
    if (source === undefined) continue;
    if (run.end - run.begin >= BLOCK) {
      yield { source, start: run.begin, out: out.subarray(run.begin - start, run.end - start) };
      continue;
    }
    if (run.begin >= border) {
      yield* drawsOfBatch(batch, start, out);
      batch = new Map();
      border = run.begin - (run.begin % BATCH) + BATCH;
    }
    const others = batch.get(source);
    if (others === undefined) batch.set(source, [run]);
    else others.push(run);
  }
  yield* drawsOfBatch(batch, start, out);
}

/**
 * A draw makes its words from the beginning of a block on, so each run on its own would make those of its block again.
 * Runs of a source that are less than a block apart are copied from one draw.
 */
function* drawsOfBatch(batch: ReadonlyMap<Source, readonly Run[]>, start: number, out: Values): Generator<Draw, void> {
  let scratch: Values | undefined;
  for (const [source, list] of batch) {
    for (let i = 0, next = 0; i < list.length; i = next) {
      const { begin } = list[i] as Run;
      let { end } = list[i] as Run;
      for (next = i + 1; next < list.length && (list[next] as Run).begin - end < BLOCK; ++next) {
        end = (list[next] as Run).end;
      }
      if (next === i + 1) {
        yield { source, start: begin, out: out.subarray(begin - start, end - start) };
        continue;
      }
      scratch ??= new FORMATS[source.dtype].array(BATCH + BLOCK);
      yield { source, start: begin, out: scratch.subarray(0, end - begin) };
      for (const run of list.slice(i, next)) {
        out.set(scratch.subarray(run.begin - begin, run.end - begin), run.begin - start);
      }
    }
  }
}

/** A structured part, which is drawn whole if any of its elements is in `out`. */
function* drawsOfPart(
  distribution: Structured,
  firsts: Float64Array,
  index: number,
  key: Key,
  dtype: DType,
  start: number,
  out: Values,
): Generator<Draw, void> {
  const [end, first, period] = [start + out.length, firsts[index] as number, firsts.at(-1) as number];
  const length = (firsts[index + 1] as number) - first;
  const origin = index * MATRIX_ORIGINS;
  if (length === distribution.elements && start <= first && first + length <= end) {
    const whole = out.subarray(first - start, first + length - start);
    yield* drawsOfStructured({ distribution, key, dtype, origin, start: 0, out: whole });
    return;
  }
  let matrix: Values | undefined;
  for (let k = Math.floor((start - first) / period); k * period + first < end; ++k) {
    const run = k * period + first;
    const [begin, border] = [Math.max(start, run), Math.min(end, run + length)];
    if (begin >= border) continue;
    if (matrix === undefined) {
      matrix = new FORMATS[dtype].array(distribution.elements);
      yield* drawsOfStructured({ distribution, key, dtype, origin, start: 0, out: matrix });
    }
    const taken = k * length - run; // elements of the matrix in earlier runs
    out.set(matrix.subarray(taken + begin, taken + border), begin - start);
  }
}
