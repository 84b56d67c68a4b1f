/** Which law a scheme makes of its options, and of the fans of a shape. */
import { checkFinite, checkNotNegative, checkOneOf, wrongType, wrongValue } from "../check.js";
import { type Fill, normalFill, truncatedFill, uniformFill } from "../distribution.js";
import { parentStd, truncatedStd } from "../math/truncation.js";
import { type Fans, type Layout, PLACEMENT, PLACES, type Placement } from "./fans.js";
import { ACTIVATIONS, type Activation, gain } from "./gain.js";
import {
  checkDirac,
  checkOrthogonal,
  checkSparse,
  deltaFill,
  diracFill,
  identityFill,
  orthogonalFill,
  sparseFill,
  zeroFill,
} from "./structured.js";

export interface UniformOptions {
  /** Excluded, like `high`: values lie strictly between. Equal bounds give that constant. */
  readonly low: number;
  readonly high: number;
}

export interface NormalOptions {
  /** Default 0. */
  readonly mean?: number;
  readonly std: number;
}

export interface TruncatedNormalOptions {
  /** Of the law before it is cut. Default 0. */
  readonly mean?: number;
  readonly std: number;
  /** Default -2. */
  readonly low?: number;
  /** Default 2. */
  readonly high?: number;
  /** Whether low and high are in units of the std from the mean (default), or values. */
  readonly bounds?: "std" | "absolute";
  /** Whether `std` is that of the law before it is cut (default), or that of the values drawn. */
  readonly stdOf?: "parent" | "result";
}

/** fan_in, fan_out, their arithmetic mean, their geometric mean. */
export type FanMode = "fan_in" | "fan_out" | "fan_avg" | "fan_geo_avg";
const FAN_MODES: readonly FanMode[] = ["fan_in", "fan_out", "fan_avg", "fan_geo_avg"];

/** `truncated` is cut at 2 std and widened so that the values have the variance asked for. */
export type Distribution = "uniform" | "normal" | "truncated";
const DISTRIBUTIONS: readonly Distribution[] = ["uniform", "normal", "truncated"];

/** The values' variance is scale / fan. */
export interface VarianceScalingOptions extends Placement {
  readonly scale: number;
  readonly mode: FanMode;
  readonly distribution: Distribution;
}

export interface XavierOptions extends Placement {
  /** Default 1. */
  readonly gain?: number;
}

export interface KaimingOptions extends Placement {
  /** Default fan_in. */
  readonly mode?: FanMode;
  /** Default leakyRelu, with slope 0: the gain of relu, as in PyTorch. Others: their forward gains, see `gain`. */
  readonly activation?: Activation;
  /** Of leakyRelu, for negative inputs. Default 0. */
  readonly slope?: number;
  /** PyTorch's own fans, and its own gains: 5/3 for tanh, 3/4 for selu, 1 for sigmoid. */
  readonly compat?: "torch" | undefined;
  /** Instead of an activation. */
  readonly gain?: number;
}

export interface OrthogonalOptions {
  /** What the orthonormal rows or columns are multiplied by. Default 1. */
  readonly gain?: number;
  /** Which axes the matrix has: `io` (default) [...rest, last], `oi` [first, ...rest]. Of two axes they are the same. */
  readonly layout?: Layout;
}

export interface IdentityOptions {
  /** Default 1. */
  readonly gain?: number;
}

export interface DiracOptions {
  /** Each group of outputs repeats the inputs. Default 1. */
  readonly groups?: number;
  /** Default `oi`, as in PyTorch. */
  readonly layout?: Layout;
}

export interface SparseOptions {
  /** The share of each line that is 0, rounded up to whole elements: from 0 to less than 1. */
  readonly sparsity: number;
  /** Of the other elements. Default 0.01. */
  readonly std?: number;
  /** Along which the zeros are counted. Default 0: so many in each column, as in PyTorch. */
  readonly axis?: 0 | 1;
}

/** What each scheme is given. */
export interface OptionsOf {
  orthogonal: OrthogonalOptions;
  deltaOrthogonal: OrthogonalOptions;
  identity: IdentityOptions;
  dirac: DiracOptions;
  sparse: SparseOptions;
  zero: Record<never, never>;
  zeros: Record<never, never>;
  ones: Record<never, never>;
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
}

export type FansOf = (options: VarianceScalingOptions) => Fans;

/** The options a scheme takes, and the law it makes of them and of the fans, which it asks for if it needs them. */
export interface Rule<Options> {
  readonly keys: readonly string[];
  readonly fill: (options: Options, fans: FansOf, shape?: readonly number[]) => Fill;
}

function scaled(scale: number, mode: FanMode, distribution: Distribution, layout: Layout): Rule<Placement> {
  return {
    keys: PLACEMENT,
    fill: (options, fans) => varianceFill({ scale, mode, distribution, ...placed(options, layout) }, fans),
  };
}

function xavier(distribution: Distribution): Rule<XavierOptions> {
  return {
    keys: ["gain", ...PLACEMENT],
    fill: ({ gain = 1, ...options }, fans) => {
      const factor = checkNotNegative("gain", gain);
      return varianceFill({ scale: factor * factor, mode: "fan_avg", distribution, ...placed(options, "oi") }, fans);
    },
  };
}

