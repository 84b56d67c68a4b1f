/**
 * Networks that signals and gradients are sent through. Signals are matrices of units by samples; weights are drawn when
 * they are needed and drawn again for the way back, since a draw is cheaper than keeping them.
 */
import type { Products } from "../engine/product.js";
import type { ActivationFunction } from "./activation.js";
import { attention } from "./attention.js";
import { type LabNormalization, normalize, normalizeBack } from "./normalization.js";
import { fold, TAPS, unfold } from "./patches.js";

export type NetworkKind = "dense" | "convolution" | "attention";

export interface Spec {
  readonly kind: NetworkKind;
  readonly depth: number;
  readonly width: number;
  readonly residual: boolean;
  readonly normalization: LabNormalization;
  /** What a branch is multiplied by before it is added. */
  readonly branchScale: number;
  readonly activation: ActivationFunction;
}

/** Weights as rows of outputs: column-major where `transposed`. */
export interface Weights {
  readonly values: Float32Array;
  readonly transposed: boolean;
  /** Of a convolution: whether the taps of one input lie together, or the inputs of one tap. */
  readonly tapsInside: boolean;
}

/** Draws the weights of a layer; the array is good until the next call. */
export type DrawWeights = (layer: number, part: string) => Weights;

/** Told of each layer on the way: its signal (or gradient), and what went into its activation. */
export type Observe = (layer: number, signal: Float32Array, preactivation?: Float32Array) => void;

export interface NetworkSetup {
  readonly products: Products;
  readonly draw: DrawWeights;
  /** Samples, times positions where there are some. */
  readonly columns: number;
}

/** A network's two ways: `backward` after `forward`, with the signals that it kept. */
export interface Ways {
  forward(input: Float32Array, observe: Observe): void;
  /** From the gradient of the last signal. */
  backward(gradient: Float32Array, observe: Observe): void;
}

export function network(spec: Spec, pass: NetworkSetup): Ways {
  return spec.kind === "attention" ? transformer(spec, pass) : spec.residual ? residual(spec, pass) : plain(spec, pass);
}

/** How many matrices of units by columns a network keeps. */
export const matricesOf = ({ kind, depth }: Spec): number => (kind === "attention" ? 2 * depth + 14 : depth + 8);

/** h[l] = W f(norm(h[l - 1])), where h[1] = W x. */
function plain(spec: Spec, pass: NetworkSetup): Ways {
  const { depth, width, activation } = spec;
  const { products, columns } = pass;
  const linear = linearOf(spec, pass);
  const kept = Array.from({ length: depth }, () => products.matrix(width, columns));
  const [active, preactivation, slope] = [0, 1, 2].map(() => products.matrix(width, columns)) as Three;
  return {
    forward(input, observe) {
      for (let l = 0; l < depth; ++l) {
        const signal = kept[l] as Float32Array;
        if (l === 0) linear.forward(signal, input, 0, "weight");
        else {
          normalize(spec, preactivation, kept[l - 1] as Float32Array, columns);
          apply(active, preactivation, activation.f);
          observe(l - 1, kept[l - 1] as Float32Array, preactivation);
          linear.forward(signal, active, l, "weight");
        }
      }
      observe(depth - 1, kept[depth - 1] as Float32Array);
    },
    backward(gradient, observe) {
      observe(depth - 1, gradient);
      for (let l = depth - 1; l > 0; --l) {
        const before = kept[l - 1] as Float32Array;
        linear.backward(active, gradient, l, "weight");
        normalize(spec, preactivation, before, columns);
        times(slope, active, preactivation, activation.derivative);
        normalizeBack(spec, gradient, slope, before, preactivation, columns);
        observe(l - 1, gradient);
      }
    },
  };
}

type Three = [Float32Array, Float32Array, Float32Array];

