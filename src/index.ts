export { Arena } from "./arena.js";
export type { ArrayOf, DType, FillableOf, Float16ArrayLike } from "./dtype.js";
export { setModule } from "./engine/simd.js";
export { type EngineInfo, type EngineName, engines } from "./engine.js";
export { explain } from "./explain.js";
export { type Axes, type Compat, type Fans, fans, type Layout, type Placement } from "./fans.js";
export type { Fill, Law, Split } from "./fill.js";
export { type Activation, type GainDirection, type GainOptions, gain } from "./gain.js";
export { type FillOptions, fill, type InitOptions, init } from "./init.js";
export type { DrawOptions } from "./plan.js";
export {
  constant,
  type DiracOptions,
  type Distribution,
  deltaOrthogonal,
  dirac,
  type FanMode,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type IdentityOptions,
  identity,
  type KaimingOptions,
  kaimingNormal,
  kaimingUniform,
  lecunNormal,
  lecunUniform,
  type NormalOptions,
  normal,
  type OrthogonalOptions,
  ones,
  orthogonal,
  resolve,
  type Scheme,
  type SchemeName,
  type SparseOptions,
  type SplitOptions,
  scheme,
  sparse,
  split,
  type TruncatedNormalOptions,
  truncatedNormal,
  type UniformOptions,
  uniform,
  type VarianceScalingOptions,
  varianceScaling,
  type XavierOptions,
  xavierNormal,
  xavierUniform,
  zero,
  zeros,
} from "./scheme.js";
export { randomSeed, type Seed, STREAM_VERSION } from "./stream.js";
