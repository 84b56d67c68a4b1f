/**
 * Schemes of computed values: plain data, as other schemes are, which plans and lists of shapes can name. Here they are
 * checked and resolved for a shape.
 */
import {
  checkAboveZero,
  checkBoolean,
  checkFinite,
  checkNotNegative,
  checkOneOf,
  checkOptions,
  checkPositive,
  show,
  wrongType,
  wrongValue,
} from "../check.js";
import { pow } from "../math/functions.js";
import type { Derivation } from "../scheme/derive.js";
import type { SchemeName } from "../scheme/options.js";
import { derive, SCHEME_NAMES, scheme } from "../scheme/scheme.js";
import { axisIn, checkShape, sizeOf } from "../shape.js";
import { type Computed, isComputed, isDerived, type ModelDistribution, type Sourced } from "./computed.js";
import type {
  ArangeOptions,
  ComputedScheme,
  IcnrScheme,
  LogArangeScheme,
  LogOfUniformScheme,
  LogUniformScheme,
  ModelScheme,
  NormsScheme,
  PowersScheme,
  RelativePositionScheme,
  ScaledScheme,
  SinusoidalScheme,
} from "./options.js";

type ComputedName = ComputedScheme["scheme"];
type ComputedSchemeOf<Name extends ComputedName> = Extract<ComputedScheme, { scheme: Name }>;

interface ComputedKind<Name extends ComputedName> {
  /** Names of the options. */
  readonly keys: readonly string[];
  /** @throws TypeError, RangeError naming the option, or `shape`. */
  readonly compute: (scheme: ComputedSchemeOf<Name>, shape: readonly number[]) => ModelDistribution;
}

const ALONG = ["start", "step", "axis"];

const COMPUTED: { readonly [Name in ComputedName]: ComputedKind<Name> } = {
  sinusoidal: { keys: ["base", "order", "endpoint"], compute: sinusoidal },
  arange: { keys: ALONG, compute: (scheme, shape) => ({ kind: "arange", ...placesOf(scheme, shape) }) },
  logArange: { keys: ALONG, compute: logArange },
  powers: { keys: ["base", ...ALONG], compute: powers },
  logUniform: { keys: ["low", "high", "floor", "inverse"], compute: logUniform },
  logOfUniform: { keys: ["low", "high"], compute: logOfUniform },
  relativePosition: { keys: ["window"], compute: relativePosition },
  icnr: { keys: ["factor", "of", "layout"], compute: icnr },
  scaled: { keys: ["source", "scale", "of"], compute: scaled },
  norms: { keys: ["source", "axis", "shape", "of"], compute: norms },
};

/** The names of schemes of computed values that a rule can give; the others follow from `copy` and `norms`. */
export const COMPUTED_NAMES = Object.keys(COMPUTED).filter((name) => name !== "scaled" && name !== "norms");

const isComputedName = (name: unknown): name is ComputedName =>
  typeof name === "string" && Object.hasOwn(COMPUTED, name);

export const isComputedScheme = (scheme: ModelScheme): scheme is ComputedScheme =>
  isComputedName(Object(scheme).scheme);

/**
 * Reads a scheme of a model's tensor from its JSON form.
 *
 * @throws TypeError, RangeError naming the option. What depends on the shape is found out by `deriveModel`.
 */
export function modelScheme(json: unknown): ModelScheme {
  const name = typeof json === "string" ? json : (Object(json) as { scheme?: unknown }).scheme;
  if (!isComputedName(name)) {
    if (typeof name === "string" && !SCHEME_NAMES.includes(name as SchemeName)) {
      checkOneOf("scheme", name, [...SCHEME_NAMES, ...COMPUTED_NAMES]);
    }
    return scheme(json);
  }
  const given = typeof json === "string" ? {} : { ...(json as object) };
  checkOptions("scheme", given, ["scheme", ...COMPUTED[name].keys]);
  const options = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.freeze({ ...Object.fromEntries(options), scheme: name }) as unknown as ComputedScheme;
}

/** What a scheme gives a shape, and where a variance comes from. */
interface ModelDerivation extends Omit<Derivation, "distribution"> {
  readonly distribution: ModelDistribution;
}

/** @throws TypeError, RangeError naming the option, or `shape` if the scheme cannot have that shape. */
export function deriveModel(shape: readonly number[], given: ModelScheme): ModelDerivation {
  if (!isComputedScheme(given)) return derive(shape, given);
  checkShape(shape);
  const { keys, compute } = COMPUTED[given.scheme];
  checkOptions("scheme", given, ["scheme", ...keys]);
  return { distribution: compute(given as never, shape) };
}

