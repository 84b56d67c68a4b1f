/**
 * The formula of every scheme except `split`, as one table. There are three kinds: a scaling, which expands to options
 * of `varianceScaling`; a distribution that does not depend on the shape; and a structure, which depends on all of it.
 */
import { checkFinite, checkNotNegative, checkOneOf, wrongType, wrongValue } from "../check.js";
import {
  normalDistribution,
  type Structured,
  truncatedDistribution,
  type Unsplit,
  uniformDistribution,
} from "../distribution.js";
import { parentStd, truncatedStd } from "../math/truncation.js";
import { checkPlacement, type Layout, PLACEMENT_CHOICES, PLACEMENT_KEYS, type Placement } from "./fans.js";
import { gainBy } from "./gain.js";
import type {
  FanMode,
  KaimingOptions,
  OptionsOf,
  TruncatedNormalOptions,
  VarianceScalingDistribution,
  VarianceScalingOptions,
  XavierOptions,
} from "./options.js";
import {
  checkDirac,
  checkGainAndLayout,
  checkSparse,
  deltaOrthogonalDistribution,
  diracDistribution,
  hadamardDistribution,
  identityDistribution,
  orthogonalDistribution,
  sparseDistribution,
} from "./structured.js";

/** The option names of a scheme, the layout that it assumes when it is given none, and its function. */
export type Formula<Options> = { readonly keys: readonly string[] } & (
  | { readonly layout: Layout | undefined; readonly expand: (options: Options) => VarianceScalingOptions }
  | { readonly distribution: (options: Options) => Unsplit }
  | {
      readonly layout?: Layout;
      readonly check: (options: Options) => void;
      readonly structure: (options: Options, shape: readonly number[]) => Structured;
    }
);

/** A formula of any scheme. */
export type AnyFormula = Formula<never>;

/** Checks a scheme's options without a shape. */
export function checkFormula(formula: AnyFormula, options: never): void {
  if ("expand" in formula) {
    const { scale, mode, distribution, ...placement } = formula.expand(options);
    checkScaling(scale, mode, distribution);
    checkPlacement(placement);
  } else if ("structure" in formula) formula.check(options);
  else formula.distribution(options);
}

const FAN_MODES: readonly FanMode[] = ["fan_in", "fan_out", "fan_avg", "fan_geo_avg"];
const DISTRIBUTIONS: readonly VarianceScalingDistribution[] = ["uniform", "normal", "truncated"];

function checkScaling(scale: unknown, mode: unknown, distribution: unknown): void {
  checkNotNegative("scale", scale);
  checkOneOf("mode", mode, FAN_MODES);
  checkOneOf("distribution", distribution, DISTRIBUTIONS);
}

/** The distribution with mean 0 and variance `scale` divided by the fan that `mode` names. */
export function scaledDistribution(
  { scale, mode, distribution }: VarianceScalingOptions,
  fans: { readonly in: number; readonly out: number },
): Unsplit {
  checkScaling(scale, mode, distribution);
  const fan = {
    fan_in: fans.in,
    fan_out: fans.out,
    fan_avg: (fans.in + fans.out) / 2,
    fan_geo_avg: Math.sqrt(fans.in * fans.out),
  }[mode];
  if (!(fan > 0 && fan < Infinity)) throw wrongValue(mode, "a finite fan above 0", fan);
  const variance = scale / fan;
  if (distribution === "uniform") return uniformDistribution(-Math.sqrt(3 * variance), Math.sqrt(3 * variance));
  if (distribution === "normal") return normalDistribution(0, Math.sqrt(variance));
  return truncatedDistribution(0, Math.sqrt(variance) / truncatedStd(-2, 2), -2, 2);
}

/** The options, with the scheme's default layout if they do not say where the fans are. */
const withLayout = (options: Placement, layout: Layout): Placement =>
  PLACEMENT_CHOICES.some((name) => options[name] !== undefined) ? options : { ...options, layout };

function scaling(
  scale: number,
  mode: FanMode,
  distribution: VarianceScalingDistribution,
  layout: Layout,
): Formula<Placement> {
  return {
    keys: PLACEMENT_KEYS,
    layout,
    expand: (options) => ({ scale, mode, distribution, ...withLayout(options, layout) }),
  };
}

function xavier(distribution: VarianceScalingDistribution): Formula<XavierOptions> {
  return {
    keys: ["gain", ...PLACEMENT_KEYS],
    layout: "oi",
    expand({ gain = 1, ...options }) {
      const factor = checkNotNegative("gain", gain);
      return { scale: factor * factor, mode: "fan_avg", distribution, ...withLayout(options, "oi") };
    },
  };
}

