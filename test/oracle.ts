/** The normal distribution, computed by other means than the library's. The accuracy tests compare with it. */

/** P(Z > z) e^(z^2 / 2) sqrt(2 pi) for z >= 0: by Lentz's method, or by the series about 0. */
function mills(z: number): number {
  if (z < 1.5) {
    let term = z;
    let sum = z;
    for (let k = 3; Math.abs(term) > 1e-20; k += 2) {
      term *= (z * z) / k;
      sum += term;
    }
    return Math.sqrt(Math.PI / 2) * Math.exp((z * z) / 2) - sum;
  }
  let c = z;
  let d = 0;
  let f = z;
  for (let k = 1; k < 1000; ++k) {
    d = 1 / (z + k * d);
    c = z + k / c;
    f *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return 1 / f;
}

/** P(Z > z), relative error 1e-14. */
export const upper = (z: number): number =>
  z < 0 ? 1 - upper(-z) : (mills(z) * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);

/** The z above which lies the share `above` of N(0, 1) truncated to (low, high), by bisection. */
export function quantile(low: number, high: number, above: number): number {
  if (above > 0.5) return -quantile(-high, -low, 1 - above);
  let share: (z: number) => number;
  if (low >= 0) {
    const ratio = (z: number) => (Math.exp((-(z - low) * (z + low)) / 2) * mills(z)) / mills(low);
    share = (z) => (ratio(z) - ratio(high)) / (1 - ratio(high));
  } else if (high <= 0) {
    const ratio = (z: number) => (Math.exp((-(high - z) * -(z + high)) / 2) * mills(-z)) / mills(-high);
    share = (z) => (1 - ratio(z)) / (1 - ratio(low));
  } else {
    share = (z) => (upper(z) - upper(high)) / (upper(low) - upper(high));
  }
  let begin = low;
  let end = Math.min(high, Math.max(low, 0) + 60);
  for (let i = 0; i < 90; ++i) {
    const middle = (begin + end) / 2;
    if (share(middle) > above) begin = middle;
    else end = middle;
  }
  return (begin + end) / 2;
}
