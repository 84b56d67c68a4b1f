/** What a network starts from: schemes for its parameters, or values, or weights that are scaled on data. */
import { checkBoolean, checkOneOf, checkOptions, wrongType, wrongValue } from "../check.js";
import type { Distribution } from "../distribution.js";
import { fill } from "../init.js";
import type { Floats } from "../kernel/matmul.js";
import type { Experiment } from "../lab/options.js";
import { recommendationFor } from "../lab/recommendation.js";
import { gain } from "../scheme/gain.js";
import { glorotUniform, heNormal, normal, orthogonal, zeros } from "../scheme/named.js";
import type { Scheme, SchemeName } from "../scheme/options.js";
import { defaultLayout, resolve, SCHEME_NAMES, scheme as schemeOf } from "../scheme/scheme.js";
import { sizeOf } from "../shape.js";
import type { Seed } from "../stream.js";
import { STRATEGY_NAMES, type StrategyName } from "./names.js";
import { forEachValue, type Parameter, type ParameterInfo } from "./parameter.js";

/** What one parameter starts from. Values are in row-major order of its shape. Undefined stands for 0 in biases and positions, 1 in scales. */
export type ParameterStart = Scheme | SchemeName | Distribution | ArrayLike<number> | undefined;

/** A way to start a network. */
export interface Strategy {
  /** What it is called in reports. */
  readonly name: string;
  /** The scheme of all weights; or what each parameter starts from, as a function of its name, shape and role. */
  readonly start: Scheme | SchemeName | ((parameter: ParameterInfo) => ParameterStart);
  /**
   * Whether each layer's weights are then scaled until its outputs on the first batch have variance 1 (layer-sequential unit
   * variance: Mishkin, Matas, "All you need is a good init", 2016). Default false.
   */
  readonly lsuv?: boolean | undefined;
}

/** @internal A strategy as a function of the parameter. */
export interface ResolvedStrategy {
  readonly name: string;
  /** The scheme of the hidden layers' weights, where there is one. */
  readonly scheme: Scheme | undefined;
  readonly start: (parameter: ParameterInfo) => ParameterStart;
  readonly lsuv: boolean;
}

/** @internal The network, and the options that name its activation function. */
export interface StrategyContext extends Pick<Experiment, "spec" | "options"> {
  /** For a list of layers: the context of the layer that a parameter belongs to. */
  readonly contextOf?: ((parameter: string) => StrategyContext) | undefined;
}

const SMALL = 0.01;
const LARGE = 1;

/** @internal @throws TypeError, RangeError for an unknown name, or what is not a strategy. */
export function resolvedStrategy(
  given: Strategy | StrategyName | SchemeName,
  context: StrategyContext,
): ResolvedStrategy {
  if (typeof given === "string") return namedStrategy(given, context);
  if (typeof given !== "object" || given === null) throw wrongType("strategy", "a name or a strategy", given);
  checkOptions("strategy", given, ["name", "start", "lsuv"]);
  const { name, start, lsuv = false } = given;
  if (typeof name !== "string") throw wrongType("strategy.name", "a string", name);
  checkBoolean("strategy.lsuv", lsuv);
  if (typeof start === "function") return { name, scheme: undefined, start, lsuv };
  const scheme = schemeOf(start);
  return { name, scheme, start: onWeights(scheme), lsuv };
}

/** The scheme for all weights, that of the head included. */
const onWeights =
  (scheme: Scheme) =>
  ({ role }: ParameterInfo) =>
    role === "weight" || role === "head" ? scheme : undefined;

function namedStrategy(name: StrategyName | SchemeName, context: StrategyContext): ResolvedStrategy {
  const simple = (scheme: Scheme, lsuv = false) => ({ name, scheme, start: onWeights(scheme), lsuv });
  switch (name) {
    case "zero":
      return simple(zeros());
    case "small":
      return simple(normal({ std: SMALL }));
    case "large":
      return simple(normal({ std: LARGE }));
    case "xavier":
      return simple(glorotUniform());
    case "he":
      return simple(heNormal());
    case "orthogonal":
      return byLayer(context, (layer) => simple(orthogonal({ gain: gainOf(layer) })));
    case "lsuv":
      return simple(orthogonal(), true);
    case "recommended":
      return byLayer(context, recommended);
    default:
      checkOneOf("strategy", name, [...new Set([...STRATEGY_NAMES, ...SCHEME_NAMES])]);
      return simple(schemeByName(name));
  }
}

