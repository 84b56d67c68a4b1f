/** The linear layers of a network, forward and backward, and what is done to signals element by element. */
import { columnsOf, type Products } from "../engine/product.js";
import type { Floats } from "../kernel/matmul.js";
import { fold, TAPS, unfold } from "./patches.js";
import type { NetworkKind } from "./spec.js";

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
/** Draws the biases of a layer, one for each unit. The array is valid until the next call. */
export type DrawBiases = (layer: number, part: string) => Float32Array;

/** What a network computes with. */
export interface NetworkContext {
  readonly products: Products;
  readonly draw: DrawWeights;
  /** Undefined for layers without biases. */
  readonly drawBiases?: DrawBiases | undefined;
  /** Samples times positions. */
  readonly columns: number;
}

export interface Linear {
  /** to = W from + b */
  forward(to: Float32Array, from: Float32Array, layer: number, part: string): void;
  /** to = W' from */
  backward(to: Float32Array, from: Float32Array, layer: number, part: string): void;
}

export function linearOf(kind: NetworkKind, width: number, context: NetworkContext): Linear {
  const weighted = kind === "convolution" ? convolution(width, context) : dense(width, context);
  const { drawBiases, columns } = context;
  if (drawBiases === undefined) return weighted;
  return {
    ...weighted,
    forward(to, from, layer, part) {
      weighted.forward(to, from, layer, part);
      addBiases(to, drawBiases(layer, part), width, columnsOf(columns));
    },
  };
}

function dense(width: number, { products, draw, columns }: NetworkContext): Linear {
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

function convolution(width: number, { products, draw, columns }: NetworkContext): Linear {
  const inputs = TAPS * width;
  const patches = products.matrix(inputs, columns);
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

function addBiases(to: Floats, biases: Floats, width: number, stride: number): void {
  for (let i = 0; i < width; ++i) {
    for (let j = i * stride; j < (i + 1) * stride; ++j) to[j] = (to[j] as number) + (biases[i] as number);
  }
}

export function apply(to: Floats, from: Floats, f: (x: number) => number): void {
  for (let i = 0; i < to.length; ++i) to[i] = f(from[i] as number);
}

/** to = from f'(preactivation) */
export function multiplySlope(
  to: Floats,
  from: Floats,
  preactivation: Floats,
  derivative: (x: number) => number,
): void {
  for (let i = 0; i < to.length; ++i) to[i] = (from[i] as number) * derivative(preactivation[i] as number);
}

/** to = a + scale b */
export function add(to: Floats, a: Floats, b: Floats, scale: number): void {
  for (let i = 0; i < to.length; ++i) to[i] = (a[i] as number) + scale * (b[i] as number);
}
