/**
 * The law U(low, high), both ends excluded: middle + v * half, v = odd signed word * 2^-31.
 *
 * An odd word and its complement give v and -v: the mean is the middle, exactly, and for a middle of 0 no value is 0.
 * Around other middles the sum can round to an end (`low + u * (high - low)` does so too, and reaches `high`), so the
 * values are clamped to the outermost floats inside.
 *
 * Twin: assembly/uniform.ts. Specification: docs/stream.md, "uniform".
 */
import { fraction } from "./fraction.js";

const f32 = Math.fround;

const SCALE = 4.656612873077393e-10; // 2^-31

/** `first` and `last` are the outermost values of the dtype inside the interval. */
export interface Uniform {
  readonly middle: number;
  readonly half: number;
  readonly first: number;
  readonly last: number;
}

/** Words to values, in place: `words` and `out` are views of the same memory. */
export function uniform(
  words: Int32Array,
  out: Float32Array,
  count: number,
  { middle, half, first, last }: Uniform,
): void {
  for (let i = 0; i < count; ++i) {
    const v = f32(((words[i] as number) | 1) * SCALE);
    const x = f32(middle + f32(v * half));
    out[i] = x < first ? first : x > last ? last : x;
  }
}

/** In double precision: two words a value, v a fraction of 53 bits with the highest bit as its sign. */
export function uniform64(
  words: Int32Array,
  out: Float64Array,
  count: number,
  { middle, half, first, last }: Uniform,
): void {
  for (let i = 0; i < count; ++i) {
    const high = words[2 * i + 1] as number;
    const v = fraction(words[2 * i] as number, high);
    const x = middle + (high < 0 ? -v : v) * half;
    out[i] = x < first ? first : x > last ? last : x;
  }
}
