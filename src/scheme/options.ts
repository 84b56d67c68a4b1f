/** The options of every scheme, and the scheme types made of them. Types only. */
import type { Layout, Placement } from "./fans.js";
import type { Activation } from "./gain.js";

/** Values of a uniform distribution lie strictly between `low` and `high`. */
export interface UniformOptions {
  /** Excluded. */
  readonly low: number;
  /** Excluded. Equal bounds give that constant. */
  readonly high: number;
}

export interface NormalOptions {
  /** Default 0. */
  readonly mean?: number;
  /** Standard deviation, not negative; 0 gives the constant `mean`. */
  readonly std: number;
}

export interface TruncatedNormalOptions {
  /** Mean before truncation. Default 0. */
  readonly mean?: number;
  /** Standard deviation, before truncation unless `stdOf` is "result". */
  readonly std: number;
  /** Lower bound, excluded. Default -2. */
  readonly low?: number;
  /** Upper bound, excluded. Default 2. */
  readonly high?: number;
  /** Unit of `low` and `high`: standard deviations from the mean ("std", the default) or values ("absolute"). */
  readonly bounds?: "std" | "absolute";
  /** Which standard deviation `std` is: that before truncation ("parent", the default) or that of the values ("result"). */
  readonly stdOf?: "parent" | "result";
}

/** Which fan the variance is divided by: fan in, fan out, their arithmetic mean or their geometric mean. */
export type FanMode = "fan_in" | "fan_out" | "fan_avg" | "fan_geo_avg";

/** `truncated` is a normal distribution truncated at 2 std and widened, so that the values have the variance asked for. */
export type VarianceScalingDistribution = "uniform" | "normal" | "truncated";

/** Values have mean 0 and variance scale / fan. */
export interface VarianceScalingOptions extends Placement {
  /** Numerator of the variance, not negative. */
  readonly scale: number;
  readonly mode: FanMode;
  readonly distribution: VarianceScalingDistribution;
}

export interface XavierOptions extends Placement {
  /** Factor on the standard deviation, not negative. Default 1. */
  readonly gain?: number;
}

export interface KaimingOptions extends Placement {
  /** Default "fan_in". */
  readonly mode?: FanMode;
  /** The activation whose forward gain is used (see `gain`). Default leakyRelu with slope 0, which is relu, as in PyTorch. */
  readonly activation?: Activation;
  /** Slope of leakyRelu for negative inputs. Default 0. */
  readonly slope?: number;
  /** "torch": PyTorch's own fans and gains (tanh 5/3, selu 3/4, sigmoid 1). */
  readonly compat?: "torch" | undefined;
  /** The gain itself, instead of an activation. */
  readonly gain?: number;
}

export interface OrthogonalOptions {
  /** Factor on the orthonormal rows or columns. Default 1. */
  readonly gain?: number;
  /** How a shape becomes a matrix: `io` (the default) is [...rest, last], `oi` is [first, ...rest]. */
  readonly layout?: Layout;
}

export interface IdentityOptions {
  /** The value on the diagonal. Default 1. */
  readonly gain?: number;
}

export interface DiracOptions {
  /** Number of groups; each group of outputs repeats the inputs. Default 1. */
  readonly groups?: number;
  /** Default `oi`, as in PyTorch. */
  readonly layout?: Layout;
}

export interface SparseOptions {
  /** Share of zeros in each column (or row), rounded up to whole elements: 0 (included) to 1 (excluded). */
  readonly sparsity: number;
  /** Standard deviation of the other elements. Default 0.01. */
  readonly std?: number;
  /** The axis along which zeros are counted. Default 0: in each column, as in PyTorch; 1: in each row. */
  readonly axis?: 0 | 1;
}

/** Where a packed tensor is split. */
export interface SplitAxis {
  /** The axis along which the parts lie; negative axes count from the end. */
  readonly axis: number;
  /** The number of parts of equal length, or the length of each part. */
  readonly parts: number | readonly number[];
}

export interface SplitOptions extends SplitAxis {
  /** The scheme of the parts, each drawn as a tensor of its own shape: one for all of them, or one each. */
  readonly of: Scheme | readonly Scheme[];
}

export type NoOptions = Record<never, never>;

/** The options of each scheme, by its name. */
export interface OptionsOf {
  orthogonal: OrthogonalOptions;
  deltaOrthogonal: OrthogonalOptions;
  identity: IdentityOptions;
  dirac: DiracOptions;
  sparse: SparseOptions;
  hadamard: NoOptions;
  zeros: NoOptions;
  ones: NoOptions;
  constant: { readonly value: number };
  uniform: UniformOptions;
  normal: NormalOptions;
  truncatedNormal: TruncatedNormalOptions;
  varianceScaling: VarianceScalingOptions;
  glorotNormal: Placement;
  glorotUniform: Placement;
  heNormal: Placement;
  heUniform: Placement;
  lecunNormal: Placement;
  lecunUniform: Placement;
  xavierNormal: XavierOptions;
  xavierUniform: XavierOptions;
  kaimingNormal: KaimingOptions;
  kaimingUniform: KaimingOptions;
  split: SplitOptions;
}

/** The name of a scheme, such as "heNormal". */
export type SchemeName = keyof OptionsOf;

/** The scheme of one name: plain data, its name and the options it was given. */
export type SchemeOf<Name extends SchemeName> = { readonly scheme: Name } & OptionsOf[Name];

/** Any scheme: plain data, the same in code and in JSON. */
export type Scheme = { [Name in SchemeName]: SchemeOf<Name> }[SchemeName];

/** A scheme that is not a split. */
export type UnsplitScheme = Exclude<Scheme, { scheme: "split" }>;
