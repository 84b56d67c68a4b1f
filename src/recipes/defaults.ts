/**
 * What each framework starts its layers from when nobody says otherwise: names, shapes and schemes of a layer's weights.
 * Read from the sources of PyTorch 2 (torch/nn/modules), Keras (August 2026), Flax linen (July 2026), TensorFlow.js 4.22
 * and MLX (August 2026).
 */
import { checkBoolean, checkOneOf, checkOptions, checkPositive, wrongType, wrongValue } from "../check.js";
import { truncatedStd } from "../math/truncation.js";
import type { Scheme } from "../scheme/options.js";
import {
  glorotUniform,
  lecunNormal,
  normal,
  ones,
  orthogonal,
  uniform,
  varianceScaling,
  xavierUniform,
  zeros,
} from "../scheme/scheme.js";
import { sizeOf } from "../shape.js";
import { forgetBias } from "./recurrent.js";

export type Framework = "torch" | "keras" | "flax" | "tfjs" | "mlx";
const FRAMEWORKS: readonly Framework[] = ["torch", "keras", "flax", "tfjs", "mlx"];

/** A layer's weights by the framework's own names for them. */
export type LayerWeights = Readonly<Record<string, { readonly shape: readonly number[]; readonly scheme: Scheme }>>;

interface Biased {
  /** Default true; of MLX's attention false. */
  readonly bias?: boolean;
}

export interface DenseShape extends Biased {
  readonly in: number;
  readonly out: number;
}

export interface ConvolutionShape extends DenseShape {
  /** Its length along each axis: one, two or three of them. */
  readonly kernel: readonly number[];
  /** Default 1. */
  readonly groups?: number;
}

export interface EmbeddingShape {
  /** Words. */
  readonly count: number;
  readonly width: number;
}

export interface RecurrentShape extends Biased {
  readonly cell: "rnn" | "lstm" | "gru";
  readonly in: number;
  readonly hidden: number;
}

export interface AttentionShape extends Biased {
  readonly width: number;
  /** A divisor of the width. */
  readonly heads: number;
}

export interface NormalizationShape {
  readonly width: number;
}

export interface Defaults {
  dense(shape: DenseShape): LayerWeights;
  convolution(shape: ConvolutionShape): LayerWeights;
  embedding(shape: EmbeddingShape): LayerWeights;
  /** In Flax a layer for each gate: ii, if, ig, io, hi, ... of an LSTM; ir, iz, in, hr, ... of a GRU; i and h of an RNN. */
  recurrent(shape: RecurrentShape): LayerWeights;
  /** Self-attention with heads of width / heads. @throws RangeError for tfjs, which has no such layer. */
  attention(shape: AttentionShape): LayerWeights;
  /** Layer or batch normalization. */
  normalization(shape: NormalizationShape): LayerWeights;
}

/** The framework's layers: `defaults("torch").linear({ in: 784, out: 512 }).weight` is `{ shape: [512, 784], scheme }`. */
export function defaults(framework: Framework): Defaults {
  const make = LAYERS[checkOneOf("framework", framework, FRAMEWORKS)];
  return {
    dense(shape) {
      checkOptions("shape", shape, ["in", "out", "bias"]);
      checkSizes(shape, ["in", "out"]);
      return withBias(make.dense(shape), shape.bias);
    },
    convolution(shape) {
      checkOptions("shape", shape, ["in", "out", "kernel", "groups", "bias"]);
      const groups = shape.groups ?? 1;
      checkSizes({ ...shape, groups }, ["in", "out", "groups"]);
      if (!Array.isArray(shape.kernel)) throw wrongType("kernel", "a list of lengths", shape.kernel);
      shape.kernel.forEach((length, i) => void checkPositive(`kernel[${i}]`, length));
      for (const name of ["in", "out"] as const) {
        if (shape[name] % groups !== 0) throw wrongValue("groups", `a divisor of ${name} (${shape[name]})`, groups);
      }
      return withBias(make.convolution({ ...shape, groups }), shape.bias);
    },
    embedding(shape) {
      checkOptions("shape", shape, ["count", "width"]);
      checkSizes(shape, ["count", "width"]);
      return make.embedding(shape);
    },
    recurrent(shape) {
      checkOptions("shape", shape, ["cell", "in", "hidden", "bias"]);
      checkSizes(shape, ["in", "hidden"]);
      const gates = GATES[checkOneOf("cell", shape.cell, ["rnn", "lstm", "gru"])];
      return withBias(make.recurrent(shape, gates), shape.bias);
    },
    attention(shape) {
      checkOptions("shape", shape, ["width", "heads", "bias"]);
      checkSizes(shape, ["width", "heads"]);
      const { width, heads } = shape;
      if (width % heads !== 0) throw wrongValue("heads", `a divisor of the width (${width})`, heads);
      return withBias(make.attention(shape), shape.bias);
    },
    normalization(shape) {
      checkOptions("shape", shape, ["width"]);
      checkSizes(shape, ["width"]);
      const [scale, bias] = make.normalization;
      return { [scale]: { shape: [shape.width], scheme: ones() }, [bias]: { shape: [shape.width], scheme: zeros() } };
    },
  };
}

