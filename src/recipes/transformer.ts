/**
 * Initializations of whole transformers, as data: a scheme for each kind of weight. All take depth or width into account,
 * so that the residual stream, a sum over layers, neither drowns its input nor shuts the gradient out.
 */
import { checkCount, checkNotNegative, checkOptions, checkPositive, wrongValue } from "../check.js";
import { exp, log, pow } from "../math/functions.js";
import type { Scheme } from "../scheme/options.js";
import { normal, ones, truncatedNormal, xavierNormal, xavierUniform, zeros } from "../scheme/scheme.js";
import type { Recipe } from "./recipe.js";

/** `output` and `down` are the last layers of attention and of the feed-forward network: what is added to the stream. */
export type TransformerWeight =
  | "embedding"
  | "position"
  | "query"
  | "key"
  | "value"
  | "output"
  | "up"
  | "down"
  | "head"
  | "bias"
  | "scale";

/**
 * A gated feed-forward network's gate is drawn like `up`; a packed projection by `split`. `residual` multiplies the skip
 * connection before a branch is added to it; it is 1 where a recipe says nothing.
 */
export type TransformerRecipe = Recipe<TransformerWeight, never, "residual">;

interface Parts {
  readonly embedding: Scheme;
  readonly position?: Scheme;
  /** query and key */
  readonly match: Scheme;
  readonly value: Scheme;
  readonly output: Scheme;
  readonly up: Scheme;
  readonly down: Scheme;
  readonly head?: Scheme;
}

function recipe({ match, ...parts }: Parts, source: string, residual = 1): TransformerRecipe {
  const { embedding, position = embedding, head = embedding } = parts;
  const weights = { ...parts, query: match, key: match, position, head, bias: zeros(), scale: ones() };
  return { weights, scalars: {}, multipliers: { residual }, source };
}

/** One law for all weights but those that are added to the stream. */
const withLast = (last: Scheme, all: Scheme, source: string): TransformerRecipe =>
  recipe({ embedding: all, match: all, value: all, output: last, up: all, down: last }, source);

export interface Gpt2Options {
  /** Blocks, each with two branches. */
  readonly layers: number;
  /** Default 0.02. */
  readonly std?: number;
}

/**
 * N(0, std^2), the last layers of branches with std / sqrt(2 layers). Radford et al., Language models are unsupervised
 * multitask learners, 2019, section 2.3; Shoeybi et al., Megatron-LM, 2019.
 */
export function gpt2(options: Gpt2Options): TransformerRecipe {
  const { layers, std } = checked(options, ["layers"], ["std"]);
  const all = normal({ std });
  const last = normal({ std: std / Math.sqrt(2 * layers) });
  return withLast(last, all, "Radford et al., Language models are unsupervised multitask learners, 2019, section 2.3");
}
/** The same, under the name of Shoeybi et al., 2019. */
export const megatron = gpt2;

export interface DepthScaledOptions {
  /** The block's index, from 0. */
  readonly layer: number;
  /** Default 0.02. */
  readonly std?: number;
}

/**
 * As `gpt2`, but the last layers of block l have std / sqrt(2 (l + 1)): the earlier, the larger. After Zhang, Titov and
 * Sennrich, Improving deep transformer with depth-scaled initialization, 2019, who scale all of a block's
 * weights by 1 / sqrt(l); in this form in torchtitan.
 */
export function depthScaled(options: DepthScaledOptions): TransformerRecipe {
  const { layer, std } = checked(options, [], ["layer", "std"]);
  const all = normal({ std });
  const last = normal({ std: std / Math.sqrt(2 * (layer + 1)) });
  return withLast(
    last,
    all,
    "Zhang, Titov, Sennrich, Improving deep transformer with depth-scaled initialization, 2019",
  );
}

export interface SmallInitOptions {
  /** Of the residual stream. */
  readonly width: number;
  /** With it, the last layers of branches have Wang's 2 / (layers sqrt(width)). */
  readonly layers?: number;
}

