/** A constructor for each scheme, with its source and what other libraries call it. */
import type { Placement } from "./fans.js";
import type {
  DiracOptions,
  IdentityOptions,
  KaimingOptions,
  NormalOptions,
  OrthogonalOptions,
  SchemeOf,
  SparseOptions,
  SplitOptions,
  TruncatedNormalOptions,
  UniformOptions,
  VarianceScalingOptions,
  XavierOptions,
} from "./options.js";
import { make } from "./scheme.js";

/** All zeros: for biases, and for layers whose output must be zero at first. */
export const zeros = (): SchemeOf<"zeros"> => make("zeros");

/** All ones: for the scales of normalization layers. */
export const ones = (): SchemeOf<"ones"> => make("ones");

/**
 * The same value everywhere.
 *
 * @param value finite, also once rounded to f32.
 * @throws TypeError, RangeError for another value.
 */
export const constant = (value: number): SchemeOf<"constant"> => make("constant", { value });

/**
 * Uniform between `low` and `high`. Neither bound is ever drawn, whatever rounding does. An f32 value is made from 31
 * random bits and an f64 value from 53; an f16 or bf16 value is the f32 value rounded.
 *
 * @param options both bounds.
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { init, uniform } from "nn-init";
 *
 * const w = init([3], uniform({ low: -0.5, high: 0.5 }), { seed: 42, name: "w" });
 * console.log(w.join(" ")); // 0.2083607316017151 -0.40200188755989075 0.4625087380409241
 * ```
 */
export const uniform = (options: UniformOptions): SchemeOf<"uniform"> => make("uniform", options);

/**
 * Normal, N(mean, std^2), by the Box-Muller transform. The farthest f32 value is 6.66 std from the mean, the farthest
 * f64 value 8.57 std.
 *
 * @param options standard deviation, and mean (default 0).
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { init, normal } from "nn-init";
 *
 * const w = init([768, 768], normal({ std: 0.02 }), { seed: 42, name: "h.0.attn.c_proj.weight" });
 * console.log(w[0]); // 0.0008829848375171423
 * ```
 */
export const normal = (options: NormalOptions): SchemeOf<"normal"> => make("normal", options);

/**
 * Normal, truncated strictly between `low` and `high`, by default 2 std on both sides of the mean. Values are drawn by
 * inversion: none is rejected or clipped. By default `std` is the standard deviation before truncation; with
 * `stdOf: "result"` it is that of the values.
 *
 * @param options mean, std, bounds, and what they refer to.
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { explain, truncatedNormal } from "nn-init";
 *
 * const scheme = truncatedNormal({ std: 0.02, low: -0.04, high: 0.04, bounds: "absolute", stdOf: "result" });
 * console.log(explain([9], scheme).split(", ").at(-1)); // std 0.02 (0.027558 before truncation)
 * ```
 */
export const truncatedNormal = (options: TruncatedNormalOptions): SchemeOf<"truncatedNormal"> =>
  make("truncatedNormal", options);

/**
 * A tensor packed from several parts along one axis, such as query, key and value, or the gates of a recurrent layer.
 * Each part has the fans of its own shape, and can have its own scheme.
 *
 * @param options the axis, the parts, and the scheme of all parts or of each.
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { resolve, split, xavierUniform } from "nn-init";
 *
 * const packed = split({ axis: 0, parts: 3, of: xavierUniform() });
 * console.log(resolve([900, 300], packed)); // { kind: 'uniform', low: -0.1, high: 0.1 }
 * ```
 */
export const split = (options: SplitOptions): SchemeOf<"split"> => make("split", options);

/**
 * The general scheme behind all that depend on the fans: mean 0 and variance scale / fan. It has no default layout, so
 * the options must say where the fans are.
 *
 * @param options scale, mode, distribution, and the placement of the fans.
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { resolve, varianceScaling } from "nn-init";
 *
 * const scheme = varianceScaling({ scale: 2, mode: "fan_in", distribution: "normal", layout: "io" });
 * console.log(resolve([50, 10], scheme)); // { kind: 'normal', mean: 0, std: 0.2 }
 * ```
 */
export const varianceScaling = (options: VarianceScalingOptions): SchemeOf<"varianceScaling"> =>
  make("varianceScaling", options);

// The names of Keras, JAX and TensorFlow.js. Layout io; normals are truncated at 2 std, and the variance is that of the
// truncated values.

