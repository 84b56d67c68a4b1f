/** The variance of a weight, times its fan in, as the theory takes it: sigma_w^2. */
import type { Scheme } from "nn-init";
import { recommend } from "nn-init/recipes";
import { formOf } from "../code.js";
import { hasBranches, type NetworkState } from "../network.js";

const TRUNCATED = 0.7737413035; // variance of N(0, 1) cut at +-2

/** Undefined for what is not random, or has no single variance. */
export function weightVarianceOf(scheme: Scheme, fanIn: number): number | undefined {
  const form = formOf(scheme);
  if (form.kind === "scaling") return form.scale; // in the lab, fan in and fan out are equal
  switch (scheme.scheme) {
    case "normal":
      return fanIn * scheme.std * scheme.std;
    case "truncatedNormal":
      return fanIn * scheme.std * scheme.std * TRUNCATED;
    case "uniform":
      return scheme.low === -scheme.high ? (fanIn * (scheme.high - scheme.low) ** 2) / 12 : undefined;
    case "orthogonal":
      return (scheme.gain ?? 1) ** 2;
    default:
      return undefined;
  }
}

/** What the literature recommends for the network; undefined for a formula, which the lab computes a gain for. */
export function recommendedFor(state: NetworkState): Scheme | undefined {
  if (state.activation === "own") return undefined;
  return recommend({
    layer: state.network === "convolution" ? "convolution" : "dense",
    activation: state.activation,
    normalization: state.normalization,
    ...(state.activation === "leakyRelu" && { slope: state.slope }),
    ...(hasBranches(state) && { residual: true, branches: (state.network === "attention" ? 2 : 1) * state.depth }),
  }).scheme;
}