/**
 * N(0, 2 / (5 width)): Nguyen and Salazar, Transformers without tears, 2019 (SmallInit). With `layers` the
 * last layers of branches have std 2 / (layers sqrt(width)): Wang and Komatsuzaki, mesh-transformer-jax, 2021, as
 * GPT-NeoX has it.
 */
export function smallInit(options: SmallInitOptions): TransformerRecipe {
  const { width } = checked(options, ["width"], ["layers"]);
  const all = normal({ std: Math.sqrt(2 / (5 * width)) });
  const { layers } = options;
  const last = layers === undefined ? all : normal({ std: 2 / (checkPositive("layers", layers) * Math.sqrt(width)) });
  return withLast(
    last,
    all,
    "Nguyen, Salazar, Transformers without tears: improving the normalization of self-attention, 2019",
  );
}

export interface MitchellOptions {
  /** Of the residual stream. */
  readonly width: number;
  /** Of the feed-forward network. Default 4 width. */
  readonly hidden?: number;
  /** The block's index, from 0. */
  readonly layer: number;
}

/**
 * Std 1 / sqrt(fan in), and the last layers of block l divided by sqrt(2 (l + 1)), cut at 3 std: Groeneveld et al., OLMo,
 * 2024 ("mitchell" in its code).
 */
export function mitchell(options: MitchellOptions): TransformerRecipe {
  const { width, layer } = checked(options, ["width"], ["layer", "hidden"]);
  const hidden = options.hidden === undefined ? 4 * width : checkPositive("hidden", options.hidden);
  const cut = (variance: number) => truncatedNormal({ std: Math.sqrt(variance), low: -3, high: 3 });
  const all = cut(1 / width);
  return recipe(
    {
      embedding: all,
      match: all,
      value: all,
      output: cut(1 / (2 * width * (layer + 1))),
      up: all,
      down: cut(1 / (2 * hidden * (layer + 1))),
    },
    "Groeneveld et al., OLMo: accelerating the science of language models, 2024",
  );
}

export interface StackOptions {
  /** Of an encoder; alone, the model has no decoder. */
  readonly encoder?: number;
  /** Of a decoder; alone, the model has no encoder. */
  readonly decoder?: number;
}

/** A recipe for each stack that the model has. */
export interface StackRecipes {
  readonly encoder?: TransformerRecipe;
  readonly decoder?: TransformerRecipe;
}

/**
 * Xavier's normal law with gain beta for value, output, up and down, gain 1 for query and key, and a stream multiplied by
 * alpha before it is normalized. Wang et al., DeepNet: scaling transformers to 1,000 layers, 2022, figure 2:
 *
 * | | alpha | beta |
 * |---|---|---|
 * | encoder of N alone, decoder alone | (2N)^(1/4) | (8N)^(-1/4) |
 * | encoder of N beside a decoder of M | 0.81 (N^4 M)^(1/16) | 0.87 (N^4 M)^(-1/16) |
 * | decoder of M beside an encoder | (3M)^(1/4) | (12M)^(-1/4) |
 *
 * The authors' code (torchscale) divides the encoder's weights by (N^4 M)^(1/16) / 1.15, so has 1.15 where the paper has
 * 0.87, its inverse. The paper's is taken: beta follows from a bound on the update, which 1.15 breaks.
 */
export function deepNorm(options: StackOptions): StackRecipes {
  const source = "Wang et al., DeepNet: scaling transformers to 1,000 layers, 2022, figure 2";
  const make = (alpha: number, beta: number) => scaled(beta, source, alpha);
  return stacks(options, {
    alone: (n) => make(pow(2 * n, 0.25), pow(8 * n, -0.25)),
    encoder: (n, m) => {
      const root = exp((4 * log(n) + log(m)) / 16); // n^4 alone may be too large for a double
      return make(0.81 * root, 0.87 / root);
    },
    decoder: (m) => make(pow(3 * m, 0.25), pow(12 * m, -0.25)),
  });
}

