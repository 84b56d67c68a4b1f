/** What `recommend` advises for a network of the lab. */

import { type Recommendation, recommend } from "../recipes/recommend.js";
import { gain } from "../scheme/gain.js";
import type { Scheme } from "../scheme/options.js";
import { kaimingNormal, varianceScaling } from "../scheme/scheme.js";
import type { Experiment } from "./options.js";

export const isSame = (a: Scheme, b: Scheme): boolean => JSON.stringify(a) === JSON.stringify(b);

/** For an activation that has no name, by its gain. */
export function recommendationFor({ spec, options }: Experiment): Recommendation {
  const { kind, depth, residual, normalization } = spec;
  const { activation = "relu", slope } = options;
  const layer = kind === "convolution" ? "convolution" : "dense";
  const branches = kind === "attention" ? 2 * depth : depth;
  const layout = kind === "convolution" ? ("io" as const) : undefined;
  if (typeof activation !== "function") {
    const stream = residual ? { residual: true, branches } : {};
    return recommend({
      layer,
      activation,
      normalization: normalization,
      ...stream,
      ...(layout && { layout }),
      ...(slope !== undefined && { slope }),
    });
  }
  const factor = gain(activation);
  const source = "He, Zhang, Ren, Sun, Delving deep into rectifiers, 2015, section 2.2";
  if (!residual) {
    const reason = "It passes 1 / gain^2 of its input's mean square on; the gain in the weights makes up for it.";
    return { scheme: kaimingNormal({ gain: factor, ...(layout && { layout }) }), reason, source };
  }
  return {
    scheme: varianceScaling({
      scale: (factor * factor) / branches,
      mode: "fan_in",
      distribution: "normal",
      layout: layout ?? "io",
    }),
    reason: `With 1 / ${branches} of the variance in each of as many branches, the stream at most grows e-fold.`,
    source: "Hanin, Rolnick, How to start training: the effect of initialization and architecture, 2018",
  };
}