/**
 * Variance 2 / (fan in + fan out), truncated normal; for tanh, sigmoid and softmax. Glorot and Bengio, "Understanding
 * the difficulty of training deep feedforward neural networks", 2010, eq. 12. Keras, JAX and TensorFlow.js:
 * `glorot_normal`.
 *
 * @param options where the fans are; default layout "io".
 * @throws TypeError, RangeError naming the option.
 */
export const glorotNormal = (options?: Placement): SchemeOf<"glorotNormal"> => make("glorotNormal", options);

/**
 * U(-b, b) with b = sqrt(6 / (fan in + fan out)); for tanh, sigmoid and softmax. Glorot and Bengio 2010, eq. 16. Keras,
 * JAX and TensorFlow.js: `glorot_uniform`, the default of Keras' layers.
 *
 * @param options where the fans are; default layout "io".
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { glorotUniform, resolve } from "nn-init";
 *
 * console.log(resolve([300, 300], glorotUniform())); // { kind: 'uniform', low: -0.1, high: 0.1 }
 * ```
 */
export const glorotUniform = (options?: Placement): SchemeOf<"glorotUniform"> => make("glorotUniform", options);

/**
 * Variance 2 / fan in, truncated normal; for ReLU. He et al., "Delving deep into rectifiers", 2015, eq. 10. Keras and
 * JAX: `he_normal`.
 *
 * @param options where the fans are; default layout "io".
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { heNormal, resolve } from "nn-init";
 *
 * console.log(JSON.stringify(resolve([50, 10], heNormal()))); // {"kind":"truncated","mean":0,"std":0.2273694468677113,"low":-2,"high":2}
 * ```
 */
export const heNormal = (options?: Placement): SchemeOf<"heNormal"> => make("heNormal", options);

/**
 * U(-b, b) with b = sqrt(6 / fan in); for ReLU. He et al. 2015, eq. 10. Keras and JAX: `he_uniform`.
 *
 * @param options where the fans are; default layout "io".
 * @throws TypeError, RangeError naming the option.
 */
export const heUniform = (options?: Placement): SchemeOf<"heUniform"> => make("heUniform", options);

/**
 * Variance 1 / fan in, truncated normal; for SELU. LeCun et al., "Efficient backprop", 1998, section 4.6. Keras and
 * JAX: `lecun_normal`.
 *
 * @param options where the fans are; default layout "io".
 * @throws TypeError, RangeError naming the option.
 */
export const lecunNormal = (options?: Placement): SchemeOf<"lecunNormal"> => make("lecunNormal", options);

/**
 * U(-b, b) with b = sqrt(3 / fan in); for SELU. LeCun et al. 1998, section 4.6. Keras and JAX: `lecun_uniform`.
 *
 * @param options where the fans are; default layout "io".
 * @throws TypeError, RangeError naming the option.
 */
export const lecunUniform = (options?: Placement): SchemeOf<"lecunUniform"> => make("lecunUniform", options);

// The names of PyTorch. Layout oi; normals are not truncated.

/**
 * N(0, gain^2 2 / (fan in + fan out)). Glorot and Bengio 2010, eq. 12. PyTorch: `xavier_normal_`.
 *
 * @param options the gain, and where the fans are; default layout "oi".
 * @throws TypeError, RangeError naming the option.
 */
export const xavierNormal = (options?: XavierOptions): SchemeOf<"xavierNormal"> => make("xavierNormal", options);

/**
 * U(-b, b) with b = gain sqrt(6 / (fan in + fan out)). Glorot and Bengio 2010, eq. 16. PyTorch: `xavier_uniform_`.
 *
 * @param options the gain, and where the fans are; default layout "oi".
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { resolve, xavierUniform } from "nn-init";
 *
 * console.log(resolve([300, 300], xavierUniform({ gain: 2 }))); // { kind: 'uniform', low: -0.2, high: 0.2 }
 * ```
 */
export const xavierUniform = (options?: XavierOptions): SchemeOf<"xavierUniform"> => make("xavierUniform", options);

/**
 * N(0, gain^2 / fan), by default with the gain of relu and fan in. He et al. 2015, eqs. 10 and 14. PyTorch:
 * `kaiming_normal_`, whose `nonlinearity` is `activation` here, and whose `a` is `slope`.
 *
 * @param options activation, slope, mode, gain, and where the fans are; default layout "oi".
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { kaimingNormal, resolve } from "nn-init";
 *
 * console.log(resolve([512, 784], kaimingNormal({ activation: "gelu" }))); // { kind: 'normal', mean: 0, std: 0.05476894432841197 }
 * ```
 */
export const kaimingNormal = (options?: KaimingOptions): SchemeOf<"kaimingNormal"> => make("kaimingNormal", options);

