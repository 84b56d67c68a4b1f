/** Computed values as draws that an engine carries out, and what is made of them: docs/stream.md, "Computed values". */
import { type DType, FORMATS, type Values } from "../dtype.js";
import { type Draw, draws } from "../engine/compose.js";
import { workingArray, writeRounded } from "../engine/working.js";
import { valueOfPattern } from "../math/float.js";
import { type Key, key, type Seed } from "../stream.js";
import { type Computed, costsWhole, isComputed, isPlaced, type ModelDistribution, type OfDraw } from "./computed.js";
import { imageOf, uniformOf } from "./image.js";
import { writePlaced } from "./place.js";

type ComputedOf<Kind extends Computed["kind"]> = Extract<Computed, { kind: Kind }>;

const AT_ONCE = 0x4000; // numbers that are computed before they are rounded
const WINDOW = 0x10000; // elements that are drawn at once of a tensor that is repeated, or whose norms are taken

/**
 * The draws that make elements [start, start + out.length) of a model's tensor. The caller must carry each out before it
 * asks for the next one; at the end `out` is written.
 *
 * @param name of the tensor.
 */
export function drawsOfTensor(
  distribution: ModelDistribution,
  name: string,
  seed: Seed,
  dtype: DType,
  start: number,
  out: Values,
): Iterable<Draw> {
  if (!isComputed(distribution)) return draws(distribution, key(seed, name), dtype, start, out);
  if (isPlaced(distribution)) {
    writeNumbers(dtype, out, (numbers, at) => writePlaced(distribution, start + at, numbers));
    return [];
  }
  switch (distribution.kind) {
    case "logUniform":
    case "logOfUniform":
      return drawsOfFunction(distribution, key(seed, name), dtype, start, out);
    case "repeated":
      return drawsOfRepeated(distribution, key(seed, name), dtype, start, out);
    case "scaled":
      return drawsOfScaled(distribution, seed, dtype, start, out);
    case "norms":
      return drawsOfNorms(distribution, seed, dtype, start, out);
  }
}

/** Writes numbers to `out`, rounded; `write` fills those from place `at` of `out` on. */
function writeNumbers(dtype: DType, out: Values, write: (numbers: Float64Array, at: number) => void): void {
  const numbers = new Float64Array(Math.min(AT_ONCE, out.length));
  for (let at = 0; at < out.length; at += numbers.length) {
    const count = Math.min(numbers.length, out.length - at);
    const some = numbers.subarray(0, count);
    write(some, at);
    writeDoubles(some, dtype, out.subarray(at, at + count));
  }
}

function writeDoubles(numbers: Float64Array, dtype: DType, out: Values): void {
  const working = dtype === "f64" ? numbers : workingArray(dtype, numbers.length);
  if (working !== numbers) working.set(numbers);
  writeRounded(working, dtype, out);
}

/** Numbers are drawn in binary64 whatever the dtype, so that a value of a narrower type is that of f64, rounded. */
function* drawsOfFunction(of: OfDraw, tensorKey: Key, dtype: DType, start: number, out: Values): Generator<Draw, void> {
  const distribution = uniformOf(of);
  const scratch = new Float64Array(Math.min(AT_ONCE, out.length));
  for (let at = 0; at < out.length; at += scratch.length) {
    const numbers = scratch.subarray(0, Math.min(scratch.length, out.length - at));
    yield* draws(distribution, tensorKey, "f64", start + at, numbers);
    for (let i = 0; i < numbers.length; ++i) numbers[i] = imageOf(of, numbers[i] as number);
    writeDoubles(numbers, dtype, out.subarray(at, at + numbers.length));
  }
}

/** Draws a window of the smaller tensor, and copies from it until a run needs what is not in it. */
function* drawsOfRepeated(
  { of, length, times, elements }: ComputedOf<"repeated">,
  tensorKey: Key,
  dtype: DType,
  start: number,
  out: Values,
): Generator<Draw, void> {
  const whole = costsWhole(of);
  const runOf = (index: number): number => Math.floor(index / length / times) * length; // in the smaller tensor
  const last = runOf(start + out.length - 1) + length;
  const window = new FORMATS[dtype].array(whole ? elements : Math.min(WINDOW, out.length));
  let [begin, end] = [0, 0]; // of the window
  for (let at = 0; at < out.length; ) {
    const index = start + at;
    const base = runOf(index) + (index % length);
    if (base < begin || base >= end) {
      [begin, end] = whole ? [0, elements] : [base, Math.min(last, base + window.length)];
      yield* draws(of, tensorKey, dtype, begin, window.subarray(0, end - begin));
    }
    const count = Math.min(length - (index % length), end - base, out.length - at);
    out.set(window.subarray(base - begin, base - begin + count), at);
    at += count;
  }
}

/** Values of 16 bits are patterns. */
const numberAt = (values: Values, i: number, dtype: DType): number =>
  dtype === "f16" || dtype === "bf16" ? valueOfPattern(values[i] as number, dtype) : (values[i] as number);

function* drawsOfScaled(
  { source, of, scale }: ComputedOf<"scaled">,
  seed: Seed,
  dtype: DType,
  start: number,
  out: Values,
): Generator<Draw, void> {
  yield* drawsOfTensor(of, source, seed, dtype, start, out);
  writeNumbers(dtype, out, (numbers, at) => {
    for (let i = 0; i < numbers.length; ++i) numbers[i] = scale * numberAt(out, at + i, dtype);
  });
}

/** Sums squares in the order of the elements, in binary64. */
function* drawsOfNorms(
  { source, of, elements, length, inner }: ComputedOf<"norms">,
  seed: Seed,
  dtype: DType,
  start: number,
  out: Values,
): Generator<Draw, void> {
  const squares = new Float64Array(length);
  const most = costsWhole(of) ? elements : Math.min(WINDOW, elements);
  const window = new FORMATS[dtype].array(most);
  for (let begin = 0; begin < elements; begin += most) {
    const some = window.subarray(0, Math.min(most, elements - begin));
    yield* drawsOfTensor(of, source, seed, dtype, begin, some);
    for (let i = 0; i < some.length; ++i) {
      const place = Math.floor((begin + i) / inner) % length;
      const value = numberAt(some, i, dtype);
      squares[place] = (squares[place] as number) + value * value;
    }
  }
  writeNumbers(dtype, out, (numbers, at) => {
    for (let i = 0; i < numbers.length; ++i) numbers[i] = Math.sqrt(squares[start + at + i] as number);
  });
}
