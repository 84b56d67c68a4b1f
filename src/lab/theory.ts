/** What mean field theory predicts for a network, layer by layer. */
import type { ActivationFunction } from "./activation.js";
import { outputProduct, quickMeanSquare } from "./meanfield.js";
import type { NetworkSpec } from "./network.js";
import { EPSILON } from "./normalization.js";
import { tabulated } from "./table.js";

/** Predictions, with an item for each layer. */
export interface Theory {
  /** Mean squares of the signals. */
  readonly forward: readonly number[];
  /** Mean squares of the gradients, relative to that of the last layer. */
  readonly backward: readonly number[];
  /** Correlations of the two samples of a pair. */
  readonly correlation: readonly number[];
}

/** A signal, as theory sees it. */
interface SignalState {
  readonly meanSquare: number;
  /** Correlation of the two samples of a pair. */
  readonly correlation: number;
  /** Mean square of what all samples share, which batch normalization takes away: of the units' means over the samples. */
  readonly shared: number;
}

/** One layer: the signal after it, and by what it multiplies the mean square of a gradient on its way back. */
interface LayerPrediction {
  readonly after: SignalState;
  readonly factor: number;
}

/**
 * Null for attention: the theory of its softmax is not this simple.
 *
 * @param variance of a weight, times its fan in.
 */
export function theoryOf(given: NetworkSpec, variance: number, input: SignalState): Theory | null {
  if (given.kind === "attention") return null;
  const spec = { ...given, activation: tabulated(given.activation) }; // it is evaluated thousands of times
  const steps: LayerPrediction[] = [];
  for (let l = 0; l < spec.depth; ++l) {
    const before = steps[l - 1]?.after ?? input;
    if (spec.residual) steps.push(residual(spec, variance, before));
    else if (l > 0) steps.push(plain(spec, variance, before));
    else steps.push({ after: first(spec, variance, before), factor: 1 });
  }
  const backward = new Array<number>(spec.depth).fill(1);
  for (let l = spec.depth - 1; l > 0; --l) {
    backward[l - 1] = (backward[l] as number) * (steps[l] as LayerPrediction).factor;
  }
  return {
    forward: steps.map(({ after }) => after.meanSquare),
    backward,
    correlation: steps.map(({ after }) => after.correlation),
  };
}

/** W x + b */
function first({ biasVariance }: NetworkSpec, variance: number, input: SignalState): SignalState {
  const meanSquare = variance * input.meanSquare + biasVariance;
  const product = variance * input.meanSquare * input.correlation + biasVariance;
  return {
    meanSquare,
    correlation: biasVariance === 0 ? input.correlation : product / meanSquare,
    shared: variance * input.shared + biasVariance,
  };
}

function plain(spec: NetworkSpec, variance: number, before: SignalState): LayerPrediction {
  const { signal, divisor } = normalized(spec, before);
  const slope = variance * quickMeanSquare(spec.activation.derivative, clamped(signal.meanSquare));
  return { after: weighted(spec, variance, signal), factor: slope / divisor };
}

function residual(spec: NetworkSpec, variance: number, before: SignalState): LayerPrediction {
  const post = spec.normalizationAt === "post";
  const { signal, divisor } = post ? { signal: before, divisor: 1 } : normalized(spec, before);
  const scale = spec.branchScale * spec.branchScale;
  const slope = scale * variance * quickMeanSquare(spec.activation.derivative, clamped(signal.meanSquare));
  const sum = sumOf(before, weighted(spec, variance, signal), scale);
  if (!post) return { after: sum, factor: 1 + slope / divisor };
  const after = normalized(spec, sum);
  return { after: after.signal, factor: (1 + slope) / after.divisor };
}

/** A signal after normalization, and what its mean square was divided by. */
function normalized({ normalization }: NetworkSpec, signal: SignalState) {
  const { meanSquare, correlation, shared } = signal;
  if (normalization === "none") return { signal, divisor: 1 };
  const taken = normalization === "batch" ? shared : 0;
  const rest = meanSquare - taken;
  const divisor = rest + EPSILON;
  const after: SignalState = {
    meanSquare: rest / divisor,
    correlation: taken === 0 ? correlation : (correlation * meanSquare - taken) / rest,
    shared: (shared - taken) / divisor,
  };
  return { signal: after, divisor };
}

/** W f(x) + b */
function weighted(
  { activation, normalization, biasVariance }: NetworkSpec,
  variance: number,
  { meanSquare: q, correlation, shared }: SignalState,
): SignalState {
  const own = variance * mean(activation, q);
  const product = (c: number) => (inRange(q) ? variance * outputProduct(activation, q, q, c) : c * own) + biasVariance;
  const after = own + biasVariance;
  return {
    meanSquare: after,
    correlation: inRange(q) || biasVariance > 0 ? Math.min(1, product(correlation) / after) : correlation,
    shared: normalization === "batch" ? product(shared / q) : 0,
  };
}

/** The sum of a residual signal and what a branch adds, with `scale` times its variance. */
function sumOf(signal: SignalState, branch: SignalState, scale: number): SignalState {
  const added = scale * branch.meanSquare;
  const covariance = signal.meanSquare * signal.correlation + (added === 0 ? 0 : added * branch.correlation);
  const meanSquare = signal.meanSquare + added;
  return { meanSquare, correlation: covariance / meanSquare, shared: signal.shared + scale * branch.shared };
}

/** Whether the quadrature holds: f is not evaluated where a float would underflow or overflow. */
const inRange = (q: number): boolean => q > 1e-30 && q < 1e30;
const clamped = (q: number): number => Math.min(1e30, Math.max(1e-30, q));

/** Mean square after the activation function. Outside the range of the quadrature: 0, or as large as before. */
const mean = (activation: ActivationFunction, q: number): number =>
  inRange(q) ? quickMeanSquare(activation.f, q) : q > 1 ? q : 0;
