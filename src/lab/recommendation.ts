/** What `recommend` gives for a network of the lab. */
import { inStack, lastOfBranch, slopeFor } from "../recipes/recommend/stack.js";
import type { Recommendation } from "../recipes/recommend.js";
import { gain } from "../scheme/gain.js";
import { kaimingNormal, varianceScaling } from "../scheme/named.js";
import type { Scheme } from "../scheme/options.js";
import type { NetworkSpec } from "./network.js";
import type { Experiment } from "./options.js";
import type { LabRun, RecommendedRun } from "./report.js";

export const isSame = (a: Scheme, b: Scheme): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The recommended scheme for the hidden layers of a network. For an activation function without a name, its gain decides. */
export function recommendationFor({ spec, options }: Pick<Experiment, "spec" | "options">): Recommendation {
  const { kind, depth, residual, normalization } = spec;
  const { activation = "relu", slope } = options;
  const branches = kind === "attention" ? 2 * depth : depth;
  const layout = kind === "convolution" ? ("io" as const) : undefined;
  if (typeof activation !== "function") {
    // The parts of `recommend` that a network here needs. The texts for other layers are much of what a page would load.
    const context = {
      ...{ activation, gated: undefined, slope: slopeFor(activation, slope), normalization },
      layout: layout ?? ("io" as const),
    };
    return residual ? lastOfBranch(context, branches) : inStack(context);
  }
  const factor = gain(activation);
  if (!residual) {
    return {
      scheme: kaimingNormal({ gain: factor, ...(layout && { layout }) }),
      reason:
        "The activation function divides the mean square of a signal by gain^2; the gain in the weights restores it.",
      source: "He, Zhang, Ren, Sun, Delving deep into rectifiers, 2015, section 2.2",
    };
  }
  return {
    scheme: varianceScaling({
      scale: (factor * factor) / branches,
      mode: "fan_in",
      distribution: "normal",
      layout: layout ?? "io",
    }),
    reason: `Each of the ${branches} branches adds 1 / ${branches} of the signal's variance, which in all grows at most e-fold.`,
    source: "Hanin, Rolnick, How to start training: the effect of initialization and architecture, 2018",
  };
}

/**
 * The recommendation as a report has it. Where the recommended scheme is not enough for the network, the reason says so, and
 * what else to try.
 *
 * @param other the run with the recommended scheme; null if it is the scheme of `own`.
 */
export function recommendedRun(
  recommendation: Recommendation,
  other: LabRun | null,
  own: LabRun,
  { kind, normalization, residual }: NetworkSpec,
): RecommendedRun {
  const { kind: verdict } = (other ?? own).verdict;
  if (verdict === "stable") return { ...recommendation, run: other };
  const ways = [
    ...(normalization === "none" ? ["normalization"] : []),
    ...(residual || kind === "attention" ? [] : ["residual branches"]),
    "fewer or wider layers",
  ];
  const last = ways.at(-1) as string;
  const list = ways.length === 1 ? last : `${ways.slice(0, -1).join(", ")} or ${last}`;
  const rest = `With this scheme the verdict here is "${verdict}"; besides the weights, try ${list}.`;
  return { ...recommendation, reason: `${recommendation.reason} ${rest}`, run: other };
}
