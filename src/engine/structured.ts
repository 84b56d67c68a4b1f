/**
 * Structured tensors, made from draws that an engine knows: diagonals, Hadamard's matrix, sparse matrices, and orthogonal
 * matrices within zeros.
 */
import type { Structured } from "../distribution.js";
import { type DType, FORMATS, type Values } from "../dtype.js";
import type { Key } from "../stream.js";
import type { Draw } from "./engine.js";
import type { Source } from "./source.js";
import { type WorkingArray, workingArray, workingDType, writeRounded } from "./working.js";

type StructuredOf<Kind extends Structured["kind"]> = Extract<Structured, { kind: Kind }>;

/** Elements [start, start + out.length) of a structured tensor, whose words begin at element `origin` of the stream. */
interface StructuredDraw<D extends Structured = Structured> {
  readonly distribution: D;
  readonly key: Key;
  readonly dtype: DType;
  readonly origin: number;
  readonly start: number;
  readonly out: Values;
}

/** The draws that a structured tensor needs, each carried out before the next is asked for; at the end `out` is written. */
export function* drawsOfStructured(structured: StructuredDraw): Generator<Draw, void> {
  const { distribution, dtype, start, out } = structured;
  switch (distribution.kind) {
    case "orthogonal":
      yield* orthogonal({ ...structured, distribution });
      break;
    case "sparse":
      yield* sparse({ ...structured, distribution });
      break;
    case "diagonal":
      writeRounded(diagonal(distribution, start, workingArray(dtype, out.length)), dtype, out);
      break;
    case "hadamard":
      writeRounded(hadamard(distribution, start, workingArray(dtype, out.length)), dtype, out);
  }
}

function* orthogonal(structured: StructuredDraw<StructuredOf<"orthogonal">>): Generator<Draw, void> {
  const { distribution, key, dtype, origin, start, out } = structured;
  const { rows, columns, gain, offset, stride, elements } = distribution;
  const source: Source = { distribution: { kind: "orthogonal", rows, columns, gain, origin }, key, dtype };
  if (rows * columns === elements) {
    yield { source, start, out };
    return;
  }
  const matrix = new FORMATS[dtype].array(rows * columns);
  yield { source, start: 0, out: matrix };
  out.fill(0);
  for (let i = 0; i < matrix.length; ++i) {
    out[offset + i * stride - start] = matrix[i] as number; // a typed array ignores what lies beyond its ends
  }
}

function diagonal(distribution: StructuredOf<"diagonal">, start: number, numbers: WorkingArray): WorkingArray {
  const { value, offset, step, count, repeat, repeats } = distribution;
  const span = (count - 1) * step;
  const low = repeats > 1 ? Math.max(0, Math.ceil((start - offset - span) / repeat)) : 0;
  for (let r = low; r < repeats && offset + r * repeat < start + numbers.length; ++r) {
    const first = offset + r * repeat - start;
    for (let k = Math.max(0, Math.ceil(-first / step)); k < count && first + k * step < numbers.length; ++k) {
      numbers[first + k * step] = value;
    }
  }
  return numbers;
}

/** Sylvester's construction: an element is negative if its row and its column have an odd number of 1 bits in common. */
function hadamard({ columns, size }: StructuredOf<"hadamard">, start: number, numbers: WorkingArray): WorkingArray {
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
 * Which elements of a column (or row) become zero: one extra number is drawn for each element, from the stream after the
 * tensor's last element, and the smallest `zeros` of them lose. Of equal numbers, the one with the lower index loses.
 */
function* sparse(structured: StructuredDraw<StructuredOf<"sparse">>): Generator<Draw, void> {
  const { distribution, key, dtype, origin, start, out } = structured;
  const { rows, columns, std, zeros, perRow } = distribution;
  const source: Source = { distribution: { kind: "normal", mean: 0, std }, key, dtype: workingDType(dtype) };
  const numbers = workingArray(dtype, out.length);
  yield { source, start: origin + start, out: numbers };
  const [lines, length] = perRow ? [rows, columns] : [columns, rows];
  const [stepAlong, stepAcross] = perRow ? [1, columns] : [columns, 1];
  const lots = workingArray(dtype, length);
  for (let line = 0; line < lines && zeros > 0; ++line) {
    const at = line * stepAcross - start;
    if (perRow && (at >= out.length || at + length <= 0)) continue;
    yield { source, start: origin + rows * columns + line * length, out: lots };
    const order = Array.from(lots.keys()).sort((a, b) => (lots[a] as number) - (lots[b] as number)); // keeps equal ones in order
    for (const position of order.slice(0, zeros)) numbers[at + position * stepAlong] = 0;
  }
  writeRounded(numbers, dtype, out);
}
