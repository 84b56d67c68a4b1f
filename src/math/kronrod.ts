/**
 * Means under the standard normal distribution, by adaptive Gauss-Kronrod quadrature with 7 and 15 points.
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

const RANGE = 16; // of integration, on both sides; P(|Z| > 16) = 1e-57
const MAX_DEPTH = 48; // halvings of an interval; 2^-48 of it is left around a jump
const MAX_EVALUATIONS = 1_000_000;
// The first intervals end at whole numbers and, near 0, where most steep slopes lie, at powers of 16 down to 2^-24.
const SMALL = [1, 2, 3, 4, 5, 6].map((k) => 1 / (1 << (4 * k)));
const WHOLE = Array.from({ length: RANGE + 1 }, (_, i) => i);
const BORDERS = [...WHOLE, ...SMALL].flatMap((x) => (x === 0 ? [x] : [x, -x])).sort((a, b) => a - b);
const INTERVALS = BORDERS.slice(1).map((end, i) => [BORDERS[i] as number, end] as const);
const INV_ROOT_2PI = 0.3989422804014327;

/**
 * E[g(Z)] for Z ~ N(0, 1). The error relative to E|g(Z)| is 1e-13 if g is smooth, and about `tolerance` if it has kinks
 * or jumps. NaN if the mean does not exist or takes more than a million evaluations.
 */
export function normalMean(g: (z: number) => number, tolerance = 1e-12): number {
  const weighted = (z: number): number => g(z) * exp(-0.5 * z * z) * INV_ROOT_2PI;
  const ends = Math.abs(weighted(-RANGE)) + Math.abs(weighted(RANGE));
  const coarse = INTERVALS.map(([begin, end]) => ({ begin, end, ...gaussKronrod(weighted, begin, end) }));
  const size = coarse.reduce((sum, { value }) => sum + Math.abs(value), 0);
  if (!(ends * RANGE <= tolerance * size)) return size === 0 && ends === 0 ? 0 : Number.NaN;

  let left = MAX_EVALUATIONS / 15;
  const refine = (begin: number, end: number, { value, error }: Estimate, depth: number): number => {
    if (error <= tolerance * size || depth === MAX_DEPTH) return value;
    left -= 2;
    if (left < 0) return Number.NaN;
    const middle = begin + (end - begin) / 2;
    const half = (from: number, to: number) => refine(from, to, gaussKronrod(weighted, from, to), depth + 1);
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
