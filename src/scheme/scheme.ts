/**
 * Schemes: named ways to choose a law from a shape. A scheme is plain data, the same in code and in JSON:
 * `JSON.stringify(normal({ std: 0.02 }))` is `{"scheme":"normal","std":0.02}`.
 */
import { checkOneOf, checkOptions, wrongType, wrongValue } from "../check.js";
import { type Fill, isStructured, type Law } from "../distribution.js";
import { checkShape } from "../shape.js";
import { checkPlacement, type Fans, fans, type Layout, type Placement } from "./fans.js";
import {
  type DiracOptions,
  type FanMode,
  type FansOf,
  type IdentityOptions,
  type KaimingOptions,
  type NormalOptions,
  type OrthogonalOptions,
  RULES as OTHERS,
  type OptionsOf as OthersOf,
  type Rule,
  type SparseOptions,
  structured,
  type TruncatedNormalOptions,
  type UniformOptions,
  type VarianceScalingOptions,
  type XavierOptions,
} from "./formula.js";
import { type Cut, checkCut, countOf, cutShape } from "./split.js";

export interface SplitOptions extends Cut {
  /** What draws them, each as a tensor of its own shape: one scheme for all, or one each. */
  readonly of: Scheme | readonly Scheme[];
}

interface OptionsOf extends OthersOf {
  split: SplitOptions;
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
  return make(checkOneOf("scheme", name, SCHEME_NAMES), options as never);
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
  const rule = RULES[checkOneOf("scheme", scheme?.scheme, SCHEME_NAMES)];
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

const RULES: { readonly [Name in SchemeName]: Rule<OptionsOf[Name]> } = {
  ...OTHERS,
  split: structured(["axis", "parts", "of"], checkSplit, () => ({ law: "constant", value: 0 })), // `derive` has the laws
};

export const SCHEME_NAMES = Object.keys(RULES) as readonly SchemeName[];

/** The options that a scheme takes. */
export const optionsOf = (name: SchemeName): readonly string[] => RULES[name].keys;

/** Where the inputs are when a scheme does not say it. */
export const usualLayout = (name: SchemeName): Layout => (/^(xavier|kaiming)|^(dirac|zero)$/.test(name) ? "oi" : "io");
