/**
 * Truncated normal values in double precision, one at a time: what assembly/truncated.ts was before it worked on two at once. For
 * `npm run bench:truncated`, which compares both, and for check:truncated.
 */
import { DIGITS, OFFSET, ONE, SIGN } from "../../assembly/fraction";
import { log } from "./log";
import { central, tail } from "./quantile";

/**
 * Turns words into values, in place, for any other bounds, in double precision. The twin's `TruncatedWide` describes
 * the parameters.
 */
export function truncatedWide(
  out: usize, count: u32, mean: f64, std: f64, middle: f64, half: f64,
  below: f64, above: f64, span: f64, surplus: f64, first: f32, last: f32,
): void {
  for (const end = out + (<usize>count << 2); out < end; out += 4) {
    const v = <f64>(load<i32>(out) | 1) * 4.656612873077393e-10; // 2^-31
    const x = <f32>(mean + std * invert(v, middle, half, below, above, span, surplus));
    store<f32>(out, x < first ? first : x > last ? last : x);
  }
}

/** The same for f64 and any bounds: two words make a value. */
export function truncated64(
  out: usize, count: u32, mean: f64, std: f64, middle: f64, half: f64,
  below: f64, above: f64, span: f64, surplus: f64, first: f64, last: f64,
): void {
  for (const end = out + (<usize>count << 3); out < end; out += 8) {
    const word = load<u64>(out);
    const u = reinterpret<f64>((word & DIGITS) | ONE) - OFFSET;
    const v = reinterpret<f64>(reinterpret<u64>(u) | (word & SIGN));
    const x = mean + std * invert(v, middle, half, below, above, span, surplus);
    store<f64>(out, x < first ? first : x > last ? last : x);
  }
}

/** The quantile of v, which runs from -1 at the lower bound to 1 at the upper bound. */
@inline
function invert(v: f64, middle: f64, half: f64, below: f64, above: f64, span: f64, surplus: f64): f64 {
  const c = middle + v * half;
  if (abs(c) <= 0.425) return central(c);
  if (c > 0) return tail(surplus - log(above + (1 - v) * span));
  return -tail(surplus - log(below + (1 + v) * span));
}
