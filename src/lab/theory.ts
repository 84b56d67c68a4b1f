/** What mean field theory predicts for a network, layer by layer. */
import type { ActivationFunction } from "./activation.js";
import { outputProduct, quickMeanSquare } from "./meanfield.js";
import type { NetworkSpec } from "./network.js";
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

/** What the predictions follow from. */
export interface InitialState {
  /** Variance of a weight, times its fan in. */
  readonly variance: number;
  /** Mean square of the input. */
  readonly meanSquare: number;
  /** Correlation of the two samples of a pair in the input. */
  readonly correlation: number;
}

/** Null for attention: the theory of its softmax is not this simple. */
export function theoryOf(given: NetworkSpec, initial: InitialState): Theory | null {
  if (given.kind === "attention") return null;
  const spec = { ...given, activation: tabulated(given.activation) }; // it is evaluated thousands of times
  return spec.residual ? residual(spec, initial) : plain(spec, initial);
}

/** Mean square of the pre-activations of a signal with mean square q. */
const preactivation = ({ normalization }: NetworkSpec, q: number): number => (normalization === "none" ? q : 1);

/** Mean square after the activation function. Outside the range of the quadrature: 0, or as large as before. */
const mean = (activation: ActivationFunction, q: number): number =>
  q > 1e-30 && q < 1e30 ? quickMeanSquare(activation.f, q) : q > 1 ? q : 0;

function plain(spec: NetworkSpec, { variance, meanSquare: first, correlation }: InitialState): Theory {
  const { depth, activation } = spec;
  const forward = [variance * first];
  const correlations = [correlation];
  for (let l = 1; l < depth; ++l) {
    const q = preactivation(spec, forward[l - 1] as number);
    forward.push(variance * mean(activation, q));
    correlations.push(correlationAfter(activation, q, correlations[l - 1] as number));
  }
  return { forward, backward: gradientsOf(spec, forward, variance, false), correlation: correlations };
}

function residual(spec: NetworkSpec, { variance, meanSquare: first, correlation }: InitialState): Theory {
  const { depth, activation, branchScale } = spec;
  const scaled = variance * branchScale * branchScale;
  const forward: number[] = [];
  const correlations: number[] = [];
  let [q, c] = [first, correlation];
  const before: number[] = [];
  for (let l = 0; l < depth; ++l) {
    before.push(q);
    const branch = scaled * mean(activation, preactivation(spec, q));
    const covariance = branch * correlationAfter(activation, preactivation(spec, q), c);
    c = (q * c + covariance) / (q + branch);
    q += branch;
    forward.push(q);
    correlations.push(c);
  }
  return { forward, backward: gradientsOf(spec, before.slice(1), scaled, true), correlation: correlations };
}

/** The correlation after the activation function. */
function correlationAfter(activation: ActivationFunction, q: number, c: number): number {
  if (!(q > 1e-30 && q < 1e30)) return c;
  const variance = mean(activation, q);
  return variance === 0 ? Number.NaN : Math.min(1, outputProduct(activation, q, q, c) / variance);
}

/**
 * Mean squares of the gradients.
 *
 * @param signals mean squares of the signals between the layers, from the first layer on.
 * @param skips whether skip connections pass the gradient as it is, besides what passes the layers.
 */
function gradientsOf(spec: NetworkSpec, signals: readonly number[], variance: number, skips: boolean): number[] {
  const { depth, activation, normalization } = spec;
  const gradients = new Array<number>(depth).fill(1);
  for (let l = depth - 2; l >= 0; --l) {
    const q = signals[l] as number;
    const clamped = Math.min(1e30, Math.max(1e-30, preactivation(spec, q)));
    const factor = (variance * quickMeanSquare(activation.derivative, clamped)) / (normalization === "none" ? 1 : q);
    gradients[l] = (gradients[l + 1] as number) * (skips ? 1 + factor : factor);
  }
  return gradients;
}
