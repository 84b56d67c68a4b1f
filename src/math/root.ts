/**
 * A zero of f between two points where its signs differ. Method: Chandrupatla, "A new hybrid quadratic/bisection algorithm
 * for finding the zero of a nonlinear function without using derivatives", 1997.
 *
 * @param tolerance width of the interval that is left, absolute and relative.
 */
export function rootOf(f: (x: number) => number, begin: number, end: number, tolerance = 1e-15): number {
  let [a, fa, b, fb] = [begin, f(begin), end, f(end)]; // the newest point, and one of the other sign
  let [c, fc] = [a, fa]; // the one before
  let t = 0.5;
  for (let step = 0; step < 200; ++step) {
    const x = a + t * (b - a);
    const fx = f(x);
    const isSameSide = fx > 0 === fa > 0;
    [c, fc] = isSameSide ? [a, fa] : [b, fb];
    if (!isSameSide) [b, fb] = [a, fa];
    [a, fa] = [x, fx];
    const [best, value] = Math.abs(fa) < Math.abs(fb) ? [a, fa] : [b, fb];
    const least = (tolerance * (Math.abs(best) + 1)) / Math.abs(b - a);
    if (value === 0 || least > 0.5) return best;
    const [xi, phi] = [(a - b) / (c - b), (fa - fb) / (fc - fb)];
    const isQuadratic = phi * phi < xi && (1 - phi) * (1 - phi) < 1 - xi; // inverse interpolation stays inside
    t = isQuadratic
      ? (fa / (fb - fa)) * (fc / (fb - fc)) + ((c - a) / (b - a)) * (fa / (fc - fa)) * (fb / (fc - fb))
      : 0.5;
    t = Math.min(1 - least, Math.max(least, t));
  }
  return a;
}
