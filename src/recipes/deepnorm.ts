/**
 * Transformers by Glorot's (Xavier's) scheme, with a gain that follows from the depth of the encoder and of the decoder, so
 * that one step of training changes the output by a bounded amount at any depth.
 */
import { checkPositive, checkRequired } from "../check.js";
import { exp, log, pow } from "../math/functions.js";
import { kaimingNormal, normal, ones, xavierNormal, xavierUniform, zeros } from "../scheme/named.js";
import { type TransformerRecipe, type TransformerWeight, transformerRecipe } from "./transformer.js";

/** The depth of a model, for `deepNorm` and `subLN`. At least one of the two is required. */
export interface StackOptions {
  /** Number of layers of the encoder. Without it, the model has no encoder. */
  readonly encoder?: number | undefined;
  /** Number of layers of the decoder. Without it, the model has no decoder. */
  readonly decoder?: number | undefined;
}

/** A recipe for each stack that the model has, without the weights on which the source is `Silent`. */
export interface StackRecipes<Silent extends TransformerWeight = never> {
  /** There if `encoder` was given. */
  readonly encoder?: TransformerRecipe<Silent> | undefined;
  /** There if `decoder` was given. */
  readonly decoder?: TransformerRecipe<Silent> | undefined;
}

/** The weights on which DeepNorm and Sub-LN are silent, and their authors' code as well. */
type SilentOn = "position" | "bias";
const OUTSIDE = "embedding and head as in the authors' torchscale";

/**
 * DeepNorm: Xavier's normal scheme, with gain beta for value, output, up and down, and gain 1 for query and key; the skip
 * connection is multiplied by alpha before a branch is added and the sum is normalized. Wang et al., DeepNet: scaling
 * transformers to 1,000 layers, 2022, figure 2:
 *
 * | | alpha | beta |
 * |---|---|---|
 * | encoder of N layers alone, or decoder alone | (2N)^(1/4) | (8N)^(-1/4) |
 * | encoder of N beside a decoder of M | 0.81 (N^4 M)^(1/16) | 0.87 (N^4 M)^(-1/16) |
 * | decoder of M beside an encoder | (3M)^(1/4) | (12M)^(-1/4) |
 *
 * The authors' code (torchscale) divides the encoder's weights by (N^4 M)^(1/16) / 1.15. It so has the factor 1.15 where the
 * paper has 0.87, its inverse. This recipe follows the paper: beta comes from a bound on the update, which 1.15 breaks.
 *
 * The paper is silent on the weights outside of blocks. Embedding and head, of shape [tokens, width], are N(0, 1 / width) as in
 * torchscale. Positions and biases are not there: torchscale leaves them to PyTorch's defaults.
 *
 * @param options number of layers of the encoder, of the decoder, or of both.
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { deepNorm } from "nn-init/recipes";
 *
 * const { decoder } = deepNorm({ decoder: 8 });
 * console.log(decoder?.multipliers.residual, decoder?.weights.value); // 2 { scheme: 'xavierNormal', gain: 0.3535533905932738 }
 * ```
 */
export function deepNorm(options: StackOptions): StackRecipes<SilentOn> {
  const source = `Wang et al., DeepNet: scaling transformers to 1,000 layers, 2022, figure 2; ${OUTSIDE}`;
  const recipe = (alpha: number, beta: number) => xavierRecipe(beta, source, alpha);
  return stacks(options, {
    alone: (n) => recipe(pow(2 * n, 0.25), pow(8 * n, -0.25)),
    encoder: (n, m) => {
      const root = exp((4 * log(n) + log(m)) / 16); // n^4 alone may be too large for a double
      return recipe(0.81 * root, 0.87 / root);
    },
    decoder: (m) => recipe(pow(3 * m, 0.25), pow(12 * m, -0.25)),
  });
}

/**
 * Sub-LN: Xavier's normal scheme, with gain gamma for value, output, up and down, for networks that normalize inside each
 * branch as well. Wang et al., Foundation transformers, 2022: gamma = sqrt(ln 2N) for N layers alone; with an encoder of N
 * and a decoder of M, sqrt(ln(3M) ln(2N) / 3) in the encoder and sqrt(ln 3M) in the decoder. For the weights outside of blocks
 * see `deepNorm`.
 *
 * @param options number of layers of the encoder, of the decoder, or of both.
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { subLN } from "nn-init/recipes";
 *
 * console.log(subLN({ encoder: 12 }).encoder?.weights.up); // { scheme: 'xavierNormal', gain: 1.782709687623856 }
 * ```
 */
