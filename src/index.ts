export { Arena } from "./arena.js";
export type { Fill, Law, Split } from "./distribution.js";
export type { ArrayOf, DType, FillableOf, Float16ArrayLike } from "./dtype.js";
export { type EngineInfo, type EngineName, engines } from "./engine/choose.js";
export { setModule } from "./engine/simd.js";
export { type FillOptions, fill, type InitOptions, init } from "./init.js";
export type { DrawOptions } from "./request.js";
export { explain } from "./scheme/explain.js";
export { type Axes, type Compat, type Fans, fans, type Layout, type Placement } from "./scheme/fans.js";
export type {
  DiracOptions,
  Distribution,
  FanMode,
  IdentityOptions,
  KaimingOptions,
  NormalOptions,
  OrthogonalOptions,
  SparseOptions,
  TruncatedNormalOptions,
  UniformOptions,
  VarianceScalingOptions,
  XavierOptions,
} from "./scheme/formula.js";
export { type Activation, type GainDirection, type GainOptions, gain } from "./scheme/gain.js";
export {
  constant,
  deltaOrthogonal,
  dirac,
  glorotNormal,
  glorotUniform,
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
  resolve,
  type Scheme,
  type SchemeName,
  type SplitOptions,
  scheme,
  sparse,
  split,
  truncatedNormal,
  uniform,
  varianceScaling,
  xavierNormal,
  xavierUniform,
  zero,
  zeros,
} from "./scheme/scheme.js";
export { randomSeed, type Seed, STREAM_VERSION } from "./stream.js";