/**
 * U(-b, b) with b = gain sqrt(3 / fan), by default with the gain of relu and fan in. He et al. 2015, eqs. 10 and 14.
 * PyTorch: `kaiming_uniform_`, whose `nonlinearity` is `activation` here, and whose `a` is `slope`.
 *
 * @param options activation, slope, mode, gain, and where the fans are; default layout "oi".
 * @throws TypeError, RangeError naming the option.
 */
export const kaimingUniform = (options?: KaimingOptions): SchemeOf<"kaimingUniform"> => make("kaimingUniform", options);

// Structured schemes. Drawing a slice of such a tensor can cost as much as drawing all of it.

/**
 * A matrix whose rows or columns, whichever are fewer, are orthonormal, times the gain; uniformly distributed among all
 * such matrices (Haar). A convolution's weight is orthogonal as a matrix, which does not make the layer preserve norms:
 * see `deltaOrthogonal`. Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep
 * linear neural networks", 2014.
 *
 * Drawing throws RangeError for a shape of fewer than two axes or with an axis of length 0, and for a matrix that does
 * not fit in 4 GiB of memory.
 *
 * @param options the gain, and the layout that turns the shape into a matrix.
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { init, orthogonal } from "nn-init";
 *
 * const w = init([2, 2], orthogonal(), { seed: 42, name: "w" });
 * console.log(Array.from(w, (x) => x.toFixed(4)).join(" ")); // -0.0231 0.9997 0.9997 0.0231
 * ```
 */
export const orthogonal = (options?: OrthogonalOptions): SchemeOf<"orthogonal"> => make("orthogonal", options);

/**
 * A convolution kernel of three to five axes that is 0 except at its centre, where it is an orthogonal matrix, so that
 * the layer preserves norms. It cannot have more inputs than outputs. Xiao et al., "Dynamical isometry and a mean field
 * theory of CNNs", 2018, section 3.3.
 *
 * @param options the gain, and the layout of the kernel; default "io".
 * @throws TypeError, RangeError naming the option.
 */
export const deltaOrthogonal = (options?: OrthogonalOptions): SchemeOf<"deltaOrthogonal"> =>
  make("deltaOrthogonal", options);

/**
 * A matrix with the gain on its main diagonal and 0 elsewhere, also if it is not square. For recurrent layers with
 * ReLU: Le, Jaitly and Hinton, "A simple way to initialize recurrent networks of rectified linear units", 2015.
 *
 * @param options the gain.
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { identity, init } from "nn-init";
 *
 * console.log(init([2, 3], identity()).join(" ")); // 1 0 0 0 1 0
 * ```
 */
export const identity = (options?: IdentityOptions): SchemeOf<"identity"> => make("identity", options);

/**
 * A convolution kernel of three to five axes that passes its inputs on unchanged. PyTorch: `dirac_`.
 *
 * @param options groups, and the layout of the kernel; default "oi".
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { dirac, init } from "nn-init";
 *
 * console.log(init([2, 2, 3], dirac()).join(" ")); // 0 1 0 0 0 0 0 0 0 0 1 0
 * ```
 */
export const dirac = (options?: DiracOptions): SchemeOf<"dirac"> => make("dirac", options);

/**
 * N(0, std^2), except that each column (or row) of the matrix has a given share of zeros, at random positions. Martens,
 * "Deep learning via Hessian-free optimization", 2010. PyTorch: `sparse_`.
 *
 * @param options the share of zeros, the std of the other elements (default 0.01), and the axis.
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { init, sparse } from "nn-init";
 *
 * const w = init([10, 4], sparse({ sparsity: 0.9 }), { seed: 42, name: "w" });
 * console.log(w.filter((x) => x !== 0).length); // 4
 * ```
 */
export const sparse = (options: SparseOptions): SchemeOf<"sparse"> => make("sparse", options);

/**
 * ZerO initialization, for a matrix with outputs as rows: the identity if there are at most as many rows as columns,
 * else the first columns of a Hadamard matrix, scaled to length 1. Nothing is random. Zhao, Schaefer and Anandkumar,
 * "ZerO initialization: initializing neural networks with only zeros and ones", 2022, algorithm 1.
 *
 * @example
 * ```js
 * import { hadamard, init } from "nn-init";
 *
 * console.log(init([4, 2], hadamard()).join(" ")); // 0.5 0.5 0.5 -0.5 0.5 0.5 0.5 -0.5
 * ```
 */
export const hadamard = (): SchemeOf<"hadamard"> => make("hadamard");
