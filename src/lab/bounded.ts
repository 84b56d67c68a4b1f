/** Whether a function of the caller's is flat far from 0, so that it can saturate. */

const FAR = [1e3, 1e6, 1e12] as const;
/**
 * From 1e6 to 1e12 a bounded function may change by this part of its change from 1e3 to 1e6. Roots and logarithms change by at
 * least as much (cbrt 110 times, asinh twice, log(log(x)) as much), and 1 - x^-p by less than this for each p from 1/4.
 */
const LEVELLING = 0.25;

/**
 * Whether f levels off on both sides. False where that cannot be known: for functions that oscillate for ever, or that level
 * off more slowly than x^(-1/4) does.
 */
export const isBounded = (f: (x: number) => number): boolean => levelsOff(f) && levelsOff((x) => f(-x));

function levelsOff(f: (x: number) => number): boolean {
  const [near, far, farther] = FAR.map(f) as [number, number, number];
  return Number.isFinite(farther) && Math.abs(farther - far) <= LEVELLING * Math.abs(far - near);
}
