/** The main entry: tensors, schemes, fans and gains. */
export { Arena } from "./arena.js";
export type { Distribution, Independent, Split, Structured, Unsplit } from "./distribution.js";
export type { ArrayOf, DType, FillableOf, Float16ArrayLike } from "./dtype.js";
export { engines } from "./engine/choose.js";
export type { EngineInfo, EngineName } from "./engine/engine.js";
export { setKernelModule } from "./engine/simd.js";
export { type FillOptions, fill, type InitOptions, init } from "./init.js";
export type { DrawOptions, SchemeLike } from "./request.js";
export { explain } from "./scheme/explain.js";
export { type Axes, type Compat, type Fans, fans, type Layout, type Placement } from "./scheme/fans.js";
export { type Activation, type GainDirection, type GainOptions, gain } from "./scheme/gain.js";
export {
  constant,
  deltaOrthogonal,
  dirac,
  glorotNormal,
  glorotUniform,
  hadamard,
  heNormal,
  heUniform,
  identity,
  kaimingNormal,
  kaimingUniform,
  lecunNormal,
  lecunUniform,
  normal,
  ones,
  orthogonal,
  sparse,
  split,
  truncatedNormal,
  uniform,
  varianceScaling,
  xavierNormal,
  xavierUniform,
  zeros,
} from "./scheme/named.js";
export type {
  DiracOptions,
  FanMode,
  IdentityOptions,
  KaimingOptions,
  NormalOptions,
  OrthogonalOptions,
  Scheme,
  SchemeName,
  SchemeOf,
  SparseOptions,
  SplitAxis,
  SplitOptions,
  TruncatedNormalOptions,
  UniformOptions,
  VarianceScalingDistribution,
  VarianceScalingOptions,
  XavierOptions,
} from "./scheme/options.js";
export { resolve, scheme } from "./scheme/scheme.js";
export { randomSeed, type Seed, STREAM_VERSION } from "./stream.js";