/** @throws RangeError for a shape of another rank, or of an axis of length 0. */
function checkRank(shape: readonly number[], least: number, most: number, axes: string): void {
  if (shape.length < least || shape.length > most) throw wrongValue("shape", axes, shape);
  if (shape.includes(0)) throw wrongValue("shape", `${axes}, none of them of length 0`, shape);
}

const SMALLEST = 1e-300; // numbers of which the logarithm, and e to the power of it, are no subnormal numbers
const LARGEST = 1e300;
const MOST_POSITIONS = 0x100000; // 2^20: up to there sines and cosines have an error of 1e-12
const LARGEST_BASE = 1e30;

function checkBase(base: number): number {
  checkAboveZero("base", base);
  if (base > LARGEST_BASE || base < 1 / LARGEST_BASE) throw wrongValue("base", "a number from 1e-30 to 1e30", base);
  return base;
}

function sinusoidal(
  { base = 10000, order = "interleaved", endpoint = false }: SinusoidalScheme,
  shape: readonly number[],
): Computed {
  checkBase(base);
  if (base < 1) throw wrongValue("base", "a number from 1", base);
  checkOneOf("order", order, ["interleaved", "halves"]);
  checkBoolean("endpoint", endpoint);
  checkRank(shape, 2, 2, "two axes, positions and width");
  const [positions, width] = shape as readonly [number, number];
  if (positions > MOST_POSITIONS) throw wrongValue("shape[0]", `at most ${MOST_POSITIONS} positions`, positions);
  if (endpoint && (width % 2 !== 0 || width < 4)) {
    throw wrongValue("shape[1]", "an even width from 4, for endpoint", width);
  }
  const span = endpoint ? width / 2 - 1 : width / 2;
  return { kind: "sinusoidal", positions, width, base, span, interleaved: order === "interleaved" };
}

function placesOf({ start = 0, step = 1, axis = -1 }: ArangeOptions, shape: readonly number[]) {
  checkFinite("start", start);
  checkFinite("step", step);
  checkRank(shape, 1, Number.POSITIVE_INFINITY, "one axis or more");
  const at = indexOfAxis(shape, axis);
  const length = shape[at] as number;
  checkFinite("start + (length - 1) * step", start + (length - 1) * step);
  return { start, step, length, inner: sizeOf(shape.slice(at + 1)) };
}

/** @returns the index of an axis, which may count from the end. @throws RangeError for an axis that the shape does not have. */
export function indexOfAxis(shape: readonly number[], axis: number): number {
  const index = axisIn(axis, shape.length);
  if (index !== undefined) return index;
  throw wrongValue("axis", `a whole number from ${-shape.length} to ${shape.length - 1}`, axis);
}

const lastOf = ({ start, step, length }: ReturnType<typeof placesOf>): number => start + (length - 1) * step;

function logArange(given: LogArangeScheme, shape: readonly number[]): Computed {
  const places = placesOf(given, shape);
  const least = Math.min(places.start, lastOf(places));
  if (!(least > 0)) throw wrongValue("start, step", "numbers above 0, which have a logarithm", least);
  return { kind: "logArange", ...places };
}

function powers({ base, ...given }: PowersScheme, shape: readonly number[]): Computed {
  checkBase(base);
  const places = placesOf(given, shape);
  for (const exponent of [places.start, lastOf(places)]) {
    const power = pow(base, exponent);
    if (!(power >= SMALLEST && power <= LARGEST)) {
      throw wrongValue("base, start, step", `powers from ${SMALLEST} to ${LARGEST}`, `${base}^${exponent}`);
    }
  }
  return { kind: "powers", base, ...places };
}

/** @throws RangeError unless low is at most high, and both are numbers of which logarithms are taken. */
function checkInterval(low: number, high: number): void {
  checkFinite("low", low);
  if (!(checkFinite("high", high) >= SMALLEST)) throw wrongValue("high", `a number from ${SMALLEST}`, high);
  if (low > high) throw wrongValue("low", `at most high (${high})`, low);
}

function logUniform({ low, high, floor, inverse }: LogUniformScheme, _: readonly number[]): Computed {
  checkInterval(low, high);
  if (!(low >= SMALLEST)) throw wrongValue("low", `a number from ${SMALLEST}`, low);
  if (floor !== undefined) checkNotNegative("floor", floor);
  if (inverse !== undefined) checkOneOf("inverse", inverse, ["softplus"]);
  return { kind: "logUniform", low, high, floor: floor ?? 0, softplus: inverse === "softplus" };
}

