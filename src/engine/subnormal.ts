/**
 * Where subnormal numbers are lost. They are the numbers next to 0: below 2^-126 in f32, below 2^-1022 in f64. The vector
 * units of 32-bit ARM take them for 0, and a native library that was compiled with -ffast-math makes the thread that loads it
 * do so. Only draws that can meet such a number go wrong there: they are left to the twins, or refused. (A parameter that is
 * subnormal as a double is 0 to everything that such a thread does, and counts as 0 here too.)
 */
import { wrongValue } from "../check.js";
import { type Distribution, partsOf, type Unsplit } from "../distribution.js";
import type { DType } from "../dtype.js";
import { largestMagnitude, type Random, supportOf } from "../moments.js";
import type { OrthogonalMatrix } from "./source.js";

interface Fields {
  readonly kind: string;
  readonly mean?: number;
  readonly low?: number;
  readonly high?: number;
}

const small = new Float64Array([5e-324]); // an element, so that no compiler knows its sum

/**
 * Whether arithmetic on this thread takes subnormal numbers for 0; a library can change that at any time. A sum, since Intel's
 * processors take 60 ns for a product that is subnormal.
 */
const losesSubnormals = (): boolean => (small[0] as number) + (small[0] as number) === 0;

/**
 * Whether a value of the distribution can be subnormal, or a number that it is computed from. The random numbers leave at least
 * 2^-47 of a std in f32, 2^-80 in f64, and more of a value between bounds; sums leave 24 and 53 bits of that, if they do not cancel
 * to 0. A normal distribution reaches 8 std: f32 loses numbers up to a std of 1.65e-24, f64 up to 2.7e-284 (measured up to 1.5e-24 and
 * 1.6e-284). Sums are refused more widely than measured, since the worst mean for a std was not looked for.
 */
export function canBeSubnormal(distribution: Unsplit | OrthogonalMatrix, dtype: DType): boolean {
  const wide = dtype === "f64";
  const largest = largestMagnitude(distribution as Unsplit);
  const normal = dtype === "f16" ? 0 : wide ? 2.2250738585072014e-308 : 1.1754943508222875e-38; // the smallest one
  const { kind, mean = 0, low = 0, high = 0 } = distribution as Fields;
  if (kind === "constant" || kind === "diagonal") return !wide && largest > 0 && largest < normal; // doubles are copied
  const isSum = mean !== 0 || low !== -high || kind === "orthogonal";
  if (largest < (isSum ? (wide ? 1e-267 : 1e-15) : wide ? 3e-283 : 2e-23)) return true;
  if (kind !== "uniform" && kind !== "truncated") return false;
  // A value that rounding takes to a bound becomes the one next to it, which is subnormal if the bound is 0.
  const isNear0 = supportOf(distribution as Random).some((bound) => Math.abs(bound) < normal);
  if (kind === "truncated") return high - low < 1e-15 || (mean !== 0 && isNear0);
  return !wide && isNear0 && Math.abs(Math.fround(low / 2 + high / 2)) < high / 2 - low / 2;
}

/** @throws RangeError if this thread takes subnormal numbers for 0 and a value of the distribution can be one. */
export function checkSubnormal(distribution: Distribution, dtype: DType, areLost = losesSubnormals()): void {
  if (areLost && partsOf(distribution).some((part) => canBeSubnormal(part, dtype))) {
    throw wrongValue("dtype", "one without subnormal numbers, which this thread takes for 0", dtype);
  }
}
