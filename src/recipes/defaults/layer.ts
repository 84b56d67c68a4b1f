/** Layers and their weights: the types of `defaults`, what a framework's file holds, and what several of them share. */

import { uniform, zeros } from "../../scheme/named.js";
import type { Scheme } from "../../scheme/options.js";

/**
 * The frameworks whose defaults are known. `torch`: PyTorch 2; `keras`: Keras (August 2026); `flax`: Flax linen (July 2026);
 * `tfjs`: TensorFlow.js 4.22; `mlx`: MLX (August 2026).
 */
export type Framework = "torch" | "keras" | "flax" | "tfjs" | "mlx";

/** One weight of a layer. */
export interface LayerWeight {
  /** Lengths of its axes, in the framework's order. */
  readonly shape: readonly number[];
  /** The scheme from which the framework starts it. */
  readonly scheme: Scheme;
}

type BiasOf<Name extends string> = Extract<Name, `${string}bias${string}`>;

/** The weights of a layer, under the framework's own names for them. Biases are there unless `bias` is false. */
export type LayerWeights<Name extends string, Shape> = {
  readonly [N in Exclude<Name, BiasOf<Name>>]: LayerWeight;
} & ("bias" extends keyof Shape
  ? Shape["bias"] extends true
    ? { readonly [N in BiasOf<Name>]: LayerWeight }
    : { readonly [N in BiasOf<Name>]?: LayerWeight }
  : { readonly [N in BiasOf<Name>]: LayerWeight });

interface Biased {
  /** Whether the layer has biases. Default true; false for attention in MLX. */
  readonly bias?: boolean | undefined;
}

/** The shape of a dense layer. */
export interface DenseShape extends Biased {
  /** Number of inputs. */
  readonly in: number;
  /** Number of outputs. */
  readonly out: number;
}

/** The shape of a convolution with one, two or three spatial axes. `in` and `out` are numbers of channels. */
export interface ConvolutionShape extends DenseShape {
  /** Length of the kernel along each spatial axis, such as [3, 3]. */
  readonly kernel: readonly number[];
  /** Number of groups, a divisor of `in` and of `out`. Default 1. */
  readonly groups?: number | undefined;
}

/** The shape of an embedding. */
export interface EmbeddingShape {
  /** Number of tokens. */
  readonly count: number;
  /** Length of a token's vector. */
  readonly width: number;
}

/** The shape of a recurrent layer. */
export interface RecurrentShape extends Biased {
  /** The kind of cell. */
  readonly cell: "rnn" | "lstm" | "gru";
  /** Number of inputs. */
  readonly in: number;
  /** Number of units, the length of the state. */
  readonly hidden: number;
}

/** The shape of a self-attention layer, whose heads have width / heads numbers each. */
export interface AttentionShape extends Biased {
  /** Length of a token's vector. */
  readonly width: number;
  /** Number of heads, a divisor of the width. */
  readonly heads: number;
}

/** The shape of a layer or batch normalization. */
export interface NormalizationShape {
  /** Number of values with a scale and a bias of their own. */
  readonly width: number;
}

type Projections<Kernel extends string> = `${"query" | "key" | "value"}.${Kernel | "bias"}`;

/** The names of each framework's weights, layer by layer. */
interface Names {
  torch: {
    dense: "weight" | "bias";
    embedding: "weight";
    recurrent: `${"weight" | "bias"}_${"ih" | "hh"}_l0`;
    attention: `in_proj_${"weight" | "bias"}` | `out_proj.${"weight" | "bias"}`;
    normalization: "weight" | "bias";
  };
  keras: {
    dense: "kernel" | "bias";
    embedding: "embeddings";
    recurrent: "kernel" | "recurrent_kernel" | "bias";
    attention: Projections<"kernel"> | `attention_output.${"kernel" | "bias"}`;
    normalization: "gamma" | "beta";
  };
  flax: {
    dense: "kernel" | "bias";
    embedding: "embedding";
    recurrent: string;
    attention: Projections<"kernel"> | `out.${"kernel" | "bias"}`;
    normalization: "scale" | "bias";
  };
  tfjs: Omit<Names["keras"], "attention"> & { attention: never };
  mlx: {
    dense: "weight" | "bias";
    embedding: "weight";
    recurrent: string;
    attention: `${"query" | "key" | "value" | "out"}_proj.${"weight" | "bias"}`;
    normalization: "weight" | "bias";
  };
}

/** MLX's attention has no biases by default. */
type AttentionBias<F extends Framework, Shape> = F extends "mlx"
  ? "bias" extends keyof Shape
    ? Shape
    : Shape & { readonly bias: false }
  : Shape;

/** The layers of a framework. Each method returns the layer's weights, under the framework's names for them. */
export interface Defaults<F extends Framework = Framework> {
  /** A dense layer. @throws TypeError, RangeError naming what is wrong with the shape. */
  dense<const S extends DenseShape>(shape: S): LayerWeights<Names[F]["dense"], S>;
  /** A convolution. @throws TypeError, RangeError naming what is wrong with the shape. */
  convolution<const S extends ConvolutionShape>(shape: S): LayerWeights<Names[F]["dense"], S>;
  /** An embedding. @throws TypeError, RangeError naming what is wrong with the shape. */
  embedding(shape: EmbeddingShape): LayerWeights<Names[F]["embedding"], object>;
  /**
   * A recurrent layer. Flax has a dense layer for each gate: ii, if, ig, io, hi, ... in an LSTM; ir, iz, in, hr, ... in a GRU;
   * i and h in an RNN. The other frameworks pack the gates of a layer in one weight.
   *
   * @throws TypeError, RangeError naming what is wrong with the shape.
   */
  recurrent<const S extends RecurrentShape>(shape: S): LayerWeights<Names[F]["recurrent"], S>;
  /**
   * Self-attention.
   *
   * @throws TypeError, RangeError naming what is wrong with the shape; RangeError for tfjs, which has no such layer.
   */
  attention<const S extends AttentionShape>(shape: S): LayerWeights<Names[F]["attention"], AttentionBias<F, S>>;
  /** Layer or batch normalization. @throws TypeError, RangeError naming what is wrong with the shape. */
  normalization(shape: NormalizationShape): LayerWeights<Names[F]["normalization"], object>;
}

/** Weights under names that the types do not know. */
export type NamedWeights = Readonly<Record<string, LayerWeight>>;

/** What a framework's file holds. Shapes are checked, and biases are always there, except for attention in MLX. */
export interface FrameworkLayers {
  dense(shape: DenseShape): NamedWeights;
  convolution(shape: ConvolutionShape & { readonly groups: number }): NamedWeights;
  embedding(shape: EmbeddingShape): NamedWeights;
  recurrent(shape: RecurrentShape, gates: number): NamedWeights;
  attention(shape: AttentionShape): NamedWeights;
  /** The names of the scale and of the bias. */
  readonly normalization: readonly [string, string];
}

/** U(-bound, bound). */
export const uniformWithin = (bound: number): Scheme => uniform({ low: -bound, high: bound });

export const zeroBias = (shape: readonly number[]): LayerWeight => ({ shape, scheme: zeros() });