const GATES = { rnn: 1, lstm: 4, gru: 3 } as const;

function checkSizes(shape: object, names: readonly string[]): void {
  for (const name of names) checkPositive(name, (shape as Record<string, unknown>)[name]);
}

/** Without biases, if none are wanted; MLX calls those of a GRU b and bhn, all others have "bias" in their names. */
function withBias(weights: LayerWeights, bias: boolean | undefined): LayerWeights {
  if (bias === undefined || checkBoolean("bias", bias)) return weights;
  return Object.fromEntries(Object.entries(weights).filter(([name]) => !/bias|^b(hn)?$/.test(name)));
}

interface Layers {
  dense(shape: DenseShape): LayerWeights;
  convolution(shape: ConvolutionShape & { readonly groups: number }): LayerWeights;
  embedding(shape: EmbeddingShape): LayerWeights;
  recurrent(shape: RecurrentShape, gates: number): LayerWeights;
  attention(shape: AttentionShape): LayerWeights;
  /** The names of scale and bias. */
  readonly normalization: readonly [string, string];
}

const within = (bound: number): Scheme => uniform({ low: -bound, high: bound });
const unsupported = (what: string): never => {
  throw new RangeError(what);
};

/** Biases of zeros beside each weight, of this shape. */
const zeroBias = (shape: readonly number[]) => ({ shape, scheme: zeros() });

/** `kaiming_uniform_(a=sqrt(5))`: U(-b, b) with b = 1 / sqrt(fan in), and so are the biases. */
const torchUniform = varianceScaling({ scale: 1 / 3, mode: "fan_in", distribution: "uniform", layout: "oi" });

const torch: Layers = {
  dense: ({ in: inputs, out }) => ({
    weight: { shape: [out, inputs], scheme: torchUniform },
    bias: { shape: [out], scheme: within(1 / Math.sqrt(inputs)) },
  }),
  convolution: ({ in: inputs, out, kernel, groups }) => ({
    weight: { shape: [out, inputs / groups, ...kernel], scheme: torchUniform },
    bias: { shape: [out], scheme: within(1 / Math.sqrt((inputs / groups) * sizeOf(kernel))) },
  }),
  embedding: ({ count, width }) => ({ weight: { shape: [count, width], scheme: normal({ std: 1 }) } }),
  recurrent({ in: inputs, hidden }, gates) {
    const scheme = within(1 / Math.sqrt(hidden));
    return {
      weight_ih_l0: { shape: [gates * hidden, inputs], scheme },
      weight_hh_l0: { shape: [gates * hidden, hidden], scheme },
      bias_ih_l0: { shape: [gates * hidden], scheme },
      bias_hh_l0: { shape: [gates * hidden], scheme },
    };
  },
  attention: ({ width }) => ({
    // Its fans are those of the packed matrix: two thirds of the variance that each of the three would have.
    in_proj_weight: { shape: [3 * width, width], scheme: xavierUniform() },
    in_proj_bias: zeroBias([3 * width]),
    "out_proj.weight": { shape: [width, width], scheme: torchUniform },
    "out_proj.bias": zeroBias([width]),
  }),
  normalization: ["weight", "bias"],
};

/** Kernels by one scheme for each place, biases of zeros: what Keras, Flax and TensorFlow.js have in common. */
function kernels(framework: string, dense: Scheme, convolution: Scheme, embedding: Layers["embedding"]): Layers {
  return {
    dense: ({ in: inputs, out }) => ({ kernel: { shape: [inputs, out], scheme: dense }, bias: zeroBias([out]) }),
    convolution: ({ in: inputs, out, kernel, groups }) => ({
      kernel: { shape: [...kernel, inputs / groups, out], scheme: convolution },
      bias: zeroBias([out]),
    }),
    embedding,
    recurrent: framework === "flax" ? flaxCell(dense) : kerasCell(dense, framework === "keras"),
    attention({ width, heads }) {
      const size = width / heads;
      const { layout: _, ...options } = dense as { layout?: unknown };
      const from = { ...options, axes: { in: 0, out: [1, 2] } } as unknown as Scheme;
      const to = { ...options, axes: { in: [0, 1], out: 2 } } as unknown as Scheme;
      const each = (name: string) => ({
        [`${name}.kernel`]: { shape: [width, heads, size], scheme: from },
        [`${name}.bias`]: zeroBias([heads, size]),
      });
      return {
        ...each("query"),
        ...each("key"),
        ...each("value"),
        [framework === "flax" ? "out.kernel" : "output.kernel"]: { shape: [heads, size, width], scheme: to },
        [framework === "flax" ? "out.bias" : "output.bias"]: zeroBias([width]),
      };
    },
    normalization: framework === "flax" ? ["scale", "bias"] : ["gamma", "beta"],
  };
}

