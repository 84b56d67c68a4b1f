/** What to watch while a network trains: measurements of each layer, and what they say when something is wrong. */
import { checkAboveZero, checkNumber, checkOptions, checkPositive, checkRequired, wrongType, wrongValue } from "../check.js";
import type { ActivationFunction } from "../lab/activation.js";
import { activationFunction } from "../lab/activation.js";
import { digits } from "../math/digits.js";
import type { Activation } from "../scheme/gain.js";

/** What was measured of a layer at one step. */
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
  /** Root of the sum of the squares of the gradients of its weights. */
  readonly gradientNorm: number;
  /** The same of its weights; NaN if they were not given. */
  readonly weightNorm: number;
  /** Norm of the change of its weights in one step, relative to their norm; NaN if it is not known. */
  readonly updateRatio: number;
  /** The largest singular value of its weights, within about 1%; NaN if their shape is not known. */
  readonly singularValue: number;
}

/**
 * What can be wrong: `notANumber`, `symmetric`, `dying` (dead units), `saturated`, `vanishing` and `exploding` gradients,
 * `fast` and `slow` (a learning rate too high or too low for this start).
 */
export type FindingKind =
  | "notANumber"
  | "symmetric"
  | "dying"
  | "saturated"
  | "exploding"
  | "vanishing"
  | "fast"
  | "slow";

/** Something that is wrong, when it was seen first, and what to change. */
export interface TrainingFinding {
  readonly kind: FindingKind;
  /** The layer where it was worst, or where it began. */
  readonly layer: number | string;
  /** The step at which it was seen first, from 0. */
  readonly step: number;
  /** What is wrong, and what to change. */
  readonly sentence: string;
}

/** The bounds that decide, with their reasons. */
export const MONITOR_BOUNDS = {
  /** Of dead units, saturated activations or equal units: most of the layer. */
  mostly: 0.5,
  /**
   * The gradient norm of a layer relative to the largest of all layers. Floats have 7 digits; below this, a rate that suits
   * one layer changes the other by less than that in some thousand steps.
   */
  vanishing: 1e-4,
  /** A gradient norm beyond which one step at usual rates throws the weights away. */
  exploding: 1e3,
  /** Of weights changed in one step: healthy runs stay near 1e-3 (Karpathy, CS231n, 2016); a tenth replaces the start in ten steps. */
  fast: 0.1,
  /** Of weights changed in one step: less than 1% in a thousand steps. */
  slow: 1e-5,
} as const;

/** The options of `monitor`. */
export interface MonitorOptions {
  /** The activation function whose outputs are observed. Default "relu". */
  readonly activation?: Activation | ((x: number) => number) | undefined;
  /** The slope of leakyRelu for negative inputs. Default 0.01. */
  readonly slope?: number | undefined;
}

/** What `observe` needs to know besides the arrays. */
export interface ObservedLayer {
  /** Units of the layer: activations are samples x units, one sample after the other. */
  readonly units: number;
  /** The weights, for their norm and the update ratio. */
  readonly weights?: ArrayLike<number> | undefined;
  /** Rows and columns of the weights, for the largest singular value. */
  readonly shape?: readonly [rows: number, columns: number] | undefined;
  /** The learning rate: the update is then the gradient times it. */
  readonly learningRate?: number | undefined;
}

/** Watches a training that runs elsewhere, layer by layer. */
export interface Monitor {
  /**
   * Measures a layer at the current step.
   *
   * @param layer its number or name. Layers are taken in the order of the network.
   * @param activations the outputs of its activation function: samples x units numbers.
   * @param gradients of its weights.
   * @param about its units, and its weights.
   * @returns what was measured.
   * @throws TypeError, RangeError for arrays of other sizes.
   */
  observe(
    layer: number | string,
    activations: ArrayLike<number>,
    gradients: ArrayLike<number>,
    about: ObservedLayer,
  ): LayerMonitor;
  /**
   * Ends a step: what was observed since the last one belongs together.
   *
   * @param loss of the step, if it is known.
   * @returns what is wrong and was not before.
   */
  step(loss?: number): readonly TrainingFinding[];
  /** What was found, in the order in which it was seen. */
  readonly findings: readonly TrainingFinding[];
}

