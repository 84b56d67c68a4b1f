/** The residual branches of a network: what is computed from the residual signal and added to it, forward and backward. */
import { attention } from "./attention.js";
import { add, apply, type Linear, linearOf, multiplySlope, type NetworkContext } from "./linear.js";
import type { NetworkSpec } from "./spec.js";

export interface Branch {
  /** @returns the pre-activations, if the branch has an activation function: an array that the next call overwrites. */
  forward(to: Float32Array, input: Float32Array, layer: number): Float32Array | undefined;
  /** @param to receives the gradient of the input. */
  backward(to: Float32Array, gradient: Float32Array, input: Float32Array, layer: number): void;
}

/** The branches of each layer: one; for attention, which is a block of a transformer, two. */
export function branchesOf(spec: NetworkSpec, context: NetworkContext): readonly Branch[] {
  const { kind, width } = spec;
  if (kind !== "attention") return [single(spec, context, linearOf(kind, width, context))];
  const linear = linearOf("dense", width, context);
  return [selfAttention(spec, context, linear), feedForward(spec, context, linear)];
}

/** The number of matrices of units by columns that the branches keep. */
export const matricesOfBranches = (kind: NetworkSpec["kind"]): number => (kind === "attention" ? 11 : 1);

/** W f(x) */
function single({ width, activation }: NetworkSpec, { products, columns }: NetworkContext, linear: Linear): Branch {
  const active = products.matrix(width, columns);
  return {
    forward(to, input, layer) {
      apply(active, input, activation.f);
      linear.forward(to, active, layer, "weight");
      return input;
    },
    backward(to, gradient, input, layer) {
      linear.backward(active, gradient, layer, "weight");
      multiplySlope(to, active, input, activation.derivative);
    },
  };
}

/** O attention(x), with one head of the network's width. */
function selfAttention({ width }: NetworkSpec, { products, columns }: NetworkContext, linear: Linear): Branch {
  const matrix = () => products.matrix(width, columns);
  const [query, key, value, mixed] = [matrix(), matrix(), matrix(), matrix()];
  const [a, b, c, part] = [matrix(), matrix(), matrix(), matrix()];
  const head = attention(width, columns);
  const project = (input: Float32Array, layer: number) => {
    linear.forward(query, input, layer, "query");
    linear.forward(key, input, layer, "key");
    linear.forward(value, input, layer, "value");
  };
  return {
    forward(to, input, layer) {
      project(input, layer);
      head.forward(mixed, query, key, value);
      linear.forward(to, mixed, layer, "output");
      return undefined;
    },
    backward(to, gradient, input, layer) {
      project(input, layer);
      linear.backward(mixed, gradient, layer, "output");
      head.backward([a, b, c], mixed, query, key, value);
      linear.backward(to, a, layer, "query");
      linear.backward(part, b, layer, "key");
      add(to, to, part, 1);
      linear.backward(part, c, layer, "value");
      add(to, to, part, 1);
    },
  };
}

/** W2 f(W1 x), with as many hidden units as the network's width. */
function feedForward(
  { width, activation }: NetworkSpec,
  { products, columns }: NetworkContext,
  linear: Linear,
): Branch {
  const matrix = () => products.matrix(width, columns);
  const [hidden, active, slope] = [matrix(), matrix(), matrix()];
  return {
    forward(to, input, layer) {
      linear.forward(hidden, input, layer, "up");
      apply(active, hidden, activation.f);
      linear.forward(to, active, layer, "down");
      return hidden;
    },
    backward(to, gradient, input, layer) {
      linear.forward(hidden, input, layer, "up");
      linear.backward(active, gradient, layer, "down");
      multiplySlope(slope, active, hidden, activation.derivative);
      linear.backward(to, slope, layer, "up");
    },
  };
}
