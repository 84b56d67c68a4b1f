/** The largest singular value that a distribution predicts of a matrix. */
import type { Unsplit } from "../distribution.js";
import { digits } from "../math/digits.js";
import { isRandom, meanOf, stdOf, subGaussianOf, supportOf } from "../moments.js";
import type { Finding } from "./found.js";

/** Undefined if the distribution is not known. */
export function expectedSingularValue(
  distribution: Unsplit | undefined,
  rows: number,
  columns: number,
): number | undefined {
  if (distribution?.kind === "orthogonal") return Math.abs(distribution.gain);
  if (!isRandom(distribution)) return undefined;
  const [mean, std] = [meanOf(distribution), stdOf(distribution)];
  return std * (Math.sqrt(rows) + Math.sqrt(columns)) + Math.abs(mean) * Math.sqrt(rows * columns);
}

/**
 * Checks that the value is not larger than the distribution plausibly makes it: for normal distributions by Davidson and
 * Szarek 2001, theorem 2.13; for bounded ones by Talagrand's inequality around the expected value.
 */
export function checkSpectrum(
  value: number,
  distribution: Unsplit | undefined,
  rows: number,
  columns: number,
  t: number,
): Finding[] {
  const expected = expectedSingularValue(distribution, rows, columns);
  if (expected === undefined || distribution === undefined) return [];
  const parameter = isRandom(distribution) ? subGaussianOf(distribution) : 0;
  const [low, high] = isRandom(distribution) ? supportOf(distribution) : [0, 0];
  const bounded = isRandom(distribution) && distribution.kind !== "normal";
  const room = bounded ? 4 * Math.min(9 * parameter, high - low) * Math.sqrt(t) : parameter * Math.sqrt(2 * t);
  const most = distribution.kind === "orthogonal" ? 1e-2 * expected : room;
  const sentence = `largest singular value ${digits(value, 4)}, expected ${digits(expected, 4)}`;
  return [{ check: "spectrum", excess: Math.max(0, value - expected) / most, sentence }];
}
