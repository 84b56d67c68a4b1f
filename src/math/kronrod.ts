/**
 * Integrals of functions that are smooth between known points, by adaptive Gauss-Kronrod quadrature with 7 and 15 points. Its
 * points are never borders, so it does not matter what a function is where it jumps.
 * Method and constants: Piessens, de Doncker-Kapenga, Ueberhuber and Kahaner, QUADPACK, 1983, routine QK15.
 */
import { exp } from "./functions.js";

const KRONROD_NODES = [
  0, 0.20778495500789847, 0.4058451513773972, 0.5860872354676911, 0.7415311855993945, 0.8648644233597691,
  0.9491079123427585, 0.9914553711208126,
]; // and their negatives; those with an even index are Gauss's nodes
const KRONROD_WEIGHTS = [
  0.20948214108472782, 0.20443294007529889, 0.19035057806478542, 0.1690047266392679, 0.14065325971552592,
  0.10479001032225019, 0.06309209262997856, 0.022935322010529224,
];
const GAUSS_WEIGHTS = [0.4179591836734694, 0.3818300505051189, 0.27970539148927664, 0.1294849661688697];

const MAX_DEPTH = 48; // halvings of an interval
const INV_ROOT_2PI = 0.3989422804014327;
const END = 16; // of a mean; P(|Z| > 16) = 1e-57
const WHOLE = Array.from({ length: 2 * END + 1 }, (_, i) => i - END);
/** Powers of 16 down to 2^-24 and their negatives: borders around a place where a function may be steep. */
const SMALL = [1, 2, 3, 4, 5, 6].flatMap((k) => [1 / (1 << (4 * k)), -1 / (1 << (4 * k))]);

/** Borders around places where a function may be steep. */
export const steepAt = (places: readonly number[]): number[] =>
  places.flatMap((place) => [place, ...SMALL.map((x) => place + x)]);

/**
 * E g(Z) for Z ~ N(0, 1) and a function that is smooth between `breaks`; it may be steep around 0. Relative error 1e-13. NaN if
 * a million evaluations do not find it.
 */
export const smoothMean = (g: (z: number) => number, breaks: readonly number[] = []): number =>
  integral((z) => g(z) * exp(-0.5 * z * z) * INV_ROOT_2PI, [...WHOLE, ...steepAt([0]), ...breaks]);

const WIDE = [-7.5, -5, -2.5, 0, 2.5, 5, 7.5];
/**
 * E g(root Z)^2 for a named activation function or its derivative, which is smooth between `breaks` and varies near 0 if anywhere.
 * Relative error 1e-9 (measured; oscillating ones 1e-6 where root is above 1000), by a quarter of the evaluations of `smoothMean`:
 * for tables.
 */
export function roughMeanSquare(g: (x: number) => number, root: number, breaks: readonly number[] = []): number {
  const borders = breaks.map((x) => x / root);
  for (let z = 16 / root; z < 2; z *= 16) borders.push(z, -z);
  const weighted = (z: number): number => {
    const y = g(root * z);
    return y * y * exp(-0.5 * z * z) * INV_ROOT_2PI;
  };
  return integral(weighted, [...WIDE, ...borders], 1e-8);
}

/**
 * The integral of g from the first to the last border, in any order; those outside of [-16, 16] do not count.
 *
 * @param tolerance error that is allowed to an interval, relative to the integral of |g|.
 * @returns NaN if `most` evaluations, besides the first ones between the borders, do not suffice.
 */
export function integral(
  g: (x: number) => number,
  borders: readonly number[],
  tolerance = 1e-12,
  most = 1_000_000,
): number {
  const ends = [...new Set(borders)].filter((x) => Math.abs(x) <= END).sort((a, b) => a - b);
  const coarse = ends.slice(1).map((end, i) => {
    const begin = ends[i] as number;
    return { begin, end, ...gaussKronrod(g, begin, end) };
  });
  const size = coarse.reduce((sum, { value }) => sum + Math.abs(value), 0);
  let left = most / 15;
  const refine = (begin: number, end: number, { value, error }: Estimate, depth: number): number => {
    if (!(error > tolerance * size) || depth === MAX_DEPTH) return value;
    left -= 2;
    if (left < 0) return Number.NaN;
    const middle = begin + (end - begin) / 2;
    const half = (from: number, to: number) => refine(from, to, gaussKronrod(g, from, to), depth + 1);
    return half(begin, middle) + half(middle, end);
  };
  return coarse.reduce((sum, part) => sum + refine(part.begin, part.end, part, 0), 0);
}

interface Estimate {
  readonly value: number;
  readonly error: number;
}

/** The integral over [begin, end] by 15 points; the estimate of its error is the difference from that by 7 of them. */
function gaussKronrod(g: (z: number) => number, begin: number, end: number): Estimate {
  const half = (end - begin) / 2;
  const middle = begin + half;
  const center = g(middle);
  let kronrod = center * (KRONROD_WEIGHTS[0] as number);
  let gauss = center * (GAUSS_WEIGHTS[0] as number);
  for (let i = 1; i < 8; ++i) {
    const step = half * (KRONROD_NODES[i] as number);
    const both = g(middle - step) + g(middle + step);
    kronrod += both * (KRONROD_WEIGHTS[i] as number);
    if (i % 2 === 0) gauss += both * (GAUSS_WEIGHTS[i / 2] as number);
  }
  return { value: kronrod * half, error: Math.abs(kronrod - gauss) * half };
}