/**
 * Watches layers of any network, trained by any library: give it the activations and the gradients of each layer, and it says
 * what is wrong and what to change.
 *
 * @param options the activation function.
 * @returns an observer without a connection to the network: it reads the arrays that it is given, and keeps none.
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { monitor } from "nn-init/train";
 *
 * const watch = monitor({ activation: "relu" });
 * // Two samples of a layer with three units, of which two are 0 for both.
 * watch.observe("dense1", [0, 0, 0.5, 0, 0, 0.7], [0, 0, 0.1], { units: 3 });
 * const [finding] = watch.step();
 * console.log(finding.kind, finding.layer); // dying dense1
 * ```
 */
export function monitor(options: MonitorOptions = {}): Monitor {
  checkOptions("options", options, ["activation", "slope"]);
  const activation = activationFunction(options.activation ?? "relu", options.slope);
  const measure = layerMeasure(activation);
  const findings: TrainingFinding[] = [];
  let step = 0;
  let layers: LayerMonitor[] = [];
  return {
    findings,
    observe(layer, activations, gradients, about) {
      checkRequired("about", about, ["units", "weights", "shape", "learningRate"]);
      const units = checkPositive("about.units", about.units);
      checkArray("activations", activations);
      checkArray("gradients", gradients);
      const samples = activations.length / units;
      if (samples < 1 || !Number.isInteger(samples)) {
        throw wrongValue("activations.length", `a multiple of about.units, ${units}`, activations.length);
      }
      const measured = measure({
        ...{ layer, units, samples, activations, unitStride: 1, sampleStride: units },
        weights: [weightsOfLayer(gradients, about)],
      });
      layers.push(measured);
      return measured;
    },
    step(loss) {
      if (loss !== undefined) checkNumber("loss", loss);
      const found = findingsOf(layers, step, loss).filter(({ kind }) => !findings.some((one) => one.kind === kind));
      findings.push(...found);
      layers = [];
      step += 1;
      return found;
    },
  };
}

function checkArray(name: string, values: unknown): void {
  const length: unknown = typeof values === "object" ? (values as { length?: unknown } | null)?.length : undefined;
  if (typeof length !== "number") throw wrongType(name, "an array of numbers", values);
}

function weightsOfLayer(gradients: ArrayLike<number>, { weights, shape, learningRate }: ObservedLayer): ObservedWeights {
  if (weights !== undefined && weights.length !== gradients.length) {
    throw wrongValue("about.weights.length", `${gradients.length}, as many as gradients`, weights.length);
  }
  if (shape !== undefined && shape[0] * shape[1] !== gradients.length) {
    throw wrongValue("about.shape", `rows and columns of ${gradients.length} weights`, shape);
  }
  const rate = learningRate === undefined ? undefined : checkAboveZero("about.learningRate", learningRate);
  const [rows, columns] = shape ?? [1, gradients.length];
  return {
    ...{ gradients, rows, columns, stride: columns, values: weights, hasShape: shape !== undefined },
    ...(rate !== undefined && { updateNorm: rate * normOf(gradients) }),
  };
}

/** A weight of a layer: rows by columns, whose rows are `stride` values apart. What lies between them is 0. */
export interface ObservedWeights {
  readonly gradients: ArrayLike<number>;
  readonly values: ArrayLike<number> | undefined;
  readonly rows: number;
  readonly columns: number;
  readonly stride: number;
  readonly hasShape: boolean;
  /** Norm of the change of one step. */
  readonly updateNorm?: number;
}

