/** The options of every scheme, and the types of schemes made from them. Types only. */
import type { Layout, Placement } from "./fans.js";
import type { Activation } from "./gain.js";

/** Options of `uniform`. */
export interface UniformOptions {
  /** Lower bound, excluded. */
  readonly low: number;
  /** Upper bound, excluded. If it equals `low`, every element is that number. */
  readonly high: number;
}

/** Options of `normal`. */
export interface NormalOptions {
  /** Default 0. */
  readonly mean?: number | undefined;
  /** Standard deviation, not negative. With 0, every element is `mean`. */
  readonly std: number;
}

/** Options of `truncatedNormal`. */
export interface TruncatedNormalOptions {
  /** Mean before truncation. Default 0. */
  readonly mean?: number | undefined;
  /**
   * Standard deviation, not negative; before truncation unless `stdOf` is "result". With 0, every element is `mean`.
   */
  readonly std: number;
  /** Lower bound, excluded. Default -2. */
  readonly low?: number | undefined;
  /** Upper bound, excluded. Default 2. */
  readonly high?: number | undefined;
  /** Unit of `low` and `high`: standard deviations from the mean ("std", the default), or values ("absolute"). */
  readonly bounds?: "std" | "absolute" | undefined;
  /** Whether `std` is the standard deviation before truncation ("parent", the default) or of the values ("result"). */
  readonly stdOf?: "parent" | "result" | undefined;
}

/** Which fan the variance is divided by: fan in, fan out, their arithmetic mean or their geometric mean. */
export type FanMode = "fan_in" | "fan_out" | "fan_avg" | "fan_geo_avg";

/**
 * Shape of the distribution. "truncated" is a normal distribution truncated at 2 std, whose std before truncation is
 * raised by 1 / 0.8796 so that the values have the intended variance.
 */
export type VarianceScalingDistribution = "uniform" | "normal" | "truncated";

/** Options of `varianceScaling`: values have mean 0 and variance scale / fan. */
export interface VarianceScalingOptions extends Placement {
  /** Numerator of the variance, not negative. */
  readonly scale: number;
  /** The fan that the variance is divided by. */
  readonly mode: FanMode;
  /** Shape of the distribution. */
  readonly distribution: VarianceScalingDistribution;
}

/** Options of `xavierNormal` and `xavierUniform`. */
export interface XavierOptions extends Placement {
  /** Factor on the standard deviation, not negative; see `gain`. Default 1. */
  readonly gain?: number | undefined;
}

/** Options of `kaimingNormal` and `kaimingUniform`. */
export interface KaimingOptions extends Placement {
  /** The fan that the variance is divided by. Default "fan_in". */
  readonly mode?: FanMode | undefined;
  /**
   * The activation whose forward gain is used; see `gain`. Default leakyRelu with slope 0, which is relu, as in
   * PyTorch.
   */
  readonly activation?: Activation | undefined;
  /** Slope of leakyRelu for negative inputs. Default 0. */
  readonly slope?: number | undefined;
  /** "torch": fans and gains as PyTorch computes them (gains: tanh 5/3, selu 3/4, sigmoid 1). */
  readonly compat?: "torch" | undefined;
  /** The gain itself, in place of an activation; not negative. */
  readonly gain?: number | undefined;
}

/** Options of `orthogonal` and `deltaOrthogonal`. */
export interface OrthogonalOptions {
  /** Factor on the orthonormal rows or columns; may be negative. Default 1. */
  readonly gain?: number | undefined;
  /**
   * How the shape becomes a matrix. `orthogonal`: "io" takes all axes but the last as rows, "oi" takes the first axis
   * as rows. `deltaOrthogonal`: "io" is [...kernel, in, out], "oi" is [out, in, ...kernel]. Default "io".
   */
  readonly layout?: Layout | undefined;
}

/** Options of `identity`. */
export interface IdentityOptions {
  /** The value on the diagonal; may be negative. Default 1. */
  readonly gain?: number | undefined;
}

/** Options of `dirac`. */
export interface DiracOptions {
  /**
   * Number of groups of a grouped convolution, each of which passes its own inputs on; divides the outputs. Default 1.
   */
  readonly groups?: number | undefined;
  /** "io" is [...kernel, in, out], "oi" is [out, in, ...kernel]. Default "oi", as in PyTorch. */
  readonly layout?: Layout | undefined;
}

/** Options of `sparse`. */
export interface SparseOptions {
  /** Share of zeros in each column (or row), from 0 (included) to 1 (excluded); rounded up to whole elements. */
  readonly sparsity: number;
  /** Standard deviation of the other elements, not negative. Default 0.01. */
  readonly std?: number | undefined;
  /** The axis along which zeros are counted: 0 (default) for zeros in each column, as in PyTorch; 1 for each row. */
  readonly axis?: 0 | 1 | undefined;
}

/** Where a packed tensor is split. */
export interface SplitAxis {
  /** The axis that the parts share; negative axes count from the end. */
  readonly axis: number;
  /** The number of parts of equal length, or a list of the length of each part; at most 2^20 parts. */
  readonly parts: number | readonly number[];
}

/** Options of `split`. */
export interface SplitOptions extends SplitAxis {
  /**
   * The scheme of each part, which is drawn as a tensor of its own shape: one for all parts, or a list. Not a split. A
   * layout is refused where it cannot tell whether a part is a piece of one layer or a weight of its own.
   */
  readonly of: Scheme | readonly Scheme[];
}

/** Options of `constant`, as its scheme holds them. */
interface ConstantOptions {
  /** The value of every element. */
  readonly value: number;
}

type NoOptions = Record<never, never>;

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
  constant: ConstantOptions;
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

/** The scheme with this name: plain data, the name and the options that were given. */
export type SchemeOf<Name extends SchemeName> = {
  /** The name of the scheme. */
  readonly scheme: Name;
} & OptionsOf[Name];

/** Any scheme: plain data, the same in code and in JSON. */
export type Scheme = { [Name in SchemeName]: SchemeOf<Name> }[SchemeName];

/** A scheme that is not a split. */
export type UnsplitScheme = Exclude<Scheme, { scheme: "split" }>;
