/** The initializers of TensorFlow.js as schemes, and schemes as the nearest of its initializers, under which they are saved. */
import { type AnyFormula, FORMULAS } from "../scheme/formula.js";
import type { Scheme, SchemeName } from "../scheme/options.js";
import type { Seed } from "../stream.js";
import type { TensorFlowInitializer } from "./tensorflow.js";

/** An initializer as it is saved. */
export interface SavedInitializer {
  readonly className: string;
  readonly config: StockOptions;
}

type StockOptions = Readonly<Record<string, unknown>>;

/** Each class with its scheme, and its options. */
const STOCK: Readonly<Record<string, readonly [SchemeName, ...string[]]>> = {
  Zeros: ["zeros"],
  Ones: ["ones"],
  Constant: ["constant", "value"],
  Identity: ["identity", "gain"],
  Orthogonal: ["orthogonal", "gain"],
  RandomUniform: ["uniform", "minval", "maxval"],
  RandomNormal: ["normal", "mean", "stddev"],
  TruncatedNormal: ["truncatedNormal", "mean", "stddev"],
  VarianceScaling: ["varianceScaling", "scale", "mode", "distribution"],
};

/** The names of options that a scheme calls otherwise. */
const RENAMED: Readonly<Record<string, string>> = { minval: "low", maxval: "high", stddev: "std" };

const DEFAULTS: StockOptions = {
  ...{ gain: 1, minval: -0.05, maxval: 0.05, mean: 0, stddev: 0.05 },
  ...{ scale: 1, mode: "fanIn", distribution: "normal" },
};

/** Values of options, by what TensorFlow.js calls them. Its normal distributions are truncated. */
const VALUES: StockOptions = {
  fanIn: "fan_in",
  fanOut: "fan_out",
  fanAvg: "fan_avg",
  normal: "truncated",
  truncatedNormal: "truncated",
};

export const STOCK_NAMES = Object.keys(STOCK);

/** What the options of a class are called, without its seed. */
export const stockOptions = (className: string): readonly string[] => (STOCK[className] ?? []).slice(1);

/** The scheme of a class with these options, not yet checked; of `VarianceScaling`, without fans, which follow from the layer. */
export function schemeOfStock(className: string, given: StockOptions): Scheme {
  const [scheme, ...names] = STOCK[className] as (typeof STOCK)[string];
  const options = names.map((name) => {
    const value = given[name] ?? DEFAULTS[name];
    return [RENAMED[name] ?? name, VALUES[value as string] ?? value];
  });
  return { scheme, ...Object.fromEntries(options) };
}

/** The scheme of an initializer of TensorFlow.js, and its seed; undefined for a class that is not known. */
export function stockScheme(
  initializer: TensorFlowInitializer,
): { scheme: Scheme; seed: Seed | undefined } | undefined {
  const className = initializer.getClassName();
  if (!Object.hasOwn(STOCK, className)) return undefined;
  const config = initializer.getConfig() as StockOptions;
  return { scheme: schemeOfStock(className, config), seed: (config.seed ?? undefined) as Seed | undefined };
}

/** The nearest initializer that TensorFlow.js has itself; undefined if none is near. */
export function nearestStock(given: Scheme): SavedInitializer | undefined {
  const expanded = expansionOf(given);
  const near = Object.entries(STOCK).find(([, [scheme]]) => scheme === expanded.scheme);
  if (near === undefined) return undefined;
  const [className, [, ...names]] = near;
  const config = names.map((name) => {
    const value = expanded[RENAMED[name] ?? name] ?? DEFAULTS[name];
    return [name, Object.keys(VALUES).find((theirs) => VALUES[theirs] === value) ?? value];
  });
  return { className, config: Object.fromEntries(config) };
}

/** A scheme that depends on the fans, as the general one; TensorFlow.js knows no geometric mean of the fans. */
function expansionOf(given: Scheme): StockOptions {
  const formula: AnyFormula | undefined = given.scheme === "split" ? undefined : FORMULAS[given.scheme];
  if (formula === undefined || !("expand" in formula)) return { ...given };
  const scaling = formula.expand(given as never);
  return { ...scaling, scheme: "varianceScaling", mode: scaling.mode === "fan_geo_avg" ? "fan_avg" : scaling.mode };
}