/** Resolves a strategy that depends on the layer: for a list of layers once per layer, when the layer is first asked for. */
function byLayer(context: StrategyContext, resolve: (layer: StrategyContext) => ResolvedStrategy): ResolvedStrategy {
  const { contextOf } = context;
  if (contextOf === undefined) return resolve(context);
  const known = new Map<StrategyContext, ResolvedStrategy>();
  const start = (parameter: ParameterInfo) => {
    const layer = contextOf(parameter.name);
    const strategy = known.get(layer) ?? resolve(layer);
    known.set(layer, strategy);
    return strategy.start(parameter);
  };
  return { ...resolve(context), scheme: undefined, start };
}

function schemeByName(name: SchemeName): Scheme {
  try {
    return schemeOf(name);
  } catch (error) {
    throw wrongValue("strategy", `a scheme that needs no options (${(error as Error).message})`, name);
  }
}

/** The gain of the activation function; 1 where its mean square is 0 or infinite. */
function gainOf({ spec }: StrategyContext): number {
  const value = gain(spec.activation.f);
  return value > 0 && Number.isFinite(value) ? value : 1;
}

/** What `recommend` says of hidden layers. For the first and the last layer: what it says without residual branches. */
function recommended({ spec, options }: StrategyContext): ResolvedStrategy {
  const { scheme } = recommendationFor({ spec, options });
  const { scheme: ends } = recommendationFor({ spec: { ...spec, kind: "dense", residual: false }, options });
  return {
    name: "recommended",
    scheme,
    start: ({ role, layer, name }) => {
      if (role !== "weight" && role !== "head") return undefined;
      if (spec.kind === "attention" && /(query|key|value|up)$/.test(name)) return ends;
      return layer === 0 || role === "head" ? ends : scheme;
    },
    lsuv: false,
  };
}

/** @internal Sets the values of a parameter. */
export function startParameter(parameter: Parameter, strategy: ResolvedStrategy, seed: Seed): void {
  const { name, role, shape, values } = parameter;
  const start = strategy.start({ name, role, shape, layer: parameter.layer });
  if (start === undefined) {
    if (role === "weight" || role === "head") {
      throw wrongValue(
        `strategy.start("${name}")`,
        "a scheme or values: only biases, scales and positions have a default",
        start,
      );
    }
    values.fill(role === "scale" ? 1 : 0);
    return;
  }
  if (typeof start !== "string" && (typeof start !== "object" || start === null)) {
    throw wrongType(`strategy.start("${name}")`, "a scheme or values", start);
  }
  const drawn = isValues(start) ? checkedValues(start, parameter) : draw(start, parameter, seed);
  forEachValue(parameter, (at, index) => {
    values[at] = drawn[index] as number;
  });
}

const isValues = (start: object | string): start is ArrayLike<number> =>
  typeof start === "object" && "length" in start && !("scheme" in start || "kind" in start);

function checkedValues(values: ArrayLike<number>, { name, shape }: Parameter): ArrayLike<number> {
  const length = sizeOf(shape);
  if (values.length !== length) {
    throw wrongValue(
      `strategy.start("${name}").length`,
      `${length}, for the shape [${shape.join(", ")}]`,
      values.length,
    );
  }
  for (let i = 0; i < length; ++i) {
    if (!Number.isFinite(values[i])) throw wrongValue(`strategy.start("${name}")[${i}]`, "a finite number", values[i]);
  }
  return values;
}

/** Draws in the layout that the scheme assumes, and permutes the axes so that outputs come first. */
function draw(start: Scheme | SchemeName | Distribution, { name, shape }: Parameter, seed: Seed): Floats {
  const [outputs = 1, inputs = 1, taps = 1] = shape;
  const isScheme = typeof start === "string" || "scheme" in start;
  const scheme = isScheme ? schemeOf(start) : undefined;
  const layout = scheme !== undefined && "layout" in scheme ? scheme.layout : undefined;
  const outFirst = scheme === undefined || shape.length < 2 || (layout ?? defaultLayout(scheme.scheme)) === "oi";
  const drawnShape = outFirst ? shape : shape.length === 3 ? [taps, inputs, outputs] : [inputs, outputs];
  const values = new Float32Array(outputs * inputs * taps);
  try {
    const distribution = scheme === undefined ? (start as Distribution) : resolve(drawnShape, scheme);
    fill(values, drawnShape, distribution, { seed, name });
  } catch (error) {
    const message = `strategy: expected a scheme for "${name}" of shape [${drawnShape.join(", ")}]: ${(error as Error).message}`;
    throw new RangeError(message, { cause: error });
  }
  if (outFirst) return values;
  const turned = new Float32Array(values.length);
  for (let o = 0, at = 0; o < outputs; ++o) {
    for (let i = 0; i < inputs; ++i) {
      for (let k = 0; k < taps; ++k, ++at) turned[at] = values[(k * inputs + i) * outputs + o] as number;
    }
  }
  return turned;
}