function kaiming(distribution: Distribution): Rule<KaimingOptions> {
  return {
    keys: ["mode", "activation", "slope", "gain", ...PLACEMENT],
    fill: (options, fans) => {
      const factor = kaimingGain(options);
      const { mode = "fan_in" } = options;
      return varianceFill({ scale: factor * factor, mode, distribution, ...placed(options, "oi") }, fans);
    },
  };
}

function kaimingGain({ activation, slope, compat, gain: given }: KaimingOptions): number {
  if (given !== undefined) {
    if (activation === undefined && slope === undefined) return checkNotNegative("gain", given);
    throw wrongType("gain", "either a gain or an activation with its slope", given);
  }
  const name = checkOneOf("activation", activation ?? "leakyRelu", ACTIVATIONS);
  return gain(name, { slope: slope ?? (name === "leakyRelu" ? 0 : undefined), compat });
}

/** In the scheme's usual layout, unless the options have a place of their own. */
const placed = (options: Placement, usual: Layout): Placement =>
  PLACES.some((name) => options[name] !== undefined) ? options : { ...options, layout: usual };

function varianceFill(options: VarianceScalingOptions, fans: FansOf): Fill {
  const scale = checkNotNegative("scale", options.scale);
  const mode = checkOneOf("mode", options.mode, FAN_MODES);
  const distribution = checkOneOf("distribution", options.distribution, DISTRIBUTIONS);
  const found = fans(options);
  const fan = {
    fan_in: found.in,
    fan_out: found.out,
    fan_avg: (found.in + found.out) / 2,
    fan_geo_avg: Math.sqrt(found.in * found.out),
  }[mode];
  if (!(fan > 0)) throw wrongValue(mode, "a fan above 0", fan);
  const variance = scale / fan;
  if (distribution === "uniform") return uniformFill(-Math.sqrt(3 * variance), Math.sqrt(3 * variance));
  if (distribution === "normal") return normalFill(0, Math.sqrt(variance));
  return truncatedFill(0, Math.sqrt(variance) / truncatedStd(-2, 2), -2, 2);
}

function truncatedNormalFill(options: TruncatedNormalOptions): Fill {
  const mean = checkFinite("mean", options.mean ?? 0);
  const std = checkNotNegative("std", options.std);
  const low = checkFinite("low", options.low ?? -2);
  const high = checkFinite("high", options.high ?? 2);
  const bounds = checkOneOf("bounds", options.bounds ?? "std", ["std", "absolute"]);
  const of = checkOneOf("stdOf", options.stdOf ?? "parent", ["parent", "result"]);
  if (!(low < high)) throw wrongValue("low", `less than high (${high})`, low);
  if (std === 0) return { law: "constant", value: mean };
  if (bounds === "std") return truncatedFill(mean, of === "parent" ? std : std / truncatedStd(low, high), low, high);
  if (of === "result" && std > (0.9999 * (high - low)) / Math.sqrt(12)) {
    throw wrongValue("std", `at most 0.9999 (high - low) / sqrt(12), the widest law between the bounds`, std);
  }
  const parent = of === "parent" ? std : parentStd(std, mean, low, high);
  return truncatedFill(mean, parent, (low - mean) / parent, (high - mean) / parent);
}

/** A scheme that needs the shape: without one, only its options are checked. */
export function structured<Options>(
  keys: readonly string[],
  check: (options: Options) => void,
  fill: (options: Options, shape: readonly number[]) => Fill,
): Rule<Options> {
  return {
    keys,
    fill: (options, _, shape) => {
      check(options);
      return shape === undefined ? { law: "constant", value: 0 } : fill(options, shape);
    },
  };
}

export const RULES: { readonly [Name in keyof OptionsOf]: Rule<OptionsOf[Name]> } = {
  orthogonal: structured(["gain", "layout"], checkOrthogonal, orthogonalFill),
  deltaOrthogonal: structured(["gain", "layout"], checkOrthogonal, deltaFill),
  identity: structured(["gain"], checkOrthogonal, identityFill),
  dirac: structured(["groups", "layout"], checkDirac, diracFill),
  sparse: structured(["sparsity", "std", "axis"], checkSparse, sparseFill),
  zero: structured([], () => {}, zeroFill),
  zeros: { keys: [], fill: () => ({ law: "constant", value: 0 }) },
  ones: { keys: [], fill: () => ({ law: "constant", value: 1 }) },
  constant: { keys: ["value"], fill: ({ value }) => ({ law: "constant", value: checkFinite("value", value) }) },
  uniform: { keys: ["low", "high"], fill: ({ low, high }) => uniformFill(low, high) },
  normal: { keys: ["mean", "std"], fill: ({ mean = 0, std }) => normalFill(mean, std) },
  truncatedNormal: { keys: ["mean", "std", "low", "high", "bounds", "stdOf"], fill: truncatedNormalFill },
  varianceScaling: { keys: ["scale", "mode", "distribution", ...PLACEMENT], fill: varianceFill },
  glorotNormal: scaled(1, "fan_avg", "truncated", "io"),
  glorotUniform: scaled(1, "fan_avg", "uniform", "io"),
  heNormal: scaled(2, "fan_in", "truncated", "io"),
  heUniform: scaled(2, "fan_in", "uniform", "io"),
  lecunNormal: scaled(1, "fan_in", "truncated", "io"),
  lecunUniform: scaled(1, "fan_in", "uniform", "io"),
  xavierNormal: xavier("normal"),
  xavierUniform: xavier("uniform"),
  kaimingNormal: kaiming("normal"),
  kaimingUniform: kaiming("uniform"),
};