/** Gates packed in one kernel. A GRU of Keras has biases for the inputs and for the recurrent part. */
function kerasCell(dense: Scheme, resets: boolean): Layers["recurrent"] {
  return ({ cell, in: inputs, hidden }, gates) => ({
    kernel: { shape: [inputs, gates * hidden], scheme: dense },
    recurrent_kernel: { shape: [hidden, gates * hidden], scheme: orthogonal() },
    bias:
      cell === "lstm"
        ? { shape: [4 * hidden], scheme: forgetBias({ order: "keras" }) }
        : zeroBias(cell === "gru" && resets ? [2, 3 * hidden] : [gates * hidden]),
  });
}

const FLAX_GATES = { rnn: [""], lstm: ["i", "f", "g", "o"], gru: ["r", "z", "n"] } as const;

/** A layer for each gate. The biases are those of h in an LSTM, of i in an RNN, of i and of hn in a GRU. */
function flaxCell(dense: Scheme): Layers["recurrent"] {
  return ({ cell, in: inputs, hidden }) =>
    Object.fromEntries(
      FLAX_GATES[cell].flatMap((gate) =>
        [
          { name: `i${gate}`, rows: inputs, scheme: dense, biased: cell !== "lstm" },
          { name: `h${gate}`, rows: hidden, scheme: orthogonal(), biased: cell === "lstm" || gate === "n" },
        ].flatMap(({ name, rows, scheme, biased }) => [
          [`${name}.kernel`, { shape: [rows, hidden], scheme }] as const,
          ...(biased ? [[`${name}.bias`, zeroBias([hidden])] as const] : []),
        ]),
      ),
    );
}

const keras = kernels("keras", glorotUniform(), glorotUniform({ compat: "keras" }), ({ count, width }) => ({
  embeddings: { shape: [count, width], scheme: within(0.05) },
}));

const flax = kernels("flax", lecunNormal(), lecunNormal({ compat: "jax" }), ({ count, width }) => ({
  embedding: { shape: [count, width], scheme: normal({ std: 1 / Math.sqrt(width) }) },
}));

/** TensorFlow.js cuts at 2 std without making up for it: 0.7737 of the variance that Glorot's law has. */
const CUT = truncatedStd(-2, 2);
const tfjsGlorot = varianceScaling({ scale: CUT * CUT, mode: "fan_avg", distribution: "truncated", layout: "io" });

const tfjs: Layers = {
  ...kernels("tfjs", tfjsGlorot, tfjsGlorot, ({ count, width }) => ({
    embeddings: { shape: [count, width], scheme: within(0.05) },
  })),
  attention: () => unsupported("framework: expected one with attention, got tfjs, which has no such layer"),
};

const mlx: Layers = {
  dense: torch.dense,
  convolution: ({ in: inputs, out, kernel, groups }) => ({
    weight: {
      shape: [out, ...kernel, inputs / groups],
      scheme: within(1 / Math.sqrt((inputs / groups) * sizeOf(kernel))),
    },
    bias: zeroBias([out]),
  }),
  embedding: ({ count, width }) => ({
    weight: { shape: [count, width], scheme: normal({ std: 1 / Math.sqrt(width) }) },
  }),
  recurrent({ cell, in: inputs, hidden }, gates) {
    const scheme = within(1 / Math.sqrt(hidden));
    return {
      [cell === "rnn" ? "Wxh" : "Wx"]: { shape: [gates * hidden, inputs], scheme },
      [cell === "rnn" ? "Whh" : "Wh"]: { shape: [gates * hidden, hidden], scheme },
      [cell === "gru" ? "b" : "bias"]: { shape: [gates * hidden], scheme },
      ...(cell === "gru" ? { bhn: { shape: [hidden], scheme } } : {}),
    };
  },
  attention({ width, bias = false }) {
    const names = ["query", "key", "value", "out"];
    const weights = names.map(
      (name) => [`${name}_proj.weight`, { shape: [width, width], scheme: torchUniform }] as const,
    );
    const biases = names.map(
      (name) => [`${name}_proj.bias`, { shape: [width], scheme: within(1 / Math.sqrt(width)) }] as const,
    );
    return Object.fromEntries(bias ? [...weights, ...biases] : weights);
  },
  normalization: ["weight", "bias"],
};

const LAYERS: Readonly<Record<Framework, Layers>> = { torch, keras, flax, tfjs, mlx };
