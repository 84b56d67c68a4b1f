/**
 * Schemes: named ways to choose a law from a shape. A scheme is plain data, the same in code and in JSON:
 * `JSON.stringify(normal({ std: 0.02 }))` is `{"scheme":"normal","std":0.02}`.
 */
import { checkFinite, checkNotNegative, checkOneOf, checkOptions, wrongType, wrongValue } from "./check.js";
import { checkPlacement, type Fans, fans, type Layout, PLACEMENT, PLACES, type Placement } from "./fans.js";
import { type Fill, isStructured, type Law, normalFill, truncatedFill, uniformFill } from "./fill.js";
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
} from "./matrix.js";
import { type Cut, checkCut, countOf, cutShape } from "./parts.js";
import { checkShape } from "./shape.js";
import { parentStd, truncatedStd } from "./truncation.js";

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

export interface SplitOptions extends Cut {
  /** What draws them, each as a tensor of its own shape: one scheme for all, or one each. */
  readonly of: Scheme | readonly Scheme[];
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

interface OptionsOf {
  split: SplitOptions;
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

export type SchemeName = keyof OptionsOf;

/** Plain data: the scheme's name and the options it was given. */
export type Scheme = { [Name in SchemeName]: { readonly scheme: Name } & OptionsOf[Name] }[SchemeName];

export const zeros = (): Scheme => make("zeros", {});
export const ones = (): Scheme => make("ones", {});
export const constant = (value: number): Scheme => make("constant", { value });
export const uniform = (options: UniformOptions): Scheme => make("uniform", options);
export const normal = (options: NormalOptions): Scheme => make("normal", options);
export const truncatedNormal = (options: TruncatedNormalOptions): Scheme => make("truncatedNormal", options);

/**
 * A tensor packed of several along an axis: query, key and value; the gates of a recurrent layer. Each part has the fans
 * of its own shape, and may have a scheme of its own: `split({ axis: 0, parts: 3, of: xavierUniform() })`.
 */
export const split = (options: SplitOptions): Scheme => make("split", options);

/** The root of all schemes that follow: variance = scale / fan. */
export const varianceScaling = (options: VarianceScalingOptions): Scheme => make("varianceScaling", options);

// Keras, JAX and TensorFlow.js: layout io, the normal ones truncated at 2 std, with the std of the values exact.

/** Glorot and Bengio 2010, eq. 12: variance 2 / (fan in + fan out), truncated normal. For tanh, sigmoid, softmax. */
export const glorotNormal = (options: Placement = {}): Scheme => make("glorotNormal", options);
/** Glorot and Bengio 2010, eq. 16: U(-b, b), b = sqrt(6 / (fan in + fan out)). For tanh, sigmoid, softmax. */
export const glorotUniform = (options: Placement = {}): Scheme => make("glorotUniform", options);
/** He et al. 2015, eq. 10: variance 2 / fan in, truncated normal. For ReLU. */
export const heNormal = (options: Placement = {}): Scheme => make("heNormal", options);
/** He et al. 2015, eq. 10: U(-b, b), b = sqrt(6 / fan in). For ReLU. */
export const heUniform = (options: Placement = {}): Scheme => make("heUniform", options);
/** LeCun et al. 1998, section 4.6: variance 1 / fan in, truncated normal. For SELU. */
export const lecunNormal = (options: Placement = {}): Scheme => make("lecunNormal", options);
/** LeCun et al. 1998, section 4.6: U(-b, b), b = sqrt(3 / fan in). For SELU. */
export const lecunUniform = (options: Placement = {}): Scheme => make("lecunUniform", options);

// PyTorch: layout oi, the normal ones not truncated.

/** Glorot and Bengio 2010, eq. 12: N(0, gain^2 2 / (fan in + fan out)). PyTorch's `xavier_normal_`. */
export const xavierNormal = (options: XavierOptions = {}): Scheme => make("xavierNormal", options);
/** Glorot and Bengio 2010, eq. 16: U(-b, b), b = gain sqrt(6 / (fan in + fan out)). PyTorch's `xavier_uniform_`. */
export const xavierUniform = (options: XavierOptions = {}): Scheme => make("xavierUniform", options);
/** He et al. 2015, eqs. 10 and 14: N(0, gain^2 / fan). PyTorch's `kaiming_normal_`. */
export const kaimingNormal = (options: KaimingOptions = {}): Scheme => make("kaimingNormal", options);
/** He et al. 2015, eqs. 10 and 14: U(-b, b), b = gain sqrt(3 / fan). PyTorch's `kaiming_uniform_`. */
export const kaimingUniform = (options: KaimingOptions = {}): Scheme => make("kaimingUniform", options);

// Whole matrices. A slice of one costs the matrix.

/**
 * A matrix with orthonormal rows or columns, whichever are fewer, uniformly distributed among all of them (Haar), times the
 * gain. Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural
 * networks", 2014.
 *
 * @throws RangeError for shapes of less than two axes or with an empty one, and for matrices larger than memory.
 */
export const orthogonal = (options: OrthogonalOptions = {}): Scheme => make("orthogonal", options);
/**
 * A convolution kernel of three to five axes that is 0 but at its middle, where it is orthogonal: the layer keeps norms.
 * Xiao et al., "Dynamical isometry and a mean field theory of CNNs", 2018, section 3.3. Inputs are not more than outputs.
 */
export const deltaOrthogonal = (options: OrthogonalOptions = {}): Scheme => make("deltaOrthogonal", options);
/** The gain on the diagonal of a matrix of any two lengths, 0 elsewhere. Le, Jaitly and Hinton, 2015, for ReLU RNNs. */
export const identity = (options: IdentityOptions = {}): Scheme => make("identity", options);
/** A convolution kernel of three to five axes that hands its inputs on, as far as outputs go. PyTorch's `dirac_`. */
export const dirac = (options: DiracOptions = {}): Scheme => make("dirac", options);
/** N(0, std^2) with so many zeros in each line. Martens, "Deep learning via Hessian-free optimization", 2010. */
export const sparse = (options: SparseOptions): Scheme => make("sparse", options);
/**
 * ZerO: the identity, as far as rows and columns go, and for more outputs than inputs Hadamard's matrix, scaled: nothing is
 * random. Zhao, Schaefer and Anandkumar, "ZerO initialization: initializing neural networks with only zeros and ones",
 * 2022, algorithm 1. Rows are outputs.
 */
export const zero = (): Scheme => make("zero", {});

/** A scheme from its JSON form; the same checks as its constructor. */
export function scheme(json: unknown): Scheme {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw wrongType("scheme", 'an object such as { "scheme": "normal", "std": 0.02 }', json);
  }
  const { scheme: name, ...options } = json as { scheme?: unknown };
  return make(checkOneOf("scheme", name, Object.keys(RULES) as SchemeName[]), options as never);
}

/** What `scheme` draws for a weight of this shape. */
export const resolve = (scheme: Scheme, shape: readonly number[]): Fill => derive(scheme, shape).fill;

/** A law, and what it follows from where that is the shape: variance = scale / (the fan that `mode` names). */
export interface Derivation {
  readonly fill: Fill;
  readonly from?: { readonly fans: Fans; readonly scale: number; readonly mode: FanMode };
  /** Of a split. */
  readonly parts?: readonly { readonly scheme: Scheme; readonly shape: readonly number[] }[];
}

export function derive(scheme: Scheme, shape: readonly number[]): Derivation {
  const rule = RULES[checkOneOf("scheme", scheme?.scheme, Object.keys(RULES) as SchemeName[])];
  checkOptions("scheme", scheme, ["scheme", ...rule.keys]);
  const empty = checkShape(shape) === 0;
  if (scheme.scheme === "split") {
    checkSplit(scheme);
    return deriveSplit(scheme, shape);
  }
  let from: Derivation["from"];
  const find: FansOf = (options) => {
    const found = fans(shape, options);
    // Of an empty tensor nothing is drawn: any fan will do.
    const used = empty ? { in: Math.max(1, found.in), out: Math.max(1, found.out) } : found;
    from = { fans: used, scale: options.scale, mode: options.mode };
    return used;
  };
  const fill = rule.fill(scheme as never, find, shape);
  return from === undefined ? { fill } : { fill, from };
}

function deriveSplit({ axis, parts, of }: SplitOptions, shape: readonly number[]): Derivation {
  const derived = cutShape(shape, { axis, parts }).map((part, i) => {
    const scheme = schemesOf(of)[Array.isArray(of) ? i : 0] as Scheme;
    // A part's fill is a law: the rule has seen to it that its scheme is no split.
    return { ...part, scheme, law: derive(scheme, part.shape).fill as Law };
  });
  const [first] = derived.map(({ law }) => law);
  // Matrices differ from part to part, even of one law.
  const one = derived.every(({ law }) => !isStructured(law) && JSON.stringify(law) === JSON.stringify(first));
  if (derived.length > MOST_MATRICES && derived.some(({ law }) => isStructured(law))) {
    throw wrongValue("parts", `at most ${MOST_MATRICES} matrices`, derived.length);
  }
  return {
    fill: one ? (first as Law) : { law: "split", parts: derived.map(({ length, law }) => ({ length, law })) },
    parts: derived,
  };
}

const MOST_MATRICES = 0x20000; // each has 2^36 elements of the stream, which has 2^53

const schemesOf = (of: SplitOptions["of"]): readonly Scheme[] => (Array.isArray(of) ? of : [of as Scheme]);

function checkSplit({ axis, parts, of }: SplitOptions): void {
  checkCut({ axis, parts });
  const schemes = schemesOf(of);
  if (Array.isArray(of) && of.length !== countOf({ axis, parts })) {
    throw wrongValue("of", `as many schemes as parts (${countOf({ axis, parts })}), or one`, of.length);
  }
  for (const each of schemes) {
    if (scheme(each).scheme === "split") throw wrongValue("of", "schemes that are no split themselves", "split");
  }
}

function make<Name extends SchemeName>(name: Name, options: OptionsOf[Name]): Scheme {
  const rule: Rule<never> = RULES[name];
  checkOptions("options", options, rule.keys);
  const given = Object.entries(options ?? {}).filter(([, value]) => value !== undefined);
  const made = Object.freeze({ scheme: name, ...Object.fromEntries(given) });
  rule.fill(made as never, (placement) => {
    checkPlacement(placement);
    return { in: 1, out: 1 };
  });
  return made as unknown as Scheme;
}

type FansOf = (options: VarianceScalingOptions) => Fans;

/** The options a scheme takes, and the law it makes of them and of the fans, which it asks for if it needs them. */
interface Rule<Options> {
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
function structured<Options>(
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

const RULES: { readonly [Name in SchemeName]: Rule<OptionsOf[Name]> } = {
  split: structured(["axis", "parts", "of"], checkSplit, () => ({ law: "constant", value: 0 })), // `derive` has the laws
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
