/** What mean field theory predicts of a network, layer by layer. */
import type { ActivationFunction } from "./activation.js";
import { product, quickMeanSquare } from "./meanfield.js";
import type { Spec } from "./network.js";
import { tabulated } from "./table.js";

export interface Theory {
  /** Mean squares of signals. */
  readonly forward: readonly number[];
  /** Of gradients, over that of the last layer. */
  readonly backward: readonly number[];
  /** Of two inputs. */
  readonly correlation: readonly number[];
}

export interface Start {
  /** Of the weights, times their fan in. */
  readonly variance: number;
  /** Of the inputs. */
  readonly meanSquare: number;
  readonly correlation: number;
}

/** None for attention, whose shares are not those of a wide limit this simple. */
export function theoryOf(given: Spec, start: Start): Theory | null {
  if (given.kind === "attention") return null;
  const spec = { ...given, unit: tabulated(given.activation) }; // thousands of values are needed
  return spec.residual ? residual(spec, start) : plain(spec, start);
}

/** What goes into an activation where the signal has mean square q. */
const preactivation = ({ normalization }: Spec, q: number): number => (normalization === "none" ? q : 1);

const mean = (activation: ActivationFunction, q: number): number =>
  q > 1e-30 && q < 1e30 ? quickMeanSquare(activation.f, q) : q > 1 ? q : 0;

function plain(spec: Spec, { variance, meanSquare: first, correlation }: Start): Theory {
  const { depth, activation } = spec;
  const forward = [variance * first];
  const correlations = [correlation];
  for (let l = 1; l < depth; ++l) {
    const q = preactivation(spec, forward[l - 1] as number);
    forward.push(variance * mean(activation, q));
    correlations.push(correlationAfter(activation, q, correlations[l - 1] as number));
  }
  return { forward, backward: back(spec, forward, variance, false), correlation: correlations };
}

function residual(spec: Spec, { variance, meanSquare: first, correlation }: Start): Theory {
  const { depth, activation, branchScale } = spec;
  const scaled = variance * branchScale * branchScale;
  const forward: number[] = [];
  const correlations: number[] = [];
  let [q, c] = [first, correlation];
  const before: number[] = [];
  for (let l = 0; l < depth; ++l) {
    before.push(q);
    const branch = scaled * mean(activation, preactivation(spec, q));
    const together = branch * correlationAfter(activation, preactivation(spec, q), c);
    c = (q * c + together) / (q + branch);
    q += branch;
    forward.push(q);
    correlations.push(c);
  }
  return { forward, backward: back(spec, before.slice(1), scaled, true), correlation: correlations };
}

/** The correlation after an activation. */
function correlationAfter(activation: ActivationFunction, q: number, c: number): number {
  if (!(q > 1e-30 && q < 1e30)) return c;
  const own = mean(activation, q);
  return own === 0 ? Number.NaN : Math.min(1, product(activation, q, q, c) / own);
}

/** @param signals what the activations between the layers are given, from the first on. */
function back(spec: Spec, signals: readonly number[], variance: number, stream: boolean): number[] {
  const { depth, activation, normalization } = spec;
  const gradients = new Array<number>(depth).fill(1);
  for (let l = depth - 2; l >= 0; --l) {
    const q = signals[l] as number;
    const here = Math.min(1e30, Math.max(1e-30, preactivation(spec, q)));
    const factor = (variance * quickMeanSquare(activation.derivative, here)) / (normalization === "none" ? 1 : q);
    gradients[l] = (gradients[l + 1] as number) * (stream ? 1 + factor : factor);
  }
  return gradients;
}
