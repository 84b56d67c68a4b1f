/**
 * Schemes: named ways to choose a distribution from a shape. A scheme is plain data, the same in code and in JSON:
 * `JSON.stringify(normal({ std: 0.02 }))` is `{"scheme":"normal","std":0.02}`.
 */
import { checkOneOf, checkOptions, wrongType } from "../check.js";
import type { Distribution } from "../distribution.js";
import { checkShape } from "../shape.js";
import { type Derivation, deriveUnsplit } from "./derive.js";
import type { Layout, Placement } from "./fans.js";
import { type AnyFormula, checkFormula, FORMULAS } from "./formula.js";
import type {
  DiracOptions,
  IdentityOptions,
  KaimingOptions,
  NormalOptions,
  OptionsOf,
  OrthogonalOptions,
  Scheme,
  SchemeName,
  SchemeOf,
  SparseOptions,
  SplitOptions,
  TruncatedNormalOptions,
  UniformOptions,
  VarianceScalingOptions,
  XavierOptions,
} from "./options.js";
import { checkSplit, deriveSplit, SPLIT_KEYS } from "./split.js";

/** All zeros: for biases, and for layers that must start as nothing. */
export const zeros = (): SchemeOf<"zeros"> => make("zeros", {});
/** All ones: for the scales of normalizations. */
export const ones = (): SchemeOf<"ones"> => make("ones", {});
/**
 * One value everywhere.
 *
 * @param value finite, also as a float of 32 bits.
 */
export const constant = (value: number): SchemeOf<"constant"> => make("constant", { value });
/** Uniform strictly between `low` and `high`: neither is ever drawn. f32 values are multiples of 2^-24 of the width. */
export const uniform = (options: UniformOptions): SchemeOf<"uniform"> => make("uniform", options);
/** Normal, N(mean, std^2). */
export const normal = (options: NormalOptions): SchemeOf<"normal"> => make("normal", options);
/** Normal, truncated strictly between `low` and `high`, by inversion: no value is rejected or clipped. */
export const truncatedNormal = (options: TruncatedNormalOptions): SchemeOf<"truncatedNormal"> =>
  make("truncatedNormal", options);

/**
 * A tensor packed of several along one axis: query, key and value, or the gates of a recurrent layer. Each part has the
 * fans of its own shape and may have a scheme of its own.
 *
 * @example
 * ```js
 * import { resolve, split, xavierUniform } from "nn-init";
 *
 * const packed = split({ axis: 0, parts: 3, of: xavierUniform() });
 * console.log(resolve([192, 64], packed).high); // 0.21650635094610965
 * ```
 */
export const split = (options: SplitOptions): SchemeOf<"split"> => make("split", options);

/**
 * The root of all schemes that depend on the fans: mean 0, variance = scale / fan.
 *
 * @example
 * ```js
 * import { resolve, varianceScaling } from "nn-init";
 *
 * const scheme = varianceScaling({ scale: 2, mode: "fan_in", distribution: "normal", layout: "io" });
 * console.log(resolve([50, 10], scheme).std); // 0.2
 * ```
 */
export const varianceScaling = (options: VarianceScalingOptions): SchemeOf<"varianceScaling"> =>
  make("varianceScaling", options);

// Keras, JAX and TensorFlow.js: layout io; the normal ones are truncated at 2 std, and their variance is exact.

/** Glorot and Bengio 2010, eq. 12: variance 2 / (fan in + fan out), truncated normal. For tanh, sigmoid, softmax. */
export const glorotNormal = (options: Placement = {}): SchemeOf<"glorotNormal"> => make("glorotNormal", options);
/** Glorot and Bengio 2010, eq. 16: U(-b, b), b = sqrt(6 / (fan in + fan out)). For tanh, sigmoid, softmax. */
export const glorotUniform = (options: Placement = {}): SchemeOf<"glorotUniform"> => make("glorotUniform", options);
/** He et al. 2015, eq. 10: variance 2 / fan in, truncated normal. For ReLU. */
export const heNormal = (options: Placement = {}): SchemeOf<"heNormal"> => make("heNormal", options);
/** He et al. 2015, eq. 10: U(-b, b), b = sqrt(6 / fan in). For ReLU. */
export const heUniform = (options: Placement = {}): SchemeOf<"heUniform"> => make("heUniform", options);
/** LeCun et al. 1998, section 4.6: variance 1 / fan in, truncated normal. For SELU. */
export const lecunNormal = (options: Placement = {}): SchemeOf<"lecunNormal"> => make("lecunNormal", options);
/** LeCun et al. 1998, section 4.6: U(-b, b), b = sqrt(3 / fan in). For SELU. */
export const lecunUniform = (options: Placement = {}): SchemeOf<"lecunUniform"> => make("lecunUniform", options);

// PyTorch: layout oi; the normal ones are not truncated.

/** Glorot and Bengio 2010, eq. 12: N(0, gain^2 2 / (fan in + fan out)). PyTorch's `xavier_normal_`. */
export const xavierNormal = (options: XavierOptions = {}): SchemeOf<"xavierNormal"> => make("xavierNormal", options);
/** Glorot and Bengio 2010, eq. 16: U(-b, b), b = gain sqrt(6 / (fan in + fan out)). PyTorch's `xavier_uniform_`. */
export const xavierUniform = (options: XavierOptions = {}): SchemeOf<"xavierUniform"> => make("xavierUniform", options);
/** He et al. 2015, eqs. 10 and 14: N(0, gain^2 / fan). PyTorch's `kaiming_normal_`. */
export const kaimingNormal = (options: KaimingOptions = {}): SchemeOf<"kaimingNormal"> =>
  make("kaimingNormal", options);
