/**
 * Moments of truncated normal distributions, by quadrature. The closed form of the variance,
 * 1 + (a phi(a) - b phi(b)) / Z - ((phi(a) - phi(b)) / Z)^2, loses its digits in far tails and between close bounds.
 */
import { exp } from "./functions.js";

// Gauss-Legendre, 10 nodes on (-1, 1). Abramowitz and Stegun 1964, table 25.4.
const LEGENDRE_NODES = [
  0.14887433898163122, 0.4333953941292472, 0.6794095682990244, 0.8650633666889845, 0.9739065285171717,
];
const LEGENDRE_WEIGHTS = [
  0.29552422471475287, 0.26926671930999635, 0.21908636251598204, 0.1494513491505806, 0.06667134430868814,
];

/** The std of N(0, 1) truncated to (low, high), where low < high; relative error 1e-13. */
export const truncatedStd = (low: number, high: number): number =>
  low === -2 && high === 2
    ? 0.8796256610342398 // the bounds of every framework
    : truncatedMoments(low, high).std;

/** The mean and std of N(0, 1) truncated to (low, high); relative error 1e-13. */
export function truncatedMoments(low: number, high: number): { readonly mean: number; readonly std: number } {
  if (high <= 0) {
    const { mean, std } = truncatedMoments(-high, -low);
    return { mean: -mean, std };
  }
  // The density beyond is below e^-50 of its largest value. In a tail it falls off at a scale of 1 / low.
  const begin = Math.max(low, -10);
  const end = Math.min(high, low > 1 ? low + 50 / low : 10);
  const panels = Math.ceil((end - begin) * Math.max(1, low));
  let mass = 0;
  let first = 0;
  let second = 0;
  for (let panel = 0; panel < panels; ++panel) {
    const half = (end - begin) / (2 * panels);
    const middle = half * (2 * panel + 1);
    for (let i = 0; i < 10; ++i) {
      const x = middle + half * (i < 5 ? (LEGENDRE_NODES[i] as number) : -(LEGENDRE_NODES[i - 5] as number));
      const z = begin + x;
      const weight = half * (LEGENDRE_WEIGHTS[i % 5] as number) * exp(low > 0 ? -x * (begin + 0.5 * x) : -0.5 * z * z);
      mass += weight;
      first += weight * x;
      second += weight * x * x;
    }
  }
  const mean = first / mass;
  return { mean: begin + mean, std: Math.sqrt(second / mass - mean * mean) };
}

/**
 * The std before truncation of the normal distribution around `mean` that has the std `result` once truncated to (low,
 * high). `result` must be below (high - low) / sqrt(12), the std of the uniform distribution, to which wide normals
 * tend.
 */
export function parentStd(result: number, mean: number, low: number, high: number): number {
  const after = (std: number): number => std * truncatedStd((low - mean) / std, (high - mean) / std);
  let below = result;
  let above = result;
  while (after(below) > result) below /= 2;
  while (after(above) < result) above *= 2;
  for (;;) {
    const middle = below + (above - below) / 2;
    if (middle <= below || middle >= above) return middle;
    if (after(middle) < result) below = middle;
    else above = middle;
  }
}
