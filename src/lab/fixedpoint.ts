/** Fixed points of the length map: the values that mean squares of signals approach, layer after layer. */
import { exp, log } from "../math/functions.js";
import { rootOf } from "../math/root.js";

/** A fixed point. */
interface FixedPoint {
  /** 0 where signals vanish, Infinity where they explode. */
  readonly value: number;
  /** Whether signals near it stay near. */
  readonly stable: boolean;
}

const EXACT = 1e-11; // growth per layer that counts as none: the error of the map
const LOWEST = 1e-14;
const HIGHEST = 1e20;

/**
 * The fixed point that signals approach from a given mean square: the nearest one in the direction in which one layer moves
 * them. It is bracketed and solved for, so slow growth counts as much as fast growth.
 *
 * @param map from the mean square of one layer's pre-activations to that of the next layer.
 * @param bias the map's value where the signal is 0.
 */
export function fixedPointOf(map: (q: number) => number, start: number, bias: number): FixedPoint {
  const growth = (x: number): number => map(exp(x)) / exp(x) - 1;
  const sign = (x: number): number => {
    const g = growth(x);
    return g > EXACT ? 1 : g < -EXACT ? -1 : 0;
  };
  const [lowest, highest] = [
    log(bias > 0 ? bias / 2 : Math.min(LOWEST, start / 2)),
    log(Math.max(HIGHEST, 1e6 * start)),
  ];
  let x = log(start);
  const direction = sign(x);
  if (direction === 0) return { value: start, stable: isStable(map, start) };
  for (let step = 0.125, next = x; ; step = Math.min(2, 1.5 * step)) {
    next += direction * step;
    if (next < lowest || next > highest) break;
    const now = sign(next);
    if (now === direction) x = next;
    if (now !== -direction) continue;
    const value = exp(rootOf(growth, x, next));
    return value < 10 * LOWEST && bias === 0 ? VANISHING : { value, stable: isStable(map, value) };
  }
  return direction > 0 ? { value: Number.POSITIVE_INFINITY, stable: true } : VANISHING;
}

const VANISHING: FixedPoint = { value: 0, stable: true };

/**
 * Whether the map moves points on both sides of q towards it. It does not throw them beyond to where they came from: the density
 * of N(0, q) at any place falls no faster than 1 / sqrt(q), and so does the map.
 */
function isStable(map: (q: number) => number, q: number): boolean {
  const [low, high] = [0.999 * q, 1.001 * q];
  return map(low) / low - 1 >= -EXACT && map(high) / high - 1 <= EXACT;
}
