/** The verdict: what is wrong with an initialization, if anything, and how much. */
import { digits } from "../math/digits.js";
import { pow } from "../math/functions.js";
import type { NetworkShape } from "./network.js";
import type { LayerReport, SeedBand, Verdict, VerdictKind } from "./report.js";

/** The bounds that decide. All are of variances (mean squares). */
export const BOUNDS = {
  /** What one layer may multiply by: in ten layers, a signal then becomes at most three times as large or as small. */
  perLayer: [0.8, 1.25],
  /**
   * What all layers together may multiply by. float16 holds 6.1e-5 (its smallest normal number) to 65504, and norms, losses
   * and updates square what they are given. It is near what factors at their bounds make of 50 layers, 7.0e4 and 1.4e-5. (That the size at
   * the last layer is what counts: Hanin, Rolnick, "How to start training", 2018, the first failure mode.)
   */
  inAll: [6.103515625e-5, 65504],
  /** The square of float32's smallest normal number, 2^-126. Smaller signals have lost digits, and the next layer may be 0. */
  smallest: 1.3817869688151111e-76,
  /** The share of dead units, or of saturated pre-activations, that decides. */
  mostly: 0.5,
} as const;

/** How the variance of signals, or of gradients on their way back, changes over the layers. */
interface Course {
  readonly perLayer: number;
  readonly inAll: number;
}
interface Courses {
  readonly forward: Course;
  readonly backward: Course;
}

type Shape = Pick<NetworkShape, "kind" | "residual" | "depth" | "width">;

/**
 * The first that applies of: symmetric from the first layer on, dead, symmetric, exploding, vanishing, saturated, stable. Units
 * that are equal on the way are often dead ones, all 0.
 */
export function verdictOf(layers: readonly LayerReport[], shape: Shape): Verdict {
  const end = endOf(layers);
  const valid = layers.slice(0, end?.at);
  const half = secondHalf(valid);
  const measured = coursesOf(valid, ({ mean }) => mean);
  const lost = end === undefined ? undefined : end.by === "overflow" ? Number.POSITIVE_INFINITY : 0;
  const courses = { ...measured, forward: { ...measured.forward, ...(lost !== undefined && { inAll: lost }) } };
  const [kind, sentence] =
    symmetricOf(valid.slice(0, 1)) ?? // equal weights, whatever becomes of the signals
    deadOf(valid, half, shape) ??
    symmetricOf(valid) ??
    overflowOf(layers, end) ??
    growthOf(courses, predictedCourses(layers), shape) ??
    saturatedOf(half, shape) ??
    (layers.length > 1 ? stableOf(courses) : singleOf(layers));
  const both = (of: (course: Course) => number) => ({ forward: of(courses.forward), backward: of(courses.backward) });
  return { kind, factorPerLayer: both((course) => course.perLayer), growth: both((course) => course.inAll), sentence };
}

type Diagnosis = readonly [kind: VerdictKind, sentence: string];

/** The layers of the second half, but at least two if there are two: a factor needs them. */
const secondHalf = <T>(all: readonly T[]): readonly T[] =>
  all.slice(Math.max(0, Math.min(Math.floor(all.length / 2), all.length - 2)));

/** Layers that an activation function follows, or is in: all but the last of a network without residual branches. */
const activated = (layers: readonly LayerReport[], shape: Shape): readonly LayerReport[] =>
  layers.filter(({ layer }) => hasBranches(shape) || layer < shape.depth);

const hasBranches = ({ kind, residual }: Shape): boolean => residual || kind === "attention";

const averageOf = (layers: readonly LayerReport[], of: (layer: LayerReport) => number): number =>
  layers.length === 0 ? 0 : layers.reduce((sum, layer) => sum + of(layer), 0) / layers.length;

function deadOf(valid: readonly LayerReport[], half: readonly LayerReport[], shape: Shape): Diagnosis | undefined {
  const silent = valid.find(({ forward }) => forward.mean === 0);
  const blocked = hasBranches(shape) ? undefined : valid.find(({ dead }) => dead === 1);
  if (blocked !== undefined && !(silent !== undefined && silent.layer <= blocked.layer)) {
    const where = `No unit of layer ${blocked.layer} passes a gradient for any sample`;
    return ["dead", `${where}, so neither its weights nor those before it can learn.`];
  }
  if (silent !== undefined) return ["dead", `The signals of layer ${silent.layer} are 0 for every sample.`];
  const dead = averageOf(activated(half, shape), (layer) => layer.dead);
  if (dead >= BOUNDS.mostly) {
    return ["dead", `${percent(dead)} of the units pass no gradient for any sample, so they cannot learn.`];
  }
  return undefined;
}

function symmetricOf(valid: readonly LayerReport[]): Diagnosis | undefined {
  const found = valid.find(({ equal }) => equal === 1);
  if (found === undefined) return undefined;
  const values = found.forward.mean === 0 ? "are 0" : "have equal values";
  return [
    "symmetric",
    `All units of layer ${found.layer} ${values} and get equal gradients, so they stay equal: they all learn the same feature.`,
  ];
}

/** What ends the layers whose signals floats can hold. Later layers tell nothing. */
interface End {
  /** The number of layers before it. */
  readonly at: number;
  readonly by: "overflow" | "underflow";
}

