/** Tensors of several laws, and of structured ones, as draws of what an engine knows. */

import { type Distribution, isStructured, type Split, type Structured, type Unsplit } from "../distribution.js";
import { type DType, FORMATS, type Values } from "../dtype.js";
import { BLOCK } from "../kernel/bits.js";
import type { Key } from "../stream.js";
import type { Source } from "./source.js";
import { type WorkingArray, workingArray, workingDType, writeRounded } from "./working.js";

/** Elements [start, start + out.length) of a tensor, to be written to `out`. */
export interface Draw {
  readonly source: Source;
  readonly start: number;
  readonly out: Values;
}

/** The same of a tensor that is still to be composed; its words begin at element `origin` of the stream. */
interface Task<L extends Unsplit = Unsplit> {
  readonly distribution: L;
  readonly key: Key;
  readonly dtype: DType;
  readonly origin: number;
  readonly start: number;
  readonly out: Values;
}

const CHUNK = 8 * BLOCK; // elements
const PART = 0x1000000000; // 2^36 elements of the stream between the matrices of two parts: more than memory holds

/**
 * The draws that make elements [start, start + out.length) of a tensor of any fill; the caller carries each out before it
 * asks for the next.
 */
export function draws(distribution: Distribution, key: Key, dtype: DType, start: number, out: Values): Iterable<Draw> {
  if (distribution.kind === "split") return drawsOfParts(distribution, key, dtype, start, out);
  if (isStructured(distribution)) return drawsOf({ distribution: distribution, key, dtype, origin: 0, start, out });
  return [{ source: { distribution: distribution, key, dtype }, start, out }];
}

/** An element has the value that its part's law gives it: a pointwise one, at its place in the whole tensor. */
function* drawsOfParts(split: Split, key: Key, dtype: DType, start: number, out: Values): Generator<Draw, void> {
  const end = start + out.length;
  const points: Split["parts"] = split.parts.map((part) =>
    isStructured(part.distribution) ? { ...part, distribution: ZERO } : part,
  );
  yield* drawsOfPoints({ kind: "split", parts: points }, key, dtype, start, out);
  for (const [index, { distribution }] of split.parts.entries()) {
    if (!isStructured(distribution)) continue;
    const part = new FORMATS[dtype].array(distribution.elements);
    yield* drawsOf({ distribution: distribution, key, dtype, origin: index * PART, start: 0, out: part });
    let at = 0; // elements of the part in the runs before
    for (const run of runs(split, 0, end)) {
      if (run.part !== index) continue;
      const [begin, border] = [Math.max(start, run.begin), Math.min(end, run.end)];
      if (begin < border) out.set(part.subarray(at + begin - run.begin, at + border - run.begin), begin - start);
      at += run.end - run.begin;
    }
  }
}

const ZERO: Unsplit = { kind: "constant", value: 0 };

function* drawsOfPoints(split: Split, key: Key, dtype: DType, start: number, out: Values): Generator<Draw, void> {
  const sources = split.parts.map(({ distribution }) => ({ distribution: distribution, key, dtype }) as Source);
  if (split.parts.every(({ length }) => length >= BLOCK)) {
    for (const { part, begin, end } of runs(split, start, start + out.length)) {
      yield { source: sources[part] as Source, start: begin, out: out.subarray(begin - start, end - start) };
    }
    return;
  }
  // Short runs would each draw a block to its end: every law draws whole chunks instead, of which its runs are kept.
  const chunk = new FORMATS[dtype].array(Math.min(CHUNK, out.length));
  for (let at = 0; at < out.length; at += CHUNK) {
    const drawn = chunk.subarray(0, Math.min(CHUNK, out.length - at));
    for (const [index, source] of sources.entries()) {
      yield { source: source, start: start + at, out: drawn };
      for (const { part, begin, end } of runs(split, start + at, start + at + drawn.length)) {
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

function* drawsOf(task: Task<Structured>): Generator<Draw, void> {
  const { distribution, dtype, start, out } = task;
  switch (distribution.kind) {
    case "orthogonal":
      yield* orthogonal({ ...task, distribution: distribution });
      break;
    case "sparse":
      yield* sparse({ ...task, distribution: distribution });
      break;
    case "diagonal":
      writeRounded(diagonal(distribution, start, workingArray(dtype, out.length)), dtype, out);
      break;
    case "hadamard":
      writeRounded(hadamard(distribution, start, workingArray(dtype, out.length)), dtype, out);
  }
}

type Of<Name extends Structured["kind"]> = Extract<Structured, { kind: Name }>;

function* orthogonal({ distribution, key, dtype, origin, start, out }: Task<Of<"orthogonal">>): Generator<Draw, void> {
  const { rows, columns, gain, offset, stride, elements } = distribution;
  const source: Source = { distribution: { kind: "orthogonal", rows, columns, gain, origin }, key, dtype };
  if (rows * columns === elements) {
    yield { source: source, start, out };
    return;
  }
  const matrix = new FORMATS[dtype].array(rows * columns);
  yield { source: source, start: 0, out: matrix };
  out.fill(0);
  for (let i = 0; i < matrix.length; ++i) {
    const at = offset + i * stride - start;
    if (at >= 0 && at < out.length) out[at] = matrix[i] as number;
  }
}

function diagonal(distribution: Of<"diagonal">, start: number, numbers: WorkingArray): WorkingArray {
  const { value, offset, step, count, repeat, repeats } = distribution;
  for (let r = 0; r < repeats; ++r) {
    const first = offset + r * repeat - start;
    for (let k = Math.max(0, Math.ceil(-first / step)); k < count && first + k * step < numbers.length; ++k) {
      numbers[first + k * step] = value;
    }
  }
  return numbers;
}

/** Sylvester's matrix: -1 to the number of bits that row and column have in common. */
function hadamard({ columns, size }: Of<"hadamard">, start: number, numbers: WorkingArray): WorkingArray {
  const value = 1 / Math.sqrt(size);
  for (let i = 0; i < numbers.length; ++i) {
    let odd = false;
    for (let bits = Math.floor((start + i) / columns) & ((start + i) % columns); bits !== 0; bits &= bits - 1)
      odd = !odd;
    numbers[i] = odd ? -value : value;
  }
  return numbers;
}

/**
 * In each line the elements become 0 whose values in a draw of their own, beyond the tensor's end, are smallest; of equal
 * ones, the first.
 */
function* sparse({ distribution, key, dtype, origin, start, out }: Task<Of<"sparse">>): Generator<Draw, void> {
  const { rows, columns, std, zeros, perRow } = distribution;
  const source: Source = { distribution: { kind: "normal", mean: 0, std }, key, dtype: workingDType(dtype) };
  const numbers = workingArray(dtype, out.length);
  yield { source: source, start: origin + start, out: numbers };
  const [lines, length] = perRow ? [rows, columns] : [columns, rows];
  const [along, apart] = perRow ? [1, columns] : [columns, 1];
  const ranks = workingArray(dtype, length);
  for (let line = 0; line < lines && zeros > 0; ++line) {
    const at = line * apart - start;
    if (perRow && (at >= out.length || at + length <= 0)) continue;
    yield { source: source, start: origin + rows * columns + line * length, out: ranks };
    const order = Array.from(ranks.keys()).sort((a, b) => (ranks[a] as number) - (ranks[b] as number) || a - b);
    for (const position of order.slice(0, zeros)) {
      const i = at + position * along;
      if (i >= 0 && i < numbers.length) numbers[i] = 0;
    }
  }
  writeRounded(numbers, dtype, out);
}