/** He et al. 2015, eqs. 10 and 14: U(-b, b), b = gain sqrt(3 / fan). PyTorch's `kaiming_uniform_`. */
export const kaimingUniform = (options: KaimingOptions = {}): SchemeOf<"kaimingUniform"> =>
  make("kaimingUniform", options);

// Whole matrices. Drawing a slice of one costs as much as drawing the matrix.

/**
 * A matrix whose rows or columns, whichever are fewer, are orthonormal, times the gain; uniformly distributed among all
 * such matrices (Haar). Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep
 * linear neural networks", 2014.
 *
 * Drawing throws RangeError for a shape of fewer than two axes or with an empty one, and for a matrix larger than memory.
 */
export const orthogonal = (options: OrthogonalOptions = {}): SchemeOf<"orthogonal"> => make("orthogonal", options);
/**
 * A convolution kernel of three to five axes that is 0 except at its centre, where it is orthogonal, so that the layer
 * keeps norms. Inputs may not outnumber outputs. Xiao et al., "Dynamical isometry and a mean field theory of CNNs", 2018,
 * section 3.3.
 */
export const deltaOrthogonal = (options: OrthogonalOptions = {}): SchemeOf<"deltaOrthogonal"> =>
  make("deltaOrthogonal", options);
/** The gain on the main diagonal of a matrix, 0 elsewhere. For ReLU RNNs: Le, Jaitly and Hinton 2015. */
export const identity = (options: IdentityOptions = {}): SchemeOf<"identity"> => make("identity", options);
/** A convolution kernel of three to five axes that passes its inputs through unchanged. PyTorch's `dirac_`. */
export const dirac = (options: DiracOptions = {}): SchemeOf<"dirac"> => make("dirac", options);
/** N(0, std^2) with a given share of zeros in each column. Martens, "Deep learning via Hessian-free optimization", 2010. */
export const sparse = (options: SparseOptions): SchemeOf<"sparse"> => make("sparse", options);
/**
 * ZerO initialization, where nothing is random: the identity, or, with more outputs (rows) than inputs (columns), the
 * first columns of Hadamard's matrix, scaled to length 1. Zhao, Schaefer and Anandkumar, "ZerO initialization:
 * initializing neural networks with only zeros and ones", 2022, algorithm 1.
 */
export const hadamard = (): SchemeOf<"hadamard"> => make("hadamard", {});

/**
 * Reads a scheme from its JSON form, with the same checks as its constructor. A name alone stands for the scheme with
 * default options.
 *
 * @param json an object such as `{ scheme: "normal", std: 0.02 }`, or a name such as `"heNormal"`.
 * @throws TypeError, RangeError naming the option.
 */
export function scheme(json: unknown): Scheme {
  if (typeof json === "string") return scheme({ scheme: json });
  if (typeof json === "function") throw wrongType("scheme", `a scheme such as heNormal(); call the function`, json);
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw wrongType("scheme", 'a scheme such as heNormal() or { "scheme": "normal", "std": 0.02 }', json);
  }
  const { scheme: name, ...options } = json as { scheme?: unknown };
  return make(checkOneOf("scheme", name, SCHEME_NAMES), options as never) as Scheme;
}

/**
 * The distribution that a scheme draws from for a weight of this shape.
 *
 * @param shape lengths of the axes.
 * @param scheme a scheme, or the name of one whose options have defaults.
 * @throws TypeError, RangeError naming the option, for a shape that the scheme cannot take.
 * @example
 * ```js
 * import { heNormal, resolve } from "nn-init";
 *
 * console.log(resolve([784, 512], heNormal()).kind); // truncated
 * ```
 */
export const resolve = (shape: readonly number[], scheme: Scheme | SchemeName): Distribution =>
  derive(shape, scheme).distribution;

export function derive(shape: readonly number[], given: Scheme | SchemeName): Derivation {
  const checked = typeof given === "object" && given !== null && "scheme" in given ? given : scheme(given);
  checkOneOf("scheme", checked.scheme, SCHEME_NAMES);
  if (checked.scheme !== "split") return deriveUnsplit(shape, checked);
  checkOptions("scheme", checked, ["scheme", ...SPLIT_KEYS]);
  checkShape(shape);
  checkSplit(checked, scheme);
  return deriveSplit(shape, checked);
}

function make<Name extends SchemeName>(name: Name, options: OptionsOf[Name]): SchemeOf<Name> {
  checkOptions("options", options, optionsOf(name));
  const given = Object.entries(options ?? {}).filter(([, value]) => value !== undefined);
  const made = Object.freeze({ scheme: name, ...Object.fromEntries(given) }) as unknown as SchemeOf<Name>;
  if (name === "split") checkSplit(made as SchemeOf<"split">, scheme);
  else checkFormula(formulaOf(name) as AnyFormula, made as never);
  return made;
}

const formulaOf = (name: SchemeName): AnyFormula | undefined => (name === "split" ? undefined : FORMULAS[name]);

export const SCHEME_NAMES = [...Object.keys(FORMULAS), "split"] as readonly SchemeName[];

/** The options that a scheme takes. */
export const optionsOf = (name: SchemeName): readonly string[] => formulaOf(name)?.keys ?? SPLIT_KEYS;

/** The layout of a scheme that names none. */
export function defaultLayout(name: SchemeName): Layout {
  const formula = formulaOf(name);
  return (formula !== undefined && "layout" in formula ? formula.layout : undefined) ?? "io";
}
