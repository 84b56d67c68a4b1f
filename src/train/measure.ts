/** Measurements of a layer while it trains. */
import type { ActivationFunction } from "../lab/activation.js";

/** The measurements of a layer at one step. */
export interface LayerMonitor {
  /** The layer, as it was named to `observe`. */
  readonly layer: number | string;
  /** Mean of its activations. */
  readonly mean: number;
  /** Variance of its activations, over samples and units. */
  readonly variance: number;
  /** Share of units whose activation is the same for every sample: 0 to 1. */
  readonly dead: number;
  /** Share of activations where a bounded activation function is flat: its slope is below 1/20 of its steepest. 0 for others. */
  readonly saturated: number;
  /**
   * Share of units whose weights equal those of another unit: 0 to 1. Where weights or their shape are not known: of units that
   * are not dead and whose activations equal those of another one.
   */
  readonly equal: number;
  /** Euclidean norm of the gradients of its weights. */
  readonly gradientNorm: number;
  /** Euclidean norm of its weights; NaN if they were not given. */
  readonly weightNorm: number;
  /** Norm of the change of its weights in one step, relative to their norm; NaN if it is not known. */
  readonly updateRatio: number;
  /** The largest singular value of its weights, within about 1%; NaN if their shape is not known. */
  readonly singularValue: number;
}

/** @internal A weight of a layer: rows by columns, whose rows are `stride` values apart. The values between rows are 0. */
export interface ObservedWeights {
  readonly gradients: ArrayLike<number>;
  readonly values: ArrayLike<number> | undefined;
  readonly rows: number;
  readonly columns: number;
  readonly stride: number;
  readonly hasShape: boolean;
  /** Norm of the change of one step. */
  readonly updateNorm?: number;
  /** The vector that the power iteration begins with. It is overwritten by the one that it ends with. */
  readonly direction?: Float64Array;
}

/** @internal A layer at one step. Activation of unit i for sample j: at `i unitStride + j sampleStride`. */
interface Observation {
  readonly layer: number | string;
  readonly units: number;
  readonly samples: number;
  readonly activations: ArrayLike<number>;
  readonly unitStride: number;
  readonly sampleStride: number;
  readonly weights: readonly ObservedWeights[];
}

/** @internal Measures a layer. */
export function layerMeasure(activation: ActivationFunction): (observation: Observation) => LayerMonitor {
  const flat = flatOutputs(activation);
  return (observation) => {
    const { layer, weights } = observation;
    const gradientNorm = rootOfSquares(weights.map(({ gradients }) => normOf(gradients)));
    const weightNorm = rootOfSquares(weights.map(({ values }) => (values === undefined ? Number.NaN : normOf(values))));
    const known = weights.filter(({ values, hasShape }) => values !== undefined && hasShape);
    const measured = activity(observation, flat);
    const updateNorm = rootOfSquares(weights.map(({ updateNorm }) => updateNorm ?? Number.NaN));
    return {
      ...{ layer, ...measured, gradientNorm, weightNorm },
      equal: known.length === 0 ? measured.equal : Math.min(...known.map(equalWeights)),
      updateRatio: updateNorm / weightNorm,
      singularValue: Math.max(...weights.map(largestSingularValue)),
    };
  };
}

const rootOfSquares = (norms: readonly number[]): number =>
  Math.sqrt(norms.reduce((sum, norm) => sum + norm * norm, 0));

/** @internal */
export function normOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; ++i) sum += (values[i] as number) * (values[i] as number);
  return Math.sqrt(sum);
}

