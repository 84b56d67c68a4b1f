/**
 * Uniform values between low and high, both excluded: middle + v * half, where v = (word | 1) * 2^-31, the word signed.
 *
 * A word and its complement give v and -v, so the mean is exactly the middle, and if the middle is 0, no value is 0.
 * With another middle the sum can round to a bound (as the usual `low + u * (high - low)` rounds to `high`), so values
 * are clamped to the outermost floats inside.
 *
 * Twin: assembly/uniform.ts. Specification: docs/stream.md, "uniform".
 */
import { fraction } from "./fraction.js";

const f32 = Math.fround;

const SCALE = 4.656612873077393e-10; // 2^-31

/** Parameters; `first` and `last` are the outermost values of the dtype inside the interval. */
export interface Uniform {
  readonly middle: number;
  readonly half: number;
  readonly first: number;
  readonly last: number;
}

/** Turns words into values, in place: `words` and `out` are views of the same memory. */
export function uniform(
  words: Int32Array,
  out: Float32Array,
  count: number,
  { middle, half, first, last }: Uniform,
): void {
  const step = half * SCALE; // one product, exact before it is rounded: every conversion between f32 and f64 costs time
  for (let i = 0; i < count; ++i) {
    const x = f32(middle + f32(f32((words[i] as number) | 1) * step));
    out[i] = x < first ? first : x > last ? last : x;
  }
}

/** The same in double precision. Two words make a value: v is a fraction of 53 bits, signed by the highest bit. */
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
