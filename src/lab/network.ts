/**
 * The networks of the lab, forward and backward. Signals are matrices of units by samples. Weights are not kept: each use
 * draws them again, which costs less than the memory.
 */
import type { Products } from "../engine/product.js";
import type { ActivationFunction } from "./activation.js";
import { attention } from "./attention.js";
import { type LabNormalization, normalize, normalizeBackward } from "./normalization.js";
import { fold, TAPS, unfold } from "./patches.js";

/**
 * The kind of layer: `dense`; `convolution` of 3 taps over a ring of 16 positions; or `attention`, blocks of a transformer
 * with one head over 16 tokens.
 */
export type NetworkKind = "dense" | "convolution" | "attention";

/** A network but for its activation function. */
export interface NetworkShape {
  readonly kind: NetworkKind;
  /** Layers, or blocks for attention. */
  readonly depth: number;
  /** Units of each layer, or channels of a convolution. */
  readonly width: number;
  /** Whether each layer is a branch whose output is added to its input. */
  readonly residual: boolean;
  /** The normalization before each activation function, or at the beginning of each branch. */
  readonly normalization: LabNormalization;
  /** The factor on the output of a residual branch. */
  readonly branchScale: number;
}

export interface NetworkSpec extends NetworkShape {
  readonly activation: ActivationFunction;
}

/** The weights of a layer. */
export interface Weights {
  /** A row for each output; a column for each output if `transposed`. */
  readonly values: Float32Array;
  readonly transposed: boolean;
  /** For a convolution: whether the taps of one input are adjacent, or else the inputs of one tap. */
  readonly tapsInside: boolean;
}

/** Draws the weights of a layer. The array is valid until the next call. */
export type DrawWeights = (layer: number, part: string) => Weights;

/** Receives the signal (or the gradient) of each layer, and the pre-activations of its activation function. */
export type Observe = (layer: number, signal: Float32Array, preactivation?: Float32Array) => void;

/** What a network computes with. */
export interface NetworkContext {
  readonly products: Products;
  readonly draw: DrawWeights;
  /** Samples times positions. */
  readonly columns: number;
}

/** A network in memory. */
export interface Network {
  forward(input: Float32Array, observe: Observe): void;
  /** Takes the gradient of the last signal and overwrites it. It uses the signals that the last `forward` has kept. */
  backward(gradient: Float32Array, observe: Observe): void;
}

export function network(spec: NetworkSpec, context: NetworkContext): Network {
  if (spec.kind === "attention") return transformer(spec, context);
  return spec.residual ? residual(spec, context) : plain(spec, context);
}

/** The number of matrices of units by columns that a network keeps. */
export const matricesOf = ({ kind, depth }: NetworkShape): number =>
  kind === "attention" ? 2 * depth + 14 : depth + 8;