export function subLN(options: StackOptions): StackRecipes<SilentOn> {
  const source = `Wang et al., Foundation transformers, 2022; ${OUTSIDE}`;
  return stacks(options, {
    alone: (n) => xavierRecipe(Math.sqrt(log(2 * n)), source),
    encoder: (n, m) => xavierRecipe(Math.sqrt((log(3 * m) * log(2 * n)) / 3), source),
    decoder: (m) => xavierRecipe(Math.sqrt(log(3 * m)), source),
  });
}

/** The options of `tFixup`. At least one of `encoder` and `decoder` is required. */
export interface TFixupOptions extends StackOptions {
  /** Width of the residual signal. */
  readonly width: number;
}

/**
 * T-Fixup, for transformers without normalization and without warm-up: Xavier's uniform scheme; value, output, up and down
 * are scaled by 0.67 N^(-1/4) in an encoder of N layers and by (9M)^(-1/4) in a decoder of M; embeddings are N(0, 1 / width)
 * scaled by (9M)^(-1/4), and by (9N)^(-1/4) in the encoder. Huang et al., Improving transformer optimization through better
 * initialization, 2020, which has N = M; here each stack takes its own number. Positions are sinusoids there, and scales of
 * normalizations do not exist, so the recipe has neither.
 *
 * @param options width of the residual signal; number of layers of the encoder, of the decoder, or of both.
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { tFixup } from "nn-init/recipes";
 *
 * console.log(tFixup({ width: 512, decoder: 9 }).decoder?.weights.down); // { scheme: 'xavierUniform', gain: 0.3333333333333333 }
 * ```
 */
export function tFixup(options: TFixupOptions): StackRecipes<"position" | "scale"> {
  checkRequired("options", options, ["width", "encoder", "decoder"]);
  const { width, ...depths } = options;
  checkPositive("width", width);
  const source = "Huang, Perez, Ba, Volkovs, Improving transformer optimization through better initialization, 2020";
  const recipe = (gain: number, embeddingScale: number) => {
    const plain = xavierUniform();
    const scaled = xavierUniform({ gain });
    const embedding = normal({ std: embeddingScale / Math.sqrt(width) });
    const branches = { queryAndKey: plain, value: scaled, output: scaled, up: scaled, down: scaled };
    return transformerRecipe(branches, { embedding, head: plain, bias: zeros() }, source);
  };
  const encoder = (n: number) => recipe(0.67 * pow(n, -0.25), pow(9 * n, -0.25));
  const decoder = (m: number) => recipe(pow(9 * m, -0.25), pow(9 * m, -0.25));
  return stacks(depths, { alone: depths.encoder === undefined ? decoder : encoder, encoder, decoder });
}

/** Xavier's normal scheme, with this gain for all weights of a branch but query and key. */
function xavierRecipe(gain: number, source: string, residual = 1): TransformerRecipe<SilentOn> {
  const plain = xavierNormal();
  const scaled = xavierNormal({ gain });
  const vector = kaimingNormal({ gain: 1 }); // of [tokens, width]: std 1 / sqrt(width)
  const branches = { queryAndKey: plain, value: scaled, output: scaled, up: scaled, down: scaled };
  return transformerRecipe(branches, { embedding: vector, head: vector, scale: ones() }, source, residual);
}

/** Makes the recipe of a stack from its number of layers, and from that of the other stack if there is one. */
interface RecipeByDepth<Silent extends TransformerWeight> {
  alone(layers: number): TransformerRecipe<Silent>;
  encoder(layers: number, decoderLayers: number): TransformerRecipe<Silent>;
  decoder(layers: number): TransformerRecipe<Silent>;
}

function stacks<Silent extends TransformerWeight>(
  options: StackOptions,
  recipe: RecipeByDepth<Silent>,
): StackRecipes<Silent> {
  checkRequired("options", options, ["encoder", "decoder"]);
  const { encoder, decoder } = options;
  if (encoder !== undefined) checkPositive("encoder", encoder);
  if (decoder !== undefined) checkPositive("decoder", decoder);
  if (encoder !== undefined && decoder !== undefined) {
    return { encoder: recipe.encoder(encoder, decoder), decoder: recipe.decoder(decoder) };
  }
  if (encoder !== undefined) return { encoder: recipe.alone(encoder) };
  if (decoder !== undefined) return { decoder: recipe.alone(decoder) };
  throw new RangeError("encoder, decoder: expected the number of layers of one of them, or of both, got neither");
}