function endOf(layers: readonly LayerReport[]): End | undefined {
  for (const [at, { forward }] of layers.entries()) {
    if (!Number.isFinite(forward.mean)) return { at, by: "overflow" };
    if (forward.mean >= BOUNDS.smallest) continue;
    // Zeros after a dead layer end it too, but that layer is found first.
    if (forward.mean > 0 || (layers[at - 1]?.forward.mean ?? 0) > 0) return { at, by: "underflow" };
  }
  return undefined;
}

function overflowOf(layers: readonly LayerReport[], end: End | undefined): Diagnosis | undefined {
  if (end === undefined) {
    const isLost = ({ backward: { mean } }: LayerReport) => !(mean >= BOUNDS.smallest && Number.isFinite(mean));
    const lost = layers.filter(isLost).at(-1); // the first on the way back
    if (lost === undefined) return undefined;
    return lost.backward.mean < 1 ? tooSmall("gradients", lost.layer) : tooLarge("gradients", lost.layer);
  }
  return (end.by === "overflow" ? tooLarge : tooSmall)("signals", end.at + 1);
}

const tooLarge = (what: string, layer: number): Diagnosis => [
  "exploding",
  `The ${what} of layer ${layer} are too large for a float and become infinite.`,
];
const tooSmall = (what: string, layer: number): Diagnosis => [
  "vanishing",
  `The ${what} of layer ${layer} are below the smallest normal float, 1.2e-38, and get lost.`,
];

function growthOf(courses: Courses, theory: Courses | undefined, { depth, width }: Shape): Diagnosis | undefined {
  const kind = growthKind(courses);
  if (kind === undefined) return undefined;
  const change = changeOf(courses);
  if (theory !== undefined && growthKind(theory) === undefined) {
    const [forward, backward] = [size(theory.forward.inAll), size(theory.backward.inAll)];
    const cause = `${depth} layers are too many for a width of ${width}, where signals fluctuate`;
    return [kind, `${change}; mean field theory predicts ${forward} and ${backward} in all, but ${cause}.`];
  }
  const [low, high] = BOUNDS.inAll;
  const isSlow = isWithin(BOUNDS.perLayer, courses, (course) => course.perLayer);
  return [kind, isSlow ? `${change}; float16 holds squares from ${size(low)} to ${high}.` : `${change}.`];
}

function growthKind(courses: Courses): "exploding" | "vanishing" | undefined {
  for (const bound of ["perLayer", "inAll"] as const) {
    const [low, high] = BOUNDS[bound];
    const values = [courses.forward[bound], courses.backward[bound]];
    if (values.some((x) => !(x <= high))) return "exploding";
    if (values.some((x) => x < low)) return "vanishing";
  }
  return undefined;
}

const isWithin = ([low, high]: readonly [number, number], { forward, backward }: Courses, of: (c: Course) => number) =>
  [forward, backward].every((course) => of(course) >= low && of(course) <= high);

function saturatedOf(half: readonly LayerReport[], shape: Shape): Diagnosis | undefined {
  const share = averageOf(activated(half, shape), (layer) => layer.saturated);
  if (share < BOUNDS.mostly) return undefined;
  const where = "lie where the activation function is nearly flat";
  return ["saturated", `${percent(share)} of the pre-activations ${where}, so little gradient passes.`];
}

const stableOf = (courses: Courses): Diagnosis => ["stable", `${changeOf(courses)}.`];

const singleOf = ([layer]: readonly LayerReport[]): Diagnosis => [
  "stable",
  `One layer has no factor per layer; the variance of its signals is ${size(layer?.forward.mean ?? Number.NaN)}.`,
];

function changeOf({ forward, backward }: Courses): string {
  const [signal, gradient] = [forward, backward].map(
    ({ perLayer, inAll }) => [size(perLayer), size(inAll)] as const,
  ) as [readonly [string, string], readonly [string, string]];
  return `Signal variance is multiplied by ${signal[0]} per layer and ${signal[1]} in all, gradient variance by ${gradient[0]} and ${gradient[1]}`;
}

/** What theory predicts of the same layers, if it predicts anything. */
function predictedCourses(layers: readonly LayerReport[]): Courses | undefined {
  if (layers.some(({ forward, backward }) => forward.theory === null || backward.theory === null)) return undefined;
  return coursesOf(layers, ({ theory }) => theory as number);
}

function coursesOf(layers: readonly LayerReport[], of: (band: SeedBand) => number): Courses {
  const [all, half] = [layers, secondHalf(layers)];
  const signals = ({ forward }: LayerReport) => of(forward);
  const gradients = ({ backward }: LayerReport) => of(backward);
  return {
    forward: { perLayer: perLayer(half.map(signals)), inAll: ratio(all.map(signals)) },
    backward: { perLayer: perLayer(half.map(gradients).reverse()), inAll: ratio(all.map(gradients).reverse()) },
  };
}

/** The last over the first. 1 for a single value; 0 where all are 0; NaN if either is NaN. */
function ratio(values: readonly number[]): number {
  const [first, last] = [values[0] ?? 1, values.at(-1) ?? 1];
  return first === 0 && last === 0 ? 0 : last / first;
}

/** Geometric mean growth per layer. */
function perLayer(values: readonly number[]): number {
  const whole = ratio(values);
  return values.length > 1 && whole > 0 && Number.isFinite(whole) ? pow(whole, 1 / (values.length - 1)) : whole;
}

/** Three digits, with an exponent where it would take more than six. */
const size = (x: number): string =>
  x !== 0 && Number.isFinite(x) && (x < 1e-4 || x >= 1e6) ? x.toExponential(2).replace(/\.?0+e/, "e") : digits(x, 3);
const percent = (share: number): string => `${Math.round(100 * share)}%`;
