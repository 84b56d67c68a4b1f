/**
 * The initializers of `jax.nn.initializers`, for jax-js, which has none. Nothing here imports jax-js: it is given, so that its
 * arrays are those of the caller's copy.
 */
import { checkFinite, checkOneOf, checkOptions, wrongType, wrongValue } from "../check.js";
import type { DType } from "../dtype.js";
import { fill, init } from "../init.js";
import type { FanMode, Scheme, SchemeName } from "../scheme/options.js";
import { scheme as readScheme, resolve } from "../scheme/scheme.js";
import { sizeOf } from "../shape.js";
import { checkSeed, type Seed } from "../stream.js";

/** What is used of jax-js: `import * as jax from "@jax-js/jax"`, or an object with its `numpy`. */
export interface Jax<JaxArray> {
  /** Its NumPy, which makes arrays of ours. */
  readonly numpy: { array(values: Float32Array<ArrayBuffer>, options: { shape: number[] }): JaxArray };
}

/** The seed and the name of a tensor. */
export interface SeedAndName {
  /** A whole number from 0 to 2^64 - 1. */
  readonly seed: Seed;
  /** The full name of the tensor, such as "dense1.kernel". */
  readonly name: string;
}

/**
 * What selects the values of an array: a seed and a name, or a key of `jax.random`, which is read and, like every argument in
 * jax-js, used up: give `key.ref` to use it again.
 */
export type JaxKey = SeedAndName | { dataSync(): ArrayLike<number> };

/** Element types of jax-js that can be drawn. */
export type JaxDType = "float32" | "float16" | "float64";

/**
 * Makes an array.
 *
 * @param key a seed and a name, or a key of `jax.random`.
 * @param shape lengths of the axes.
 * @param dtype default "float32".
 */
export type JaxInitializer<JaxArray> = (key: JaxKey, shape: readonly number[], dtype?: JaxDType) => JaxArray;

/** Which axes are inputs and outputs, where that is not [..., in, out]. */
export interface JaxAxes {
  /** Axes of inputs. Default -2. */
  readonly inAxis?: number | readonly number[] | undefined;
  /** Axes of outputs. Default -1. */
  readonly outAxis?: number | readonly number[] | undefined;
  /** Axes of independent weights, which count for no fan. Default none. */
  readonly batchAxis?: number | readonly number[] | undefined;
}

type JaxMaker<JaxArray, Options extends unknown[]> = (...options: Options) => JaxInitializer<JaxArray>;

/**
 * The initializers of `jax.nn.initializers`: its names in camel case, its arguments in their order, its defaults and its
 * variances. `initializer` takes any scheme of nn-init.
 */
export type JaxInitializers<JaxArray> = Readonly<
  Record<"zeros" | "ones", JaxInitializer<JaxArray>> &
    Record<
      `${"glorot" | "xavier" | "lecun" | "he" | "kaiming"}${"Uniform" | "Normal"}`,
      JaxMaker<JaxArray, [axes?: JaxAxes]>
    > & {
      initializer: JaxMaker<JaxArray, [scheme: Scheme | SchemeName]>;
      constant: JaxMaker<JaxArray, [value: number]>;
      uniform: JaxMaker<JaxArray, [scale?: number]>;
      normal: JaxMaker<JaxArray, [stddev?: number]>;
      truncatedNormal: JaxMaker<JaxArray, [stddev?: number, lower?: number, upper?: number]>;
      varianceScaling: JaxMaker<
        JaxArray,
        [scale: number, mode: FanMode, distribution: "truncated_normal" | "normal" | "uniform", axes?: JaxAxes]
      >;
      orthogonal: JaxMaker<JaxArray, [scale?: number, columnAxis?: -1 | 0]>;
      deltaOrthogonal: JaxMaker<JaxArray, [scale?: number]>;
    }
>;

/**
 * The initializers of `jax.nn.initializers` for the jax-js that is given. Each makes a function of key, shape and dtype.
 *
 * @param jax `import * as jax from "@jax-js/jax"`.
 * @throws TypeError for what has no `numpy.array`. Initializers: TypeError, RangeError naming the option, the key or the shape.
 */
