export {
  type AttentionShape,
  type ConvolutionShape,
  type Defaults,
  type DenseShape as LinearShape,
  defaults,
  type EmbeddingShape,
  type Framework,
  type LayerWeights,
  type NormalizationShape,
  type RecurrentShape,
} from "./recipes/defaults.js";
export { type LsuvOptions, type LsuvReport, lsuv } from "./recipes/lsuv.js";
export {
  type LayerKind as Layer,
  type Normalization,
  type Recommendation as Advice,
  type RecommendOptions as Situation,
  recommend,
} from "./recipes/recommend.js";
export {
  type ChronoBiasOptions,
  chronoBias,
  type ForgetBiasOptions,
  forgetBias,
  type GateOrder,
} from "./recipes/recurrent.js";
export { type FixupOptions, type FixupRecipe, fixup, reZero } from "./recipes/residual.js";
export { type SirenOptions, siren } from "./recipes/siren.js";
export {
  type DepthScaledOptions,
  deepNorm,
  depthScaled,
  type Gpt2Options,
  gpt2,
  type MitchellOptions,
  megatron,
  mitchell,
  type SmallInitOptions as SmallOptions,
  type StackOptions,
  type StackRecipes,
  smallInit as small,
  subLN,
  type TFixupOptions,
  type TransformerRecipe,
  type TransformerWeight,
  tFixup,
} from "./recipes/transformer.js";
export {
  type MuPOptions,
  type MuPRecipe,
  type MuPWeight,
  muP,
  type SpectralOptions,
  spectral,
} from "./recipes/width.js";
