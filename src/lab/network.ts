/**
 * The networks of the lab, forward and backward. Signals are matrices of units by samples. Weights are not kept: each use
 * draws them again, which costs less than the memory.
 */
import { branchesOf, matricesOfBranches } from "./branch.js";
import { add, apply, linearOf, multiplySlope, type NetworkContext } from "./linear.js";
import { normalize, normalizeBackward } from "./normalization.js";
import type { NetworkShape, NetworkSpec } from "./spec.js";

export type { NetworkKind, NetworkShape, NetworkSpec, NormalizationPlace } from "./spec.js";

/** Receives the signal (or the gradient) of each layer, and the pre-activations of its activation function. */
type Observe = (layer: number, signal: Float32Array, preactivation?: Float32Array) => void;

/** A network in memory. */
export interface Network {
  forward(input: Float32Array, observe: Observe): void;
  /** Takes the gradient of the last signal and overwrites it. It uses the signals that the last `forward` has kept. */
  backward(gradient: Float32Array, observe: Observe): void;
}

export const network = (spec: NetworkSpec, context: NetworkContext): Network =>
  spec.residual || spec.kind === "attention" ? residual(spec, context) : plain(spec, context);

const BESIDES = 4; // matrices, besides the signals and those of the branches

/** The number of matrices of units by columns that a network keeps. */
export const matricesOf = ({ kind, depth }: NetworkShape): number =>
  (kind === "attention" ? 2 * depth : depth) + 1 + BESIDES + matricesOfBranches(kind);

/** h[l] = W f(normalize(h[l - 1])), where h[1] = W x. */
function plain(spec: NetworkSpec, context: NetworkContext): Network {
  const { depth, width, kind, activation } = spec;
  const { products, columns } = context;
  const linear = linearOf(kind, width, context);
  const matrix = () => products.matrix(width, columns);
  const signals = Array.from({ length: depth }, matrix);
  const signal = (l: number) => signals[l] as Float32Array;
  const [active, preactivation, slope] = [matrix(), matrix(), matrix()];
  return {
    forward(input, observe) {
      linear.forward(signal(0), input, 0, "weight");
      for (let l = 1; l < depth; ++l) {
        normalize(spec, preactivation, signal(l - 1), columns);
        apply(active, preactivation, activation.f);
        observe(l - 1, signal(l - 1), preactivation);
        linear.forward(signal(l), active, l, "weight");
      }
      observe(depth - 1, signal(depth - 1));
    },
    backward(gradient, observe) {
      observe(depth - 1, gradient);
      for (let l = depth - 1; l > 0; --l) {
        const before = signal(l - 1);
        linear.backward(active, gradient, l, "weight");
        normalize(spec, preactivation, before, columns);
        multiplySlope(slope, active, preactivation, activation.derivative);
        normalizeBackward(spec, gradient, slope, before, preactivation, columns);
        observe(l - 1, gradient);
      }
    },
  };
}

/**
 * x[i] = x[i - 1] + s branch(normalize(x[i - 1])) if normalized before the branches, and
 * x[i] = normalize(x[i - 1] + s branch(x[i - 1])) if after the addition: "pre-norm" and "post-norm". Xiong et al., "On layer
 * normalization in the transformer architecture", 2020.
 */
function residual(spec: NetworkSpec, context: NetworkContext): Network {
  const { depth, width, branchScale } = spec;
  const { products, columns } = context;
  const post = spec.normalizationAt === "post";
  const branches = branchesOf(spec, context);
  const each = branches.length;
  const matrix = () => products.matrix(width, columns);
  const sums = Array.from({ length: each * depth + 1 }, matrix); // the input, then what each addition gave
  const sum = (i: number) => sums[i] as Float32Array;
  const [normalized, branch, signal] = [matrix(), matrix(), matrix()];
  const branchOf = (i: number) => branches[i % each] as (typeof branches)[number];
  /** Normalizes a sum. The network's input is normalized before a branch only. */
  const read = (to: Float32Array, i: number) =>
    post && i === 0 ? to.set(sum(0)) : normalize(spec, to, sum(i), columns);
  return {
    forward(input, observe) {
      sum(0).set(input);
      for (let i = 0; i < each * depth; ++i) {
        const layer = Math.floor(i / each);
        read(normalized, i);
        const preactivation = branchOf(i).forward(branch, normalized, layer);
        add(sum(i + 1), post ? normalized : sum(i), branch, branchScale);
        if ((i + 1) % each !== 0) continue;
        if (post) read(signal, i + 1);
        observe(layer, post ? signal : sum(i + 1), preactivation);
      }
    },
    backward(gradient, observe) {
      for (let i = each * depth - 1; i >= 0; --i) {
        const layer = Math.floor(i / each);
        if ((i + 1) % each === 0) observe(layer, gradient);
        if (post) {
          read(normalized, i + 1);
          normalizeBackward(spec, gradient, gradient, sum(i + 1), normalized, columns);
        }
        read(normalized, i);
        branchOf(i).backward(branch, gradient, normalized, layer);
        if (!post) normalizeBackward(spec, branch, branch, sum(i), normalized, columns);
        add(gradient, gradient, branch, branchScale);
      }
    },
  };
}
