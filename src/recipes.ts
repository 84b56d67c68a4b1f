/** `nn-init/recipes`: which scheme for which layer, by framework, by layer and by architecture. */
export {
  deepNorm,
  type StackOptions,
  type StackRecipes,
  subLN,
  type TFixupOptions,
  tFixup,
} from "./recipes/deepnorm.js";
export { defaults } from "./recipes/defaults/defaults.js";
export type {
  AttentionShape,
  ConvolutionShape,
  Defaults,
  DenseShape,
  EmbeddingShape,
  Framework,
  LayerWeight,
  LayerWeights,
  NormalizationShape,
  RecurrentShape,
} from "./recipes/defaults/layer.js";
export {
  type DepthScaledOptions,
  depthScaled,
  type Gpt2Options,
  gpt2,
  type MitchellOptions,
  megatron,
  mitchell,
  type SmallInitOptions,
  smallInit,
} from "./recipes/gpt2.js";
export { type LsuvOptions, type LsuvReport, lsuv } from "./recipes/lsuv.js";
export type { Recipe } from "./recipes/recipe.js";
export {
  type GatedUnit,
  type LayerKind,
  type Normalization,
  type Recommendation,
  type RecommendOptions,
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
export type { TransformerRecipe, TransformerWeight } from "./recipes/transformer.js";
export {
  type MuPOptions,
  type MuPRecipe,
  type MuPWeight,
  muP,
  type SpectralOptions,
  spectral,
} from "./recipes/width.js";
