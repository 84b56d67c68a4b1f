/** Layers and their weights: what a framework's defaults are given and return, and what several of them share. */
import type { Scheme } from "../../scheme/options.js";
import { uniform, zeros } from "../../scheme/scheme.js";

/** The frameworks whose defaults are known. */
export type Framework = "torch" | "keras" | "flax" | "tfjs" | "mlx";

/** A weight of a layer: its shape, and the scheme it starts from. */
export interface LayerWeight {
  readonly shape: readonly number[];
  readonly scheme: Scheme;
}

type BiasOf<Name extends string> = Extract<Name, `${string}bias${string}`>;

/** A layer's weights by the framework's own names for them; biases are there unless `bias` is false. */
export type LayerWeights<Name extends string, Shape> = {
  readonly [N in Exclude<Name, BiasOf<Name>>]: LayerWeight;
} & ("bias" extends keyof Shape
  ? Shape["bias"] extends true
    ? { readonly [N in BiasOf<Name>]: LayerWeight }
    : { readonly [N in BiasOf<Name>]?: LayerWeight }
  : { readonly [N in BiasOf<Name>]: LayerWeight });

interface Biased {
  /** Whether the layer has biases. Default true; for MLX's attention false. */
  readonly bias?: boolean;
}

export interface DenseShape extends Biased {
  readonly in: number;
  readonly out: number;
}

export interface ConvolutionShape extends DenseShape {
  /** Kernel size along each axis: one, two or three of them. */
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
    attention: Projections<"kernel"> | `output.${"kernel" | "bias"}`;
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

/** The layers of a framework; each call returns the layer's weights by name. */
export interface Defaults<F extends Framework = Framework> {
  dense<const S extends DenseShape>(shape: S): LayerWeights<Names[F]["dense"], S>;
  convolution<const S extends ConvolutionShape>(shape: S): LayerWeights<Names[F]["dense"], S>;
  embedding(shape: EmbeddingShape): LayerWeights<Names[F]["embedding"], object>;
  /**
   * Flax has a layer for each gate: ii, if, ig, io, hi, ... in an LSTM; ir, iz, in, hr, ... in a GRU; i and h in an RNN.
   */
  recurrent<const S extends RecurrentShape>(shape: S): LayerWeights<Names[F]["recurrent"], S>;
  /**
   * Self-attention with heads of width / heads.
   *
   * @throws RangeError for tfjs, which has no such layer.
   */
  attention<const S extends AttentionShape>(shape: S): LayerWeights<Names[F]["attention"], AttentionBias<F, S>>;
  /** Layer or batch normalization. */
  normalization(shape: NormalizationShape): LayerWeights<Names[F]["normalization"], object>;
}

/** Weights by names that are not known to the types. */
export type NamedWeights = Readonly<Record<string, LayerWeight>>;

/** What a framework's file holds. */
export interface Layers {
  dense(shape: DenseShape): NamedWeights;
  convolution(shape: ConvolutionShape & { readonly groups: number }): NamedWeights;
  embedding(shape: EmbeddingShape): NamedWeights;
  recurrent(shape: RecurrentShape, gates: number): NamedWeights;
  attention(shape: AttentionShape): NamedWeights;
  /** The names of scale and bias. */
  readonly normalization: readonly [string, string];
}

/** U(-bound, bound). */
export const within = (bound: number): Scheme => uniform({ low: -bound, high: bound });

/** A bias of zeros. */
export const zeroBias = (shape: readonly number[]): LayerWeight => ({ shape, scheme: zeros() });