/**
 * Xavier's normal law with gain gamma for value, output, up and down, in networks that normalize inside each branch as
 * well (Sub-LN). Wang et al., Foundation transformers, 2022: gamma = sqrt(ln 2N) alone; beside each other
 * sqrt(ln(3M) ln(2N) / 3) in the encoder and sqrt(ln 3M) in the decoder.
 */
export function subLN(options: StackOptions): StackRecipes {
  const source = "Wang et al., Foundation transformers, 2022";
  return stacks(options, {
    alone: (n) => scaled(Math.sqrt(log(2 * n)), source),
    encoder: (n, m) => scaled(Math.sqrt((log(3 * m) * log(2 * n)) / 3), source),
    decoder: (m) => scaled(Math.sqrt(log(3 * m)), source),
  });
}

export interface TFixupOptions extends StackOptions {
  /** Of the residual stream. */
  readonly width: number;
}

/**
 * For transformers without normalization and warm-up: Xavier's uniform law; value, output, up, down and the embeddings
 * (N(0, 1 / width)) scaled by 0.67 N^(-1/4) in an encoder of N layers, and by (9M)^(-1/4) in a decoder of M, embeddings
 * in both by the latter. Huang et al., Improving transformer optimization through better initialization, 2020,
 * which has N = M; a model of one stack takes its own number.
 */
export function tFixup(options: TFixupOptions): StackRecipes {
  const { width, ...counts } = options;
  checkOptions("options", options, ["width", "encoder", "decoder"]);
  checkPositive("width", width);
  const make = (scale: number, embeddings: number) => {
    const last = xavierUniform({ gain: scale });
    const parts = { match: xavierUniform(), value: last, output: last, up: last, down: last, head: xavierUniform() };
    return recipe(
      { ...parts, embedding: normal({ std: embeddings / Math.sqrt(width) }) },
      "Huang, Perez, Ba, Volkovs, Improving transformer optimization through better initialization, 2020",
    );
  };
  const encoder = (n: number) => make(0.67 * pow(n, -0.25), pow(9 * n, -0.25));
  const decoder = (m: number) => make(pow(9 * m, -0.25), pow(9 * m, -0.25));
  return stacks(counts, { alone: counts.encoder === undefined ? decoder : encoder, encoder, decoder });
}

/** Xavier's normal law, with a gain but for query and key. */
function scaled(gain: number, source: string, residual = 1): TransformerRecipe {
  const plain = xavierNormal();
  const all = xavierNormal({ gain });
  return recipe({ embedding: plain, match: plain, value: all, output: all, up: all, down: all }, source, residual);
}

interface Stacks {
  alone(layers: number): TransformerRecipe;
  encoder(layers: number, decoder: number): TransformerRecipe;
  decoder(layers: number): TransformerRecipe;
}

function stacks(options: StackOptions, make: Stacks): StackRecipes {
  checkOptions("options", options, ["encoder", "decoder"]);
  const { encoder, decoder } = options;
  if (encoder !== undefined) checkPositive("encoder", encoder);
  if (decoder !== undefined) checkPositive("decoder", decoder);
  if (encoder !== undefined && decoder !== undefined) {
    return { encoder: make.encoder(encoder, decoder), decoder: make.decoder(decoder) };
  }
  if (encoder !== undefined) return { encoder: make.alone(encoder) };
  if (decoder !== undefined) return { decoder: make.alone(decoder) };
  throw wrongValue("encoder, decoder", "the number of layers of one of them, or of both", undefined);
}

/** Options that are whole numbers from 1, then others; layer is a whole number from 0, std is not negative. */
function checked(options: object, positive: readonly string[], others: readonly string[]) {
  checkOptions("options", options, [...positive, ...others]);
  const { layer = 0, std = 0.02, ...counts } = options as Record<string, unknown>;
  for (const name of positive) checkPositive(name, counts[name]);
  return {
    layers: counts.layers as number,
    width: counts.width as number,
    layer: checkCount("layer", layer),
    std: checkNotNegative("std", std),
  };
}
