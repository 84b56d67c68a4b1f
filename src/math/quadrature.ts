/**
 * Means of unknown functions under the standard normal distribution, by adaptive quadrature that looks for jumps and narrow
 * features. Clenshaw and Curtis, "A method for numerical integration on an automatic computer", 1960, with
 * 9 and 5 points.
 */
import { exp } from "./functions.js";

// Positions and weights from an end of [-1, 1] to its middle. The 5-point rule uses every second point.
const POINTS = [1, 0.9238795325112867, 0.7071067811865476, 0.3826834323650898, 0];
const WEIGHTS = [1 / 63, 0.14621864921601816, 0.27936507936507937, 0.361717858720489, 0.3936507936507937];
const WEIGHTS_OF_5 = [1 / 15, 0, 8 / 15, 0, 0.8];
// The weights minus those of the 5-point rule. Their sum over all points is 0, but no sum over neighbouring points is. So a
// jump between any two points shows, and so does a feature that covers any of them.
const SURPLUS = WEIGHTS.map((weight, i) => weight - (WEIGHTS_OF_5[i] as number));
// The divided difference over all points but the middle one, 0 for polynomials up to degree 6. A kink where the rules agree by
// chance shows here (Berntsen and Espelid, "Error estimation in automatic quadrature routines", 1991).
const ODD = POINTS.map((point, i) => (i === 0 ? 0.05 : i % 2 === 0 ? point / 10 : point / -10));

const CORE = 16; // P(|Z| > 16) = 1e-57
const END = 37; // the density is still a normal number there
const MAX_DEPTH = 48; // halvings of a panel
const MAX_EVALUATIONS = 1_000_000;

/** Borders from `begin` to `end`, `perUnit` of them in each unit. */
const range = (begin: number, end: number, perUnit: number): number[] =>
  Array.from({ length: (end - begin) * perUnit + 1 }, (_, i) => (begin * perUnit + i) / perUnit);

// Panels of 1/20 have points less than 0.01 apart, as far as |z| = 8. Near 0, where most steep slopes lie, panels also end at
// powers of 16 down to 2^-24.
const SMALL = [4, 8, 12, 16, 20, 24].flatMap((k) => [-1 / (1 << k), 1 / (1 << k)]);
const INNER = [...range(-8, 8, 20), ...SMALL, ...range(-CORE, -8.25, 4), ...range(8.25, CORE, 4)];

/** What a mean may be told besides the function. */
interface MeanOptions {
  /** Error that is allowed to a panel, relative to E|g(Z)|. Default 1e-12. */
  readonly tolerance?: number;
  /** More borders of panels, where the function is known to be steep. */
  readonly borders?: readonly number[];
  /** Is called with the ends of panels that had to be halved, and how often: around kinks, jumps and steep slopes. */
  readonly onHalved?: (begin: number, end: number, depth: number) => void;
}

/**
 * E g(Z) for Z ~ N(0, 1). Its error relative to E|g(Z)| is 1e-13 if g is smooth, and about 1e-11 for each of its kinks and
 * jumps. Features at least 0.01 wide are found where |z| <= 8, and those 0.05 wide up to 16.
 *
 * @returns Infinity if g grows too fast to have a mean below 1.8e308; NaN if a million evaluations do not find one.
 */
export const normalMean = (g: (z: number) => number, options?: MeanOptions): number =>
  integral((z) => g(z) * exp(-0.5 * z * z) * 0.3989422804014327, options); // 1 / sqrt(2 pi)

/** E f(Z)^2, likewise. Only f itself, and not its square, has to be a double. */
export const normalMeanSquare = (f: (z: number) => number, options?: MeanOptions): number =>
  integral((z) => {
    const y = f(z) * exp(-0.25 * z * z);
    return y * y * 0.3989422804014327;
  }, options);

function integral(
  weighted: (z: number) => number,
  { tolerance = 1e-12, borders = [], onHalved }: MeanOptions = {},
): number {
  const edge = (z: number): number => Math.abs(weighted(z)) + Math.abs(weighted(-z));
  const size = (): number => panels.reduce((sum, { value }) => sum + Math.abs(value), 0);

  const panels = panelsBetween(
    weighted,
    [...INNER, ...borders].sort((a, b) => a - b),
  );
  let end = CORE;
  while (end < END && edge(end) * end > tolerance * size()) {
    panels.push(
      ...panelsBetween(weighted, range(end, end + 7, 2)),
      ...panelsBetween(weighted, range(-end - 7, -end, 2)),
    );
    end += 7;
  }
  const total = size();
  if (!(total < Number.POSITIVE_INFINITY)) return total;
  if (edge(end) * end > tolerance * total) {
    return edge(end) < 0.99 * edge(end - 7) ? Number.NaN : Number.POSITIVE_INFINITY;
  }

  let left = MAX_EVALUATIONS / 9;
  const refined = ({ begin, end, value, error }: Panel, depth: number): number => {
    if (!(error > tolerance * total) || depth === MAX_DEPTH) {
      if (depth > 0) onHalved?.(begin, end, depth);
      return value;
    }
    left -= 2;
    if (left < 0) return Number.NaN;
    const middle = begin + (end - begin) / 2;
    return refined(panelOf(weighted, begin, middle), depth + 1) + refined(panelOf(weighted, middle, end), depth + 1);
  };
  return panels.reduce((sum, panel) => sum + refined(panel, 0), 0);
}

interface Panel {
  readonly begin: number;
  readonly end: number;
  readonly value: number;
  readonly error: number;
}

const panelsBetween = (g: (z: number) => number, borders: readonly number[]): Panel[] =>
  borders.slice(1).map((end, i) => panelOf(g, borders[i] as number, end));

/** The integral over [begin, end] by 9 points, with an estimate of its error. */
function panelOf(g: (z: number) => number, begin: number, end: number): Panel {
  const half = (end - begin) / 2;
  const middle = begin + half;
  const center = g(middle);
  let value = center * (WEIGHTS[4] as number);
  let surplus = center * (SURPLUS[4] as number);
  let odd = 0;
  for (let i = 0; i < 4; ++i) {
    const step = half * (POINTS[i] as number);
    const below = g(i === 0 ? begin : middle - step);
    const above = g(i === 0 ? end : middle + step);
    value += (above + below) * (WEIGHTS[i] as number);
    surplus += (above + below) * (SURPLUS[i] as number);
    odd += (above - below) * (ODD[i] as number);
  }
  return { begin, end, value: value * half, error: Math.max(Math.abs(surplus), Math.abs(odd)) * half };
}