function activity(observation: Observation, isFlat: (y: number) => boolean) {
  const { units, samples, activations, unitStride, sampleStride } = observation;
  const at = (i: number, j: number) => activations[i * unitStride + j * sampleStride] as number;
  let [sum, squares, dead, flat] = [0, 0, 0, 0];
  const alive: number[] = [];
  for (let i = 0; i < units; ++i) {
    const first = at(i, 0);
    let isSame = true;
    for (let j = 0; j < samples; ++j) {
      const y = at(i, j);
      sum += y;
      squares += y * y;
      if (y !== first) isSame = false;
      if (isFlat(y)) flat += 1;
    }
    if (isSame && samples > 1) dead += 1;
    else alive.push(i);
  }
  const count = units * samples;
  const mean = sum / count;
  return {
    mean,
    variance: Math.max(0, squares / count - mean * mean),
    dead: dead / units,
    saturated: flat / count,
    equal: equalRows(alive, samples, at) / units,
  };
}

/** How many of these rows equal another one in all of their `length` values. */
function equalRows(rows: readonly number[], length: number, at: (i: number, j: number) => number): number {
  const groups = new Map<number, number[][]>(); // of equal rows, by their first value
  const same = (i: number, k: number): boolean => {
    for (let j = 0; j < length; ++j) if (at(i, j) !== at(k, j)) return false;
    return true;
  };
  for (const i of rows) {
    const candidates = groups.get(at(i, 0)) ?? [];
    const group = candidates.find(([first]) => same(i, first as number));
    if (group !== undefined) group.push(i);
    else groups.set(at(i, 0), [...candidates, [i]]);
  }
  return [...groups.values()].flat().reduce((sum, { length }) => sum + (length > 1 ? length : 0), 0);
}

/** The share of units whose weights equal those of another unit. */
function equalWeights({ values, rows, columns, stride }: ObservedWeights): number {
  const all = Array.from({ length: rows }, (_, i) => i);
  return equalRows(all, columns, (i, j) => (values as ArrayLike<number>)[i * stride + j] as number) / rows;
}

const FLAT = 0.05; // of the steepest slope, as in the lab

/** Tells whether an output lies where a bounded, increasing activation function is flat; for other functions none does. */
function flatOutputs({ bounded, f, derivative }: ActivationFunction): (y: number) => boolean {
  const points = Array.from({ length: 801 }, (_, i) => (i - 400) / 20);
  const slopes = points.map(derivative);
  const steepest = Math.max(...slopes);
  if (!bounded || slopes.some((slope) => slope < 0)) return () => false;
  const steep = points.filter((_, i) => (slopes[i] as number) >= FLAT * steepest);
  const [low, high] = [f(steep[0] as number), f(steep.at(-1) as number)];
  return (y) => y < low || y > high;
}

const ITERATIONS = 30;
const TOLERANCE = 1e-3; // relative

/** @internal A first vector for power iteration, which is unlikely to be orthogonal to the singular vector. */
export const startOfIteration = (columns: number): Float64Array =>
  Float64Array.from({ length: columns }, (_, j) => 1 + (j % 7) / 7);

/** The largest singular value, by power iteration on W'W. */
function largestSingularValue(weights: ObservedWeights): number {
  const { values, rows, columns, stride, hasShape, direction: right = startOfIteration(columns) } = weights;
  if (values === undefined || !hasShape) return Number.NaN;
  const left = new Float64Array(rows);
  let [before, norm] = [0, 0];
  for (let iteration = 0; iteration < ITERATIONS; ++iteration) {
    const length = normOf(right);
    for (let j = 0; j < columns; ++j) right[j] = (right[j] as number) / length;
    for (let i = 0; i < rows; ++i) {
      let sum = 0;
      for (let j = 0; j < columns; ++j) sum += (values[i * stride + j] as number) * (right[j] as number);
      left[i] = sum;
    }
    norm = normOf(left);
    if (!(norm > 0) || Math.abs(norm - before) <= TOLERANCE * norm) return norm;
    before = norm;
    right.fill(0);
    for (let i = 0; i < rows; ++i) {
      for (let j = 0; j < columns; ++j) {
        right[j] = (right[j] as number) + (values[i * stride + j] as number) * (left[i] as number);
      }
    }
  }
  return norm;
}
