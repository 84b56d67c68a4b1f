/**
 * Our class of initializers, for one copy of TensorFlow.js. Its layers tell an initializer neither the layer nor the name of a
 * weight, so the one method that knows both, `addWeight`, is wrapped. All other initializers pass through it unchanged.
 */
import { checkOptions, clipped, show, wrongType, wrongValue } from "../check.js";
import type { Distribution } from "../distribution.js";
import { init } from "../init.js";
import { ones } from "../scheme/named.js";
import type { Scheme, UnsplitScheme } from "../scheme/options.js";
import { scheme as readScheme, resolve } from "../scheme/scheme.js";
import { checkName, checkSeed } from "../stream.js";
import type { AddWeight, FromConfig, Internals, Layer, LayerVariable } from "./internals.js";
import type { InitializerOptions, TensorFlowInitializer } from "./tensorflow.js";
import { gatesOf, hasFans, saysFans, schemeOfWeight } from "./tfjs.layer.js";
import { nearestStock, STOCK_NAMES, stockScheme } from "./tfjs.stock.js";

/** What an initializer draws. */
export interface DrawnConfig extends InitializerOptions {
  /** Without fans, if they follow from the layer. */
  readonly scheme: Scheme;
}

/** Our class for one copy of TensorFlow.js. */
export interface Adapted {
  readonly internals: Internals;
  readonly make: (drawn: DrawnConfig) => TensorFlowInitializer;
  /** What one of our initializers draws; undefined for any other. */
  readonly drawnBy: (initializer: unknown) => DrawnConfig | undefined;
  /** What replaces the initializers of TensorFlow.js itself. */
  replacing: InitializerOptions | undefined;
}

/** By the prototype of its layers, so that each copy of TensorFlow.js is adapted once. */
const adapted = new WeakMap<object, Adapted>();

export function adaptedBy(internals: Internals): Adapted {
  const known = adapted.get(internals.layer);
  if (known !== undefined) return known;
  const made = adaptNew(internals);
  adapted.set(internals.layer, made);
  return made;
}

/** The name under which the class is saved where TensorFlow.js has none that is near. */
const OWN_NAME = "NnInit";

function adaptNew(internals: Internals): Adapted {
  class NnInitializer extends internals.Initializer {
    constructor(readonly drawn: DrawnConfig) {
      super();
    }

    override getClassName(): string {
      return nearestStock(this.drawn.scheme)?.className ?? OWN_NAME;
    }

    /** Strings are changed to camel case when a model is loaded, except under the key `name`. */
    override getConfig(): object {
      const { seed, scheme } = this.drawn;
      const seedOrNull = seed === undefined ? null : Number(seed);
      return { ...nearestStock(scheme)?.config, seed: seedOrNull, name: saved(this.drawn) };
    }

    override apply(shape: number[], dtype: string = "float32"): object {
      const { scheme, seed, name } = this.drawn;
      const distribution = distributionOf(scheme, undefined, "weight", shape, dtype);
      return internals.tensor(init(shape, distribution, { seed, name }), shape, dtype);
    }
  }
  const made: Adapted = {
    internals,
    make: (drawn) => new NnInitializer(drawn),
    drawnBy: (initializer) => (initializer instanceof NnInitializer ? initializer.drawn : undefined),
    replacing: undefined,
  };
  for (const name of [...STOCK_NAMES, OWN_NAME]) registerReader(internals, name, made.make);
  wrapAddWeight(made);
  return made;
}

const MARK = "nn-init";

const saved = ({ scheme, seed, name }: DrawnConfig): string =>
  JSON.stringify({ [MARK]: 1, scheme, seed: seed?.toString(), name });

/** What an initializer that was saved draws; undefined if it was none of ours. */
function readSaved({ name: text }: Record<string, unknown>): DrawnConfig | undefined {
  if (typeof text !== "string" || !text.startsWith(`{"${MARK}":`)) return undefined;
  const { scheme, seed, name, [MARK]: version } = JSON.parse(text);
  if (version !== 1) throw wrongValue("config.name", "version 1 of what nn-init saves", version);
  const options = { seed: seed === undefined ? undefined : BigInt(seed), name };
  return { ...checkInitializerOptions(options), scheme: checkUnplaced(scheme) };
}

/** A scheme that is checked, though it may leave the fans to the layer. */
export function checkUnplaced(scheme: unknown): Scheme {
  const { scheme: name, ...options } = Object(scheme);
  if (name !== "varianceScaling" || saysFans(options)) return readScheme(scheme);
  readScheme({ ...options, scheme: name, layout: "io" });
  return { ...options, scheme: name };
}

/** A class under whose name ours are saved: what is ours comes back as ours, and all else as before. */
function registerReader({ registered }: Internals, name: string, make: Adapted["make"]): void {
  const [stock, before] = registered[name] ?? [make];
  const read: FromConfig = (made, config, ...rest) => {
    const drawn = readSaved(config);
    if (drawn !== undefined) return make(drawn);
    if (before === undefined) throw wrongType("config.name", "what nn-init saved", config.name);
    return before(made, config, ...rest);
  };
  registered[name] = [stock, read];
}

