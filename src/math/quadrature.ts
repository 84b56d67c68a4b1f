/**
 * Means under a standard normal variable, by adaptive Gauss-Kronrod quadrature with 7 and 15 points.
 * Piessens, de Doncker-Kapenga, Ueberhuber, Kahaner, "QUADPACK", 1983, routine QK15, whose constants these are.
 */
import { exp } from "./functions.js";

const NODES = [
  0, 0.20778495500789847, 0.4058451513773972, 0.5860872354676911, 0.7415311855993945, 0.8648644233597691,
  0.9491079123427585, 0.9914553711208126,
]; // and their negatives; those at even places are Gauss's
const KRONROD = [
  0.20948214108472782, 0.20443294007529889, 0.19035057806478542, 0.1690047266392679, 0.14065325971552592,
  0.10479001032225019, 0.06309209262997856, 0.022935322010529224,
];
const GAUSS = [0.4179591836734694, 0.3818300505051189, 0.27970539148927664, 0.1294849661688697];

const FAR = 16; // P(|Z| > 16) = 1e-57
const DEEPEST = 48; // halvings of an interval: at a jump 2^-48 of it is left
const MOST = 1_000_000; // evaluations
// Between whole numbers, and towards 0, where steep slopes mostly lie, between powers of 16 down to 2^-24.
const SMALL = [1, 2, 3, 4, 5, 6].map((k) => 1 / (1 << (4 * k)));
const WHOLE = Array.from({ length: FAR + 1 }, (_, i) => i);
const BORDERS = [...WHOLE, ...SMALL].flatMap((x) => (x === 0 ? [x] : [x, -x])).sort((a, b) => a - b);
const INTERVALS = BORDERS.slice(1).map((end, i) => [BORDERS[i] as number, end] as const);
const INV_ROOT_2PI = 0.3989422804014327;

/**
 * E[g(Z)], Z ~ N(0, 1). Relative error, of E|g(Z)|: 1e-13 where g is smooth, about `tolerance` where it has kinks or jumps.
 * NaN where it does not exist, or cannot be found with a million evaluations.
 */
export function normalMean(g: (z: number) => number, tolerance = 1e-12): number {
  const weighted = (z: number): number => g(z) * exp(-0.5 * z * z) * INV_ROOT_2PI;
  const edge = Math.abs(weighted(-FAR)) + Math.abs(weighted(FAR));
  const coarse = INTERVALS.map(([begin, end]) => ({ begin, end, ...gaussKronrod(weighted, begin, end) }));
  const size = coarse.reduce((sum, { value }) => sum + Math.abs(value), 0);
  if (!(edge * FAR <= tolerance * size)) return size === 0 && edge === 0 ? 0 : Number.NaN;

  let left = MOST / 15;
  const refine = (begin: number, end: number, { value, error }: Estimate, depth: number): number => {
    if (error <= tolerance * size || depth === DEEPEST) return value;
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

/** The integral over [begin, end] by 15 points, and how far the 7 points among them lie from it. */
function gaussKronrod(g: (z: number) => number, begin: number, end: number): Estimate {
  const half = (end - begin) / 2;
  const middle = begin + half;
  const center = g(middle);
  let kronrod = center * (KRONROD[0] as number);
  let gauss = center * (GAUSS[0] as number);
  for (let i = 1; i < 8; ++i) {
    const step = half * (NODES[i] as number);
    const both = g(middle - step) + g(middle + step);
    kronrod += both * (KRONROD[i] as number);
    if (i % 2 === 0) gauss += both * (GAUSS[i / 2] as number);
  }
  return { value: kronrod * half, error: Math.abs(kronrod - gauss) * half };
}
