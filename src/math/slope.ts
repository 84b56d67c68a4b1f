/** Mean squares of derivatives that are not given. */
import { normalMean, normalMeanSquare } from "./quadrature.js";

const STEP = 9.5367431640625e-7; // 2^-20

/** A mean square, or NaN and the place where the function changes fastest if differences do not converge. */
interface SlopeSquare {
  readonly value: number;
  readonly place?: number;
}

/**
 * E f'(Z)^2 for Z ~ N(0, 1), from central differences over three steps. Relative error 2e-6. A kink makes an error that is
 * proportional to the step and is extrapolated away. At a jump differences do not converge, or converge to another number: a
 * jump of more than 1e-7 of the slope (its root mean square) is found; a smaller one changes the value by less than 3e-7.
 *
 * @returns NaN as value if the differences do not converge or a million evaluations do not suffice; Infinity if f grows too
 * fast.
 */
export function slopeSquare(f: (z: number) => number): SlopeSquare {
  const narrow: number[] = []; // a jump is between two of these, and differences over it are seen
  let [place, jump] = largestChange(f, -STEP, STEP); // where panels are that narrow from the start
  const mean = normalMean(f, {
    tolerance: 1e-14, // halves a panel around a jump until what f changes by besides is less than the jump
    onHalved: (begin, end, depth) => {
      if (depth < 8) return;
      narrow.push(begin, end);
      const [at, change] = largestChange(f, begin, end);
      if (change > jump) [place, jump] = [at, change];
    },
  });
  if (!Number.isFinite(mean)) return { value: mean };
  const over = (step: number): number =>
    normalMeanSquare((z) => (f(z + step) - f(z - step)) / (2 * step), { tolerance: 1e-9, borders: narrow });
  const long = over(STEP);
  if (!Number.isFinite(long)) return { value: long };
  const middle = over(STEP / 2);
  const short = over(STEP / 4);
  const curvature = Math.abs(long - 3 * middle + 2 * short); // 0 if the error is linear in the step
  const most = Math.max(curvature / 3e-6, Math.abs(long - short) * 100, jump * jump * 1e14);
  return most <= short ? { value: 2 * short - middle } : { value: Number.NaN, place };
}

/** Where f departs most from the slope behind it, between two numbers that so many halvings come to, and by how much. */
function largestChange(f: (z: number) => number, begin: number, end: number, halvings = 48): [number, number] {
  const slope = (f(2 * end - begin) - f(end)) / (end - begin);
  const change = (a: number, b: number): number => Math.abs(f(b) - f(a) - slope * (b - a));
  if (halvings === 0) return [end, change(begin, end)];
  const middle = (begin + end) / 2;
  const isBelow = change(begin, middle) > change(middle, end);
  return largestChange(f, isBelow ? begin : middle, isBelow ? middle : end, halvings - 1);
}