/** h[l] = W f(normalize(h[l - 1])), where h[1] = W x. */
function plain(spec: NetworkSpec, context: NetworkContext): Network {
  const { depth, width, activation } = spec;
  const { products, columns } = context;
  const linear = linearOf(spec, context);
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

/** x[l] = x[l - 1] + s W f(normalize(x[l - 1])). */
function residual(spec: NetworkSpec, context: NetworkContext): Network {
  const { depth, width, activation, branchScale } = spec;
  const { products, columns } = context;
  const linear = linearOf(spec, context);
  const matrix = () => products.matrix(width, columns);
  const signals = Array.from({ length: depth + 1 }, matrix);
  const signal = (l: number) => signals[l] as Float32Array;
  const [active, preactivation, slope, branch] = [matrix(), matrix(), matrix(), matrix()];
  return {
    forward(input, observe) {
      signal(0).set(input);
      for (let l = 0; l < depth; ++l) {
        normalize(spec, preactivation, signal(l), columns);
        apply(active, preactivation, activation.f);
        linear.forward(branch, active, l, "weight");
        add(signal(l + 1), signal(l), branch, branchScale);
        observe(l, signal(l + 1), preactivation);
      }
    },
    backward(gradient, observe) {
      for (let l = depth - 1; l >= 0; --l) {
        observe(l, gradient);
        const before = signal(l);
        linear.backward(active, gradient, l, "weight");
        normalize(spec, preactivation, before, columns);
        multiplySlope(slope, active, preactivation, activation.derivative);
        normalizeBackward(spec, branch, slope, before, preactivation, columns);
        add(gradient, gradient, branch, branchScale);
      }
    },
  };
}

/**
 * y = x + s O attention(normalize(x)), then z = y + s W2 f(W1 normalize(y)): a block with one head. All of its layers have
 * the width of the residual signal.
 */
function transformer(spec: NetworkSpec, context: NetworkContext): Network {
  const { depth, width, activation, branchScale } = spec;
  const { products, columns } = context;
  const linear = linearOf({ ...spec, kind: "dense" }, context);
  const matrix = () => products.matrix(width, columns);
  const signals = Array.from({ length: 2 * depth + 1 }, matrix);
  const signal = (i: number) => signals[i] as Float32Array;
  const [normalized, query, key, value] = [matrix(), matrix(), matrix(), matrix()];
  const [mixed, hidden, active] = [matrix(), matrix(), matrix()];
  const [a, b, c] = [matrix(), matrix(), matrix()];
  const head = attention(width, columns);
  const attend = (l: number) => {
    linear.forward(query, normalized, l, "query");
    linear.forward(key, normalized, l, "key");
    linear.forward(value, normalized, l, "value");
    head.forward(mixed, query, key, value);
  };
  return {
    forward(input, observe) {
      signal(0).set(input);
      for (let l = 0; l < depth; ++l) {
        const [x, y, z] = [signal(2 * l), signal(2 * l + 1), signal(2 * l + 2)];
        normalize(spec, normalized, x, columns);
        attend(l);
        linear.forward(a, mixed, l, "output");
        add(y, x, a, branchScale);
        normalize(spec, normalized, y, columns);
        linear.forward(hidden, normalized, l, "up");
        apply(active, hidden, activation.f);
        linear.forward(a, active, l, "down");
        add(z, y, a, branchScale);
        observe(l, z, hidden);
      }
    },
    backward(gradient, observe) {
      for (let l = depth - 1; l >= 0; --l) {
        observe(l, gradient);
        const [x, y] = [signal(2 * l), signal(2 * l + 1)];
        normalize(spec, normalized, y, columns);
        linear.forward(hidden, normalized, l, "up");
        linear.backward(a, gradient, l, "down");
        multiplySlope(b, a, hidden, activation.derivative);
        linear.backward(a, b, l, "up");
        normalizeBackward(spec, b, a, y, normalized, columns);
        add(gradient, gradient, b, branchScale);

        normalize(spec, normalized, x, columns);
        attend(l);
        linear.backward(hidden, gradient, l, "output");
        head.backward([a, b, c], hidden, query, key, value);
        linear.backward(mixed, a, l, "query");
        linear.backward(active, b, l, "key");
        add(mixed, mixed, active, 1);
        linear.backward(active, c, l, "value");
        add(mixed, mixed, active, 1);
        normalizeBackward(spec, a, mixed, x, normalized, columns);
        add(gradient, gradient, a, branchScale);
      }
    },
  };
}

interface Linear {
  /** to = W from */
  forward(to: Float32Array, from: Float32Array, layer: number, part: string): void;
  /** to = W' from */
  backward(to: Float32Array, from: Float32Array, layer: number, part: string): void;
}

function linearOf({ kind, width }: NetworkShape, { products, draw, columns }: NetworkContext): Linear {
  if (kind !== "convolution") {
    return {
      forward(to, from, layer, part) {
        const { values, transposed } = draw(layer, part);
        products.multiply(to, { values, rows: width, columns: width, transposed }, from, columns);
      },
      backward(to, from, layer, part) {
        const { values, transposed } = draw(layer, part);
        products.multiply(to, { values, rows: width, columns: width, transposed: !transposed }, from, columns);
      },
    };
  }
  const patches = products.matrix(TAPS * width, columns);
  const inputs = TAPS * width;
  return {
    forward(to, from, layer, part) {
      const { values, transposed, tapsInside } = draw(layer, part);
      unfold(patches, from, width, columns, tapsInside);
      products.multiply(to, { values, rows: width, columns: inputs, transposed }, patches, columns);
    },
    backward(to, from, layer, part) {
      const { values, transposed, tapsInside } = draw(layer, part);
      products.multiply(patches, { values, rows: inputs, columns: width, transposed: !transposed }, from, columns);
      fold(to, patches, width, columns, tapsInside);
    },
  };
}

function apply(to: Float32Array, from: Float32Array, f: (x: number) => number): void {
  for (let i = 0; i < to.length; ++i) to[i] = f(from[i] as number);
}

/** to = from f'(preactivation) */
function multiplySlope(
  to: Float32Array,
  from: Float32Array,
  preactivation: Float32Array,
  derivative: (x: number) => number,
): void {
  for (let i = 0; i < to.length; ++i) to[i] = (from[i] as number) * derivative(preactivation[i] as number);
}

/** to = a + scale b */
function add(to: Float32Array, a: Float32Array, b: Float32Array, scale: number): void {
  for (let i = 0; i < to.length; ++i) to[i] = (a[i] as number) + scale * (b[i] as number);
}
