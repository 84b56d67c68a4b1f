/** Tensors of several laws, and of structured ones, as draws of what an engine knows. */

import { type Fill, isStructured, type Law, type Split, type Structured } from "../distribution.js";
import { type DType, FORMATS, type Values } from "../dtype.js";
import { BLOCK } from "../kernel/bits.js";
import type { Key } from "../stream.js";
import type { Tensor } from "./source.js";
import { deliver, madeOf, type Numbers, numbersFor } from "./working.js";

/** Elements [start, start + out.length) of a tensor, to be written to `out`. */
export interface Draw {
  readonly tensor: Tensor;
  readonly start: number;
  readonly out: Values;
}

/** The same of a tensor that is still to be composed; its words begin at element `origin` of the stream. */
interface Task<L extends Law = Law> {
  readonly law: L;
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
export function draws(fill: Fill, key: Key, dtype: DType, start: number, out: Values): Iterable<Draw> {
  if (fill.law === "split") return drawsOfParts(fill, key, dtype, start, out);
  if (isStructured(fill)) return drawsOf({ law: fill, key, dtype, origin: 0, start, out });
  return [{ tensor: { fill, key, dtype }, start, out }];
}

/** An element has the value that its part's law gives it: a pointwise one, at its place in the whole tensor. */
function* drawsOfParts(split: Split, key: Key, dtype: DType, start: number, out: Values): Generator<Draw, void> {
  const end = start + out.length;
  const points: Split["parts"] = split.parts.map((part) => (isStructured(part.law) ? { ...part, law: ZERO } : part));
  yield* drawsOfPoints({ law: "split", parts: points }, key, dtype, start, out);
  for (const [index, { law }] of split.parts.entries()) {
    if (!isStructured(law)) continue;
    const part = new FORMATS[dtype].array(law.elements);
    yield* drawsOf({ law, key, dtype, origin: index * PART, start: 0, out: part });
    let at = 0; // elements of the part in the runs before
    for (const run of runs(split, 0, end)) {
      if (run.part !== index) continue;
      const [begin, border] = [Math.max(start, run.begin), Math.min(end, run.end)];
      if (begin < border) out.set(part.subarray(at + begin - run.begin, at + border - run.begin), begin - start);
      at += run.end - run.begin;
    }
  }
}

const ZERO: Law = { law: "constant", value: 0 };

function* drawsOfPoints(split: Split, key: Key, dtype: DType, start: number, out: Values): Generator<Draw, void> {
  const tensors = split.parts.map(({ law }) => ({ fill: law, key, dtype }) as Tensor);
  if (split.parts.every(({ length }) => length >= BLOCK)) {
    for (const { part, begin, end } of runs(split, start, start + out.length)) {
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
  const { law, dtype, start, out } = task;
  switch (law.law) {
    case "orthogonal":
      yield* orthogonal({ ...task, law });
      break;
    case "sparse":
      yield* sparse({ ...task, law });
      break;
    case "diagonal":
      deliver(diagonal(law, start, numbersFor(dtype, out.length)), dtype, out);
      break;
    case "hadamard":
      deliver(hadamard(law, start, numbersFor(dtype, out.length)), dtype, out);
  }
}

type Of<Name extends Structured["law"]> = Extract<Structured, { law: Name }>;

function* orthogonal({ law, key, dtype, origin, start, out }: Task<Of<"orthogonal">>): Generator<Draw, void> {
  const { rows, columns, gain, offset, stride, elements } = law;
  const tensor: Tensor = { fill: { law: "orthogonal", rows, columns, gain, origin }, key, dtype };
  if (rows * columns === elements) {
    yield { tensor, start, out };
    return;
  }
  const matrix = new FORMATS[dtype].array(rows * columns);
  yield { tensor, start: 0, out: matrix };
  out.fill(0);
  for (let i = 0; i < matrix.length; ++i) {
    const at = offset + i * stride - start;
    if (at >= 0 && at < out.length) out[at] = matrix[i] as number;
  }
}

function diagonal(law: Of<"diagonal">, start: number, numbers: Numbers): Numbers {
  const { value, offset, step, count, repeat, repeats } = law;
  for (let r = 0; r < repeats; ++r) {
    const first = offset + r * repeat - start;
    for (let k = Math.max(0, Math.ceil(-first / step)); k < count && first + k * step < numbers.length; ++k) {
      numbers[first + k * step] = value;
    }
  }
  return numbers;
}

/** Sylvester's matrix: -1 to the number of bits that row and column have in common. */
function hadamard({ columns, size }: Of<"hadamard">, start: number, numbers: Numbers): Numbers {
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
function* sparse({ law, key, dtype, origin, start, out }: Task<Of<"sparse">>): Generator<Draw, void> {
  const { rows, columns, std, zeros, across } = law;
  const tensor: Tensor = { fill: { law: "normal", mean: 0, std }, key, dtype: madeOf(dtype) };
  const numbers = numbersFor(dtype, out.length);
  yield { tensor, start: origin + start, out: numbers };
  const [lines, length] = across ? [rows, columns] : [columns, rows];
  const [along, apart] = across ? [1, columns] : [columns, 1];
  const ranks = numbersFor(dtype, length);
  for (let line = 0; line < lines && zeros > 0; ++line) {
    const at = line * apart - start;
    if (across && (at >= out.length || at + length <= 0)) continue;
    yield { tensor, start: origin + rows * columns + line * length, out: ranks };
    const order = Array.from(ranks.keys()).sort((a, b) => (ranks[a] as number) - (ranks[b] as number) || a - b);
    for (const position of order.slice(0, zeros)) {
      const i = at + position * along;
      if (i >= 0 && i < numbers.length) numbers[i] = 0;
    }
  }
  deliver(numbers, dtype, out);
}