function kaiming(distribution: VarianceScalingDistribution): Formula<KaimingOptions> {
  return {
    keys: ["mode", "activation", "slope", "gain", ...PLACEMENT_KEYS],
    layout: "oi",
    expand(options) {
      const { mode = "fan_in", activation: _, slope: __, gain: ___, ...placement } = options;
      const factor = kaimingGain(options);
      return { scale: factor * factor, mode, distribution, ...withLayout(placement, "oi") };
    },
  };
}

function kaimingGain({ activation, slope, compat, gain: given }: KaimingOptions): number {
  if (given !== undefined) {
    if (activation === undefined && slope === undefined) return checkNotNegative("gain", given);
    throw wrongType("gain", "either a gain, or an activation and its slope", given);
  }
  const name = activation ?? "leakyRelu";
  return gainBy(name, { slope: slope ?? (name === "leakyRelu" ? 0 : undefined), compat });
}

function truncatedNormal(options: TruncatedNormalOptions): Unsplit {
  const mean = checkFinite("mean", options.mean ?? 0);
  const std = checkNotNegative("std", options.std);
  const low = checkFinite("low", options.low ?? -2);
  const high = checkFinite("high", options.high ?? 2);
  const bounds = checkOneOf("bounds", options.bounds ?? "std", ["std", "absolute"]);
  const stdOf = checkOneOf("stdOf", options.stdOf ?? "parent", ["parent", "result"]);
  if (!(low < high)) throw wrongValue("low", `less than high (${high})`, low);
  if (std === 0) return { kind: "constant", value: mean };
  if (bounds === "std") {
    return truncatedDistribution(mean, stdOf === "parent" ? std : std / truncatedStd(low, high), low, high);
  }
  if (stdOf === "result" && std > (0.9999 * (high - low)) / Math.sqrt(12)) {
    throw wrongValue("std", "at most 0.9999 (high - low) / sqrt(12)", std);
  }
  const parent = stdOf === "parent" ? std : parentStd(std, mean, low, high);
  return truncatedDistribution(mean, parent, (low - mean) / parent, (high - mean) / parent);
}

const orthogonalOptions = { keys: ["gain", "layout"], layout: "io", check: checkGainAndLayout } as const;

export const FORMULAS: { readonly [Name in Exclude<keyof OptionsOf, "split">]: Formula<OptionsOf[Name]> } = {
  orthogonal: { ...orthogonalOptions, structure: orthogonalDistribution },
  deltaOrthogonal: { ...orthogonalOptions, structure: deltaOrthogonalDistribution },
  identity: { keys: ["gain"], check: checkGainAndLayout, structure: identityDistribution },
  dirac: { keys: ["groups", "layout"], layout: "oi", check: checkDirac, structure: diracDistribution },
  sparse: { keys: ["sparsity", "std", "axis"], check: checkSparse, structure: sparseDistribution },
  hadamard: { keys: [], layout: "oi", check() {}, structure: hadamardDistribution },
  zeros: { keys: [], distribution: () => ({ kind: "constant", value: 0 }) },
  ones: { keys: [], distribution: () => ({ kind: "constant", value: 1 }) },
  constant: {
    keys: ["value"],
    distribution: ({ value }) => ({ kind: "constant", value: checkFinite("value", value) }),
  },
  uniform: { keys: ["low", "high"], distribution: ({ low, high }) => uniformDistribution(low, high) },
  normal: { keys: ["mean", "std"], distribution: ({ mean = 0, std }) => normalDistribution(mean, std) },
  truncatedNormal: { keys: ["mean", "std", "low", "high", "bounds", "stdOf"], distribution: truncatedNormal },
  varianceScaling: {
    keys: ["scale", "mode", "distribution", ...PLACEMENT_KEYS],
    layout: undefined,
    expand: (options) => options,
  },
  glorotNormal: scaling(1, "fan_avg", "truncated", "io"),
  glorotUniform: scaling(1, "fan_avg", "uniform", "io"),
  heNormal: scaling(2, "fan_in", "truncated", "io"),
  heUniform: scaling(2, "fan_in", "uniform", "io"),
  lecunNormal: scaling(1, "fan_in", "truncated", "io"),
  lecunUniform: scaling(1, "fan_in", "uniform", "io"),
  xavierNormal: xavier("normal"),
  xavierUniform: xavier("uniform"),
  kaimingNormal: kaiming("normal"),
  kaimingUniform: kaiming("uniform"),
};
