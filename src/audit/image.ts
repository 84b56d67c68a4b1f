/** Values that are functions of one draw each: whether their tally is plausible for the distribution of the draws. */

import type { FileType } from "../checkpoint/safetensors.js";
import type { OfDraw } from "../computed/computed.js";
import { intervalOf } from "../computed/extent.js";
import { uniformOf } from "../computed/image.js";
import { digits } from "../math/digits.js";
import { softplus } from "../math/transcendental.js";
import { certain, type RegionSummary } from "./check.js";
import type { Finding } from "./found.js";
import { scaleOf } from "./pattern.js";
import { roundingOf, SINGLE } from "./rounding.js";

/** The distribution function of a function of a draw: P(a value is at most x). */
function cdfOf(computed: OfDraw): (x: number) => number {
  const uniform = uniformOf(computed);
  if (uniform.kind !== "uniform") return () => Number.NaN; // one value
  const { low, high } = uniform;
  const share = (u: number) => Math.min(1, Math.max(0, (u - low) / (high - low)));
  if (computed.kind === "logOfUniform") return (x) => share(Math.exp(x));
  return (x) => {
    const value = computed.softplus ? softplus(x) : x;
    return value < computed.floor || value <= 0 ? 0 : share(Math.log(value));
  };
}

/** Checks of a function of a draw: all values lie in its interval, and as many below each bin's edge as there should be. */
export function checkOfDraw(
  { moments, filled }: RegionSummary,
  computed: OfDraw,
  type: FileType,
  t: number,
): Finding[] {
  const { finite: n, min, max } = moments;
  if (n === 0) return [];
  const [low, high] = intervalOf(computed);
  const room = (x: number) => 2 * roundingOf(type, x) + 4 * SINGLE * Math.max(1, Math.abs(x));
  if (min < low - room(low) || max > high + room(high)) {
    const got = `values from ${digits(min, 6)} to ${digits(max, 6)}`;
    return [certain("range", `${got}, expected ${digits(low, 6)} to ${digits(high, 6)}`)];
  }
  return [shapeOf(n, filled, computed, type, t)];
}

/** Dvoretzky, Kiefer and Wolfowitz 1956; Massart 1990. An edge counts for the values that rounding may have moved over it. */
function shapeOf(n: number, filled: RegionSummary["filled"], computed: OfDraw, type: FileType, t: number): Finding {
  const scale = scaleOf(type);
  const below = cdfOf(computed);
  let [count, worst, where] = [0, 0, 0];
  filled.ranks.forEach((rank, i) => {
    count += filled.counts[i] as number;
    const edge = scale.high[rank] as number;
    const moved = 2 * roundingOf(type, edge) + 4 * SINGLE * Math.max(1, Math.abs(edge));
    const [least, most] = [below(edge - moved), below(edge + moved)];
    const off = Math.max(least - count / n, count / n - most);
    if (off > worst) [worst, where] = [off, edge];
  });
  const excess = worst / Math.sqrt(t / (2 * n));
  const sentence = `the share of values below ${digits(where, 4)} is off by ${digits(worst, 4)}`;
  return { check: "shape", excess, sentence };
}