function logOfUniform({ low, high }: LogOfUniformScheme, _: readonly number[]): Computed {
  checkInterval(low, high);
  if (!(low >= 0)) throw wrongValue("low", "a number from 0", low);
  if (low === high) throw wrongValue("low", `less than high (${high})`, low);
  return { kind: "logOfUniform", low, high };
}

function relativePosition({ window }: RelativePositionScheme, shape: readonly number[]): Computed {
  if (!Array.isArray(window) || window.length !== 2) throw wrongType("window", "[height, width]", window);
  const [height, width] = window.map((length, i) => checkPositive(`window[${i}]`, length)) as [number, number];
  const places = height * width;
  if (shape.length !== 2 || shape[0] !== places || shape[1] !== places) {
    throw wrongValue("shape", `[${places}, ${places}], for a window of ${height} x ${width}`, shape);
  }
  return { kind: "relativePosition", height, width };
}

function icnr({ factor, of, layout = "oi" }: IcnrScheme, shape: readonly number[]): ModelDistribution {
  checkPositive("factor", factor);
  checkOneOf("layout", layout, ["io", "oi"]);
  if (isComputedScheme(of as ModelScheme)) throw wrongValue("of", "a scheme whose values are drawn", of.scheme);
  checkRank(shape, 2, Number.POSITIVE_INFINITY, "two axes or more, of inputs and outputs");
  const axis = layout === "oi" ? 0 : shape.length - 1;
  const outputs = shape[axis] as number;
  const times = factor * factor;
  if (outputs % times !== 0) {
    throw wrongValue(`shape[${axis}]`, `a multiple of factor * factor (${times}), as the outputs of icnr`, outputs);
  }
  const smaller = shape.map((length, i) => (i === axis ? outputs / times : length));
  const { distribution } = inOf(() => derive(smaller, scheme(of)));
  const length = layout === "oi" ? sizeOf(shape.slice(1)) : outputs / times;
  return { kind: "repeated", of: distribution, length, times, elements: sizeOf(smaller) };
}

/** Puts `of` before what a scheme within a scheme throws. */
function inOf<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { message } = error as Error;
    throw new (error instanceof TypeError ? TypeError : RangeError)(`of: ${message}`, { cause: error });
  }
}

/** The distribution of another tensor. */
function sourced(of: ModelScheme, shape: readonly number[]): Sourced {
  const { distribution } = inOf(() => deriveModel(shape, modelScheme(of)));
  if (isComputed(distribution) && isDerived(distribution)) {
    throw wrongValue("of", "a scheme that is not made from another tensor itself", of.scheme);
  }
  return distribution;
}

function scaled({ source, scale, of }: ScaledScheme, shape: readonly number[]): Computed {
  return { kind: "scaled", source: checkSource(source), scale: checkFinite("scale", scale), of: sourced(of, shape) };
}

/** Whether any tensor has the name is found out where plans are made. Streams are not imported here, of which plans need none. */
function checkSource(source: unknown): string {
  if (typeof source === "string" && source !== "") return source;
  throw wrongType("source", "the name of another tensor", source);
}

const MOST_SUMMED = 0x200000000; // 2^33: half a minute of drawing, which a file's record can ask for

/** Weight normalization keeps the norms beside the direction (Salimans and Kingma 2016). */
function norms({ source, axis, shape: whole, of }: NormsScheme, shape: readonly number[]): Computed {
  if (!Array.isArray(whole)) throw wrongType("shape", "the lengths of the other tensor's axes", whole);
  const elements = checkShape(whole);
  if (elements > MOST_SUMMED) throw wrongValue("shape", `a tensor of at most ${MOST_SUMMED} elements`, whole);
  if (!Number.isInteger(axis) || axis < 0 || axis >= whole.length) {
    throw wrongValue("axis", `a whole number from 0 to ${whole.length - 1}, an axis of ${show(source)}`, axis);
  }
  const expected = whole.map((length: number, i: number) => (i === axis ? length : 1));
  if (String(shape) !== String(expected)) {
    throw wrongValue("shape", `${show(expected)}, for the norms of ${show(whole)} along axis ${axis}`, shape);
  }
  const inner = sizeOf(whole.slice(axis + 1));
  const length = whole[axis] as number;
  return { kind: "norms", source: checkSource(source), of: sourced(of, whole), elements, length, inner };
}