function wrapAddWeight(adapted: Adapted): void {
  const { layer: prototype, zeros } = adapted.internals;
  const original = prototype.addWeight;
  prototype.addWeight = function addWeight(this: Layer, ...values: Parameters<AddWeight>) {
    const [name, shape, dtype, initializer, ...rest] = values;
    const drawn = this.fastWeightInitDuringBuild ? undefined : drawnFor(adapted, this, name, shape, initializer);
    if (drawn === undefined) return original.apply(this, values);
    const distribution = inWeight(this, name, () =>
      distributionOf(drawn.scheme, this, name, shape, dtype ?? "float32"),
    );
    const variable = original.call(this, name, shape, dtype, zeros, ...rest); // its scopes are in its name
    const path = pathOf(variable.originalName, this.name, name);
    writeValues(adapted.internals, variable, distribution, {
      seed: drawn.seed,
      name: drawn.name === undefined ? path : `${drawn.name}/${path}`,
    });
    return variable;
  };
}

/** What a weight is drawn from, with the fans of its layer; checked to suit the type of its elements. */
function distributionOf(
  scheme: Scheme,
  layer: Layer | undefined,
  weight: string,
  shape: readonly number[],
  dtype: string,
): Distribution {
  const distribution = resolve(shape, schemeOfWeight(scheme, layer, weight, shape));
  checkElements(dtype, distribution);
  return distribution;
}

/** What we draw for a weight that a layer makes; undefined if that is left to its initializer. */
function drawnFor(
  adapted: Adapted,
  layer: Layer,
  weight: string,
  shape: readonly number[],
  initializer: TensorFlowInitializer,
): DrawnConfig | undefined {
  const forgetting = forgets(layer, weight);
  const inner = forgetting ? layer.biasInitializer : initializer;
  const drawn = adapted.drawnBy(inner) ?? replaced(adapted, layer, weight, shape, inner);
  return drawn === undefined || !forgetting ? drawn : { ...drawn, scheme: withForgetGate(drawn.scheme) };
}

/** Whether a bias starts with 1 for the forget gate; then the layer hides its initializer in another one. */
export const forgets = (layer: Layer, weight: string): boolean =>
  weight === "bias" && layer.unitForgetBias === true && gatesOf(layer, "kernel") === 4;

/** The scheme, but 1 for the second of four gates, which forgets. */
export const withForgetGate = (given: Scheme): Scheme => ({
  scheme: "split",
  axis: 0,
  parts: 4,
  of: [given, ones(), given, given] as UnsplitScheme[],
});

function replaced(
  { replacing, internals }: Adapted,
  layer: Layer,
  weight: string,
  shape: readonly number[],
  initializer: unknown,
): DrawnConfig | undefined {
  if (replacing === undefined || !(initializer instanceof internals.Initializer)) return undefined;
  const stock = stockScheme(initializer);
  if (stock === undefined || (stock.scheme.scheme === "varianceScaling" && !hasFans(layer, weight, shape)))
    return undefined;
  return { ...replacing, ...stock, seed: stock.seed ?? replacing.seed };
}

/**
 * The layer and the weight, by which a weight's values are chosen. Cells and wrapped layers have names that do not tell them
 * apart; the scopes in which their weights were made do.
 */
function pathOf(scoped: string, layer: string, weight: string): string {
  const own = `${layer}/${weight}`;
  return `/${scoped}`.endsWith(`/${own}`) || scoped === weight ? own : scoped;
}

/** Draws into a variable; whatever its backend does, the array is the tensor's own. */
export function writeValues(
  { tensor }: Internals,
  variable: LayerVariable,
  distribution: Distribution,
  options: InitializerOptions,
): void {
  const value = tensor(init(variable.shape, distribution, options), variable.shape, variable.dtype);
  try {
    variable.read().assign(value); // not write(), which applies the constraint of the layer
  } finally {
    value.dispose();
  }
}

/** @throws TypeError for a type that cannot hold what is drawn: whole numbers hold constants that are whole. */
export function checkElements(dtype: unknown, distribution: Distribution): void {
  if (dtype === "float32") return;
  if (dtype === "int32" && distribution.kind === "constant" && Number.isInteger(distribution.value)) return;
  throw wrongType("dtype", `float32${dtype === "int32" ? ", or a constant that is whole" : ""}`, dtype);
}

/** Runs what concerns a weight; an error names it. */
export function inWeight<T>(layer: Layer, weight: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const { message } = error as Error;
    const text = clipped(`${show(weight)} of layer ${show(layer.name)} (${layer.getClassName()}): ${message}`);
    throw new (error instanceof TypeError ? TypeError : RangeError)(text, { cause: error });
  }
}

/** Seed and name, checked. */
export function checkInitializerOptions(options: InitializerOptions): InitializerOptions {
  const { seed, name } = checkOptions("options", options, ["seed", "name"]) as InitializerOptions;
  if (seed !== undefined) checkSeed(seed);
  if (name !== undefined) checkName(name);
  return { seed, name };
}