/** A layer at one step. Activation of unit i for sample j: at `i unitStride + j sampleStride`. */
export interface Observation {
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

/** Whether an output lies where a bounded, increasing activation function is flat. Nothing is flat for others. */
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
const CLOSE = 1e-3; // relative

/** By power iteration on W'W. */
function largestSingularValue({ values, rows, columns, stride, hasShape }: ObservedWeights): number {
  if (values === undefined || !hasShape) return Number.NaN;
  const [right, left] = [Float64Array.from({ length: columns }, (_, j) => 1 + (j % 7) / 7), new Float64Array(rows)];
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
    if (!(norm > 0) || Math.abs(norm - before) <= CLOSE * norm) return norm;
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

/** @internal What is wrong at one step: the first of what is seen in a layer, at most one of each kind. */
export function findingsOf(
  layers: readonly LayerMonitor[],
  step: number,
  loss: number | undefined,
): readonly TrainingFinding[] {
  const broken = layers.find(({ variance, gradientNorm }) => !Number.isFinite(variance + gradientNorm));
  if (broken !== undefined || (loss !== undefined && !Number.isFinite(loss))) {
    return [finding("notANumber", (broken ?? layers.at(-1))?.layer ?? "loss", step, notANumber(broken))];
  }
  const largest = Math.max(...layers.map(({ gradientNorm }) => gradientNorm));
  const worst = (of: (layer: LayerMonitor) => number) =>
    layers.reduce((a, b) => (of(b) > of(a) ? b : a), layers[0] as LayerMonitor);
  const found: TrainingFinding[] = [];
  const report = (kind: FindingKind, of: (layer: LayerMonitor) => number, bound: number, text: (one: LayerMonitor) => string) => {
    if (layers.length === 0) return;
    const one = worst(of);
    if (of(one) >= bound) found.push(finding(kind, one.layer, step, text(one)));
  };
  const { mostly, vanishing, exploding, fast, slow } = MONITOR_BOUNDS;
  report("symmetric", ({ equal }) => equal, mostly, ({ layer, equal }) => {
    return `${percent(equal)} of the units of layer ${layer} are equal to another one, so they learn the same feature; draw the weights at random.`;
  });
  report("dying", ({ dead }) => dead, mostly, ({ layer, dead }) => {
    return `${percent(dead)} of the units of layer ${layer} give the same output for every sample, so no gradient passes them; lower the learning rate, start with a scheme for this activation function, or use leakyRelu.`;
  });
  report("saturated", ({ saturated }) => saturated, mostly, ({ layer, saturated }) => {
    return `${percent(saturated)} of the activations of layer ${layer} lie where the function is flat, so little gradient passes; start with smaller weights, or normalize before the activation.`;
  });
  report("exploding", ({ gradientNorm }) => gradientNorm, exploding, ({ layer, gradientNorm }) => {
    return `The gradient of layer ${layer} has a norm of ${short(gradientNorm)}; start with smaller weights, or clip gradients.`;
  });
  report("vanishing", ({ gradientNorm }) => (largest > 0 ? largest / gradientNorm : 0), 1 / vanishing, ({ layer, gradientNorm }) => {
    return `The gradient of layer ${layer} has a norm of ${short(gradientNorm)}, ${short(gradientNorm / largest)} of the largest, so the layer hardly learns; start with a scheme that keeps variance, or add normalization or residual branches.`;
  });
  report("fast", ({ updateRatio }) => updateRatio, fast, ({ layer, updateRatio }) => {
    return `One step changes the weights of layer ${layer} by ${percent(updateRatio)}; the learning rate is too high for this start.`;
  });
  report("slow", ({ updateRatio }) => (updateRatio > 0 ? 1 / updateRatio : 0), 1 / slow, ({ layer, updateRatio }) => {
    return `One step changes the weights of layer ${layer} by ${short(100 * updateRatio)}%; the learning rate is too low for this start, or the gradient vanishes.`;
  });
  return found;
}

const finding = (kind: FindingKind, layer: number | string, step: number, sentence: string): TrainingFinding => ({
  ...{ kind, layer, step, sentence },
});

function notANumber(layer: LayerMonitor | undefined): string {
  const where = layer === undefined ? "The loss is not a finite number" : `Layer ${layer.layer} has values that are not finite numbers`;
  return `${where}; lower the learning rate, or start with smaller weights.`;
}

const percent = (share: number): string => `${Math.round(100 * share)}%`;
const short = (x: number): string => digits(x, 2);