export function forJax<JaxArray>(jax: Jax<JaxArray>): JaxInitializers<JaxArray> {
  if (typeof jax?.numpy?.array !== "function") throw wrongType("jax", "jax-js, with numpy.array", jax);
  const initializer = (given: Scheme | SchemeName): JaxInitializer<JaxArray> => {
    const checked = readScheme(given);
    return (key, shape, dtype = "float32") => arrayOf(jax, checked, key, shape, dtype);
  };
  const scaling = (name: SchemeName) => (axes?: JaxAxes) => initializer({ scheme: name, ...placed(axes) } as Scheme);
  const [glorotUniform, glorotNormal] = [scaling("glorotUniform"), scaling("glorotNormal")];
  const [heUniform, heNormal] = [scaling("heUniform"), scaling("heNormal")];
  return {
    initializer,
    zeros: initializer("zeros"),
    ones: initializer("ones"),
    constant: (value) => initializer({ scheme: "constant", value }),
    uniform: (scale = 0.01) => initializer(between(checkFinite("scale", scale))),
    normal: (stddev = 0.01) => initializer({ scheme: "normal", std: stddev }),
    truncatedNormal: (stddev = 0.01, lower = -2, upper = 2) =>
      initializer({ scheme: "truncatedNormal", std: stddev, low: lower, high: upper }),
    varianceScaling(scale, mode, distribution, axes) {
      const kind = checkOneOf("distribution", distribution, ["truncated_normal", "normal", "uniform"]);
      const named = kind === "truncated_normal" ? "truncated" : kind;
      return initializer({ scheme: "varianceScaling", scale, mode, distribution: named, ...placed(axes) });
    },
    glorotUniform,
    glorotNormal,
    xavierUniform: glorotUniform,
    xavierNormal: glorotNormal,
    lecunUniform: scaling("lecunUniform"),
    lecunNormal: scaling("lecunNormal"),
    heUniform,
    heNormal,
    kaimingUniform: heUniform,
    kaimingNormal: heNormal,
    orthogonal(scale = 1, columnAxis = -1) {
      if (columnAxis !== -1 && columnAxis !== 0) throw wrongValue("columnAxis", "-1 or 0", columnAxis);
      return initializer({ scheme: "orthogonal", gain: scale, layout: columnAxis === 0 ? "oi" : "io" });
    },
    deltaOrthogonal: (scale = 1) => initializer({ scheme: "deltaOrthogonal", gain: scale }),
  };
}

/** Between 0 and a number of either sign. */
const between = (scale: number): Scheme => ({ scheme: "uniform", low: Math.min(0, scale), high: Math.max(0, scale) });

function placed(axes: JaxAxes | undefined) {
  const {
    inAxis = -2,
    outAxis = -1,
    batchAxis,
  } = checkOptions("axes", axes, ["inAxis", "outAxis", "batchAxis"]) as JaxAxes;
  return { axes: { in: inAxis, out: outAxis, ...(batchAxis !== undefined && { batch: batchAxis }) } };
}

const DTYPES_OF_JAX: Readonly<Record<JaxDType, DType>> = { float32: "f32", float16: "f16", float64: "f64" };

function arrayOf<JaxArray>(
  { numpy }: Jax<JaxArray>,
  scheme: Scheme,
  key: JaxKey,
  shape: readonly number[],
  given: JaxDType,
): JaxArray {
  const named = checkOneOf("dtype", given, Object.keys(DTYPES_OF_JAX) as JaxDType[]);
  const dtype = DTYPES_OF_JAX[named];
  const distribution = resolve(shape, scheme);
  const Halves = named === "float32" ? undefined : float16Array(named);
  const options = { ...selected(key), dtype };
  const values =
    named === "float16" && Halves
      ? fill(new Halves(sizeOf(shape)), shape, distribution, options)
      : init(shape, distribution, options);
  const taken = values.length === 0 ? [] : values; // jax-js takes no typed array without elements
  return numpy.array(taken as Float32Array<ArrayBuffer>, { shape: [...shape], dtype: named } as { shape: number[] });
}

/** jax-js takes half precision as a Float16Array, which not every runtime has, and asks for it before it takes doubles. */
function float16Array(dtype: JaxDType): new (length: number) => Uint16Array<ArrayBuffer> {
  const found = (globalThis as { Float16Array?: new (length: number) => Uint16Array<ArrayBuffer> }).Float16Array;
  if (found === undefined)
    throw wrongValue("dtype", "float32, since jax-js needs a Float16Array for others, which this runtime lacks", dtype);
  return found;
}

/** One name for all keys: equal keys and shapes give equal values, as in JAX. */
const NAME_OF_KEYS = "jax.random.key";

/** Seed and name of a key. The two words of a key of `jax.random` are the seed. */
function selected(key: JaxKey): SeedAndName {
  const expected = 'a seed and a name, such as { seed: 42, name: "w" }, or a key of jax.random';
  if (typeof key !== "object" || key === null) throw wrongType("key", expected, key);
  if (!("dataSync" in key)) {
    const { seed, name } = checkOptions("key", key, ["seed", "name"]) as SeedAndName;
    if (seed === undefined) throw wrongType("key.seed", "a whole number", seed);
    return { seed: checkSeed(seed), name };
  }
  const words = key.dataSync();
  if (words.length !== 2) throw wrongValue("key", "a single key, of two words", words.length);
  const [high = 0, low = 0] = Array.from(words);
  return { seed: (BigInt(high) << 32n) | BigInt(low), name: NAME_OF_KEYS };
}