/** x[l] = x[l - 1] + s W f(norm(x[l - 1])). */
function residual(spec: Spec, pass: NetworkSetup): Ways {
  const { depth, width, activation, branchScale } = spec;
  const { products, columns } = pass;
  const linear = linearOf(spec, pass);
  const kept = Array.from({ length: depth + 1 }, () => products.matrix(width, columns));
  const [active, preactivation, slope] = [0, 1, 2].map(() => products.matrix(width, columns)) as Three;
  const branch = products.matrix(width, columns);
  return {
    forward(input, observe) {
      (kept[0] as Float32Array).set(input);
      for (let l = 0; l < depth; ++l) {
        const [before, after] = [kept[l], kept[l + 1]] as [Float32Array, Float32Array];
        normalize(spec, preactivation, before, columns);
        apply(active, preactivation, activation.f);
        linear.forward(branch, active, l, "weight");
        add(after, before, branch, branchScale);
        observe(l, after, preactivation);
      }
    },
    backward(gradient, observe) {
      for (let l = depth - 1; l >= 0; --l) {
        observe(l, gradient);
        const before = kept[l] as Float32Array;
        linear.backward(active, gradient, l, "weight");
        normalize(spec, preactivation, before, columns);
        times(slope, active, preactivation, activation.derivative);
        normalizeBack(spec, branch, slope, before, preactivation, columns);
        add(gradient, gradient, branch, branchScale);
      }
    },
  };
}

/** x + s O attention(norm(x)), then x + s W2 f(W1 norm(x)): a block of one head, whose layers are all as wide as the stream. */
function transformer(spec: Spec, pass: NetworkSetup): Ways {
  const { depth, width, activation, branchScale } = spec;
  const { products, columns } = pass;
  const linear = linearOf({ ...spec, kind: "dense" }, pass);
  const make = () => products.matrix(width, columns);
  const kept = Array.from({ length: 2 * depth + 1 }, make);
  const [normed, query, key, value, mixed, hidden, active] = Array.from({ length: 7 }, make) as Float32Array[] as Seven;
  const [a, b, c] = [make(), make(), make()];
  const heads = attention(width, columns);
  const project = (l: number) => {
    linear.forward(query, normed, l, "query");
    linear.forward(key, normed, l, "key");
    linear.forward(value, normed, l, "value");
    heads.forward(mixed, query, key, value);
  };
  return {
    forward(input, observe) {
      (kept[0] as Float32Array).set(input);
      for (let l = 0; l < depth; ++l) {
        const [x, y, z] = kept.slice(2 * l, 2 * l + 3) as Three;
        normalize(spec, normed, x, columns);
        project(l);
        linear.forward(a, mixed, l, "output");
        add(y, x, a, branchScale);
        normalize(spec, normed, y, columns);
        linear.forward(hidden, normed, l, "up");
        apply(active, hidden, activation.f);
        linear.forward(a, active, l, "down");
        add(z, y, a, branchScale);
        observe(l, z, hidden);
      }
    },
    backward(gradient, observe) {
      for (let l = depth - 1; l >= 0; --l) {
        observe(l, gradient);
        const [x, y] = kept.slice(2 * l, 2 * l + 2) as Three;
        normalize(spec, normed, y, columns);
        linear.forward(hidden, normed, l, "up");
        linear.backward(a, gradient, l, "down");
        times(b, a, hidden, activation.derivative);
        linear.backward(a, b, l, "up");
        normalizeBack(spec, b, a, y, normed, columns);
        add(gradient, gradient, b, branchScale);

        normalize(spec, normed, x, columns);
        project(l);
        linear.backward(hidden, gradient, l, "output");
        heads.backward([a, b, c], hidden, query, key, value);
        linear.backward(mixed, a, l, "query");
        linear.backward(active, b, l, "key");
        add(mixed, mixed, active, 1);
        linear.backward(active, c, l, "value");
        add(mixed, mixed, active, 1);
        normalizeBack(spec, a, mixed, x, normed, columns);
        add(gradient, gradient, a, branchScale);
      }
    },
  };
}

type Seven = [...Three, ...Three, Float32Array];

interface Linear {
  /** to = W from */
  forward(to: Float32Array, from: Float32Array, layer: number, part: string): void;
  /** to = W' from */
  backward(to: Float32Array, from: Float32Array, layer: number, part: string): void;
}

function linearOf({ kind, width }: Spec, { products, draw, columns }: NetworkSetup): Linear {
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

/** to = from f'(into) */
function times(to: Float32Array, from: Float32Array, preactivation: Float32Array, f: (x: number) => number): void {
  for (let i = 0; i < to.length; ++i) to[i] = (from[i] as number) * f(preactivation[i] as number);
}

function add(to: Float32Array, a: Float32Array, b: Float32Array, scale: number): void {
  for (let i = 0; i < to.length; ++i) to[i] = (a[i] as number) + scale * (b[i] as number);
}
